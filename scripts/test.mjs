// `npm test`: sets up what is missing, then lints, checks types and runs every test. With arguments
// it only runs mocha: `npm test -- packages/ir/src/graph.test.ts`, `npm test -- --grep liveness`;
// `npm run test:sources` runs all that need no browser, bundler or packed package.
// `UPDATE_GOLDEN=1 npm test` rewrites golden files.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ensureInstalled, ensurePacked, program, root } from "./setup.mjs";
import { others, sources } from "./test-parts.cjs";

ensureInstalled("everything");

const projects = [
  "packages/ir",
  "packages/counters",
  "packages/tracer",
  "packages/executed",
  "packages/recorder",
  "packages/report",
  "packages/cli",
  "tests",
  "examples",
  "bench",
  "demo",
];
const checks = [
  ["lint and format", "biome", ["check", "--error-on-warnings", "."]],
  ...projects.map((project) => [`types of ${project}`, "tsc", ["-p", project]]),
];

const args = process.argv.slice(2).flatMap((arg) => (arg === "--sources" ? sources : [arg]));
// Mocha takes no notice of a path that is none where all files are named beside it, and runs all.
const wrong = args.find(
  (arg, i) =>
    arg.includes("/") &&
    !arg.endsWith(".test.ts") &&
    !arg.startsWith("-") &&
    !args[i - 1]?.startsWith("-") &&
    !existsSync(join(root, arg)),
);
if (wrong !== undefined) {
  console.error(`npm test: there is no file or folder ${wrong}.`);
  process.exit(1);
}
const namesFiles = args.some((arg) => arg.endsWith(".test.ts") || existsSync(join(root, arg)));
if (!namesFiles || args.some((arg) => /src.packed/.test(arg))) ensurePacked();
const files = namesFiles ? [] : [...sources, ...others];
const parallel = ["--parallel", "--jobs", String(availableParallelism())];
const tests = ["tests", "mocha", [...parallel, ...args, ...files]];

let failed = false;
for (const [name, tool, options] of args.length > 0 ? [tests] : [...checks, tests]) {
  const command = [program(tool), ...options];
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  if (status === 0) continue;
  failed = true;
  console.error(`npm test: ${name} failed.`);
}
process.exitCode = failed ? 1 : 0;
