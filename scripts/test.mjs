// `npm test`: sets up what is missing, then lints, checks types and runs every test. With arguments
// it only runs mocha: `npm test -- packages/ir/src/graph.test.ts`, `npm test -- --grep liveness`.
// `UPDATE_GOLDEN=1 npm test` rewrites golden files.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ensureInstalled, ensurePacked, program, root } from "./setup.mjs";

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

/**
 * Files are handed out in this order: the tests of the sources, those that take long first, so that
 * no process is left alone with one; then the tests of the packed packages, which take longest.
 */
const specs = [
  "tests/src/*.test.ts",
  "tests/src/!(packed)/**/*.test.ts",
  "packages/*/{src,testing,proof}/**/*.test.ts",
  "tests/src/packed/**/*.test.ts",
];
const args = process.argv.slice(2);
const namesFiles = args.some((arg) => arg.endsWith(".test.ts") || existsSync(join(root, arg)));
if (!namesFiles || args.some((arg) => arg.includes("packed"))) ensurePacked();
const parallel = ["--parallel", "--jobs", String(availableParallelism())];
const tests = ["tests", "mocha", [...parallel, ...args, ...(namesFiles ? [] : specs)]];

let failed = false;
for (const [name, tool, options] of args.length > 0 ? [tests] : [...checks, tests]) {
  const command = [program(tool), ...options];
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  if (status === 0) continue;
  failed = true;
  console.error(`npm test: ${name} failed.`);
}
process.exitCode = failed ? 1 : 0;
