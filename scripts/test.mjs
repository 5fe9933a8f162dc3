// `npm test`: sets up what is missing, then lints, checks types and runs every test. Arguments are
// passed to mocha: `npm test -- --grep liveness`. `UPDATE_GOLDEN=1 npm test` rewrites golden files.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureBundled, ensureInstalled, root } from "./setup.mjs";

ensureInstalled("everything");
await ensureBundled();

const projects = [
  "packages/ir",
  "packages/counters",
  "packages/tracer",
  "packages/cli",
  "tests",
  "examples",
];
const bin = (name) => join(root, "node_modules/.bin", name);
const checks = [
  ["lint and format", bin("biome"), ["check", "--error-on-warnings", "."]],
  ...projects.map((project) => [`types of ${project}`, bin("tsc"), ["-p", project]]),
  ["tests", bin("mocha"), process.argv.slice(2)],
];

let failed = false;
for (const [name, program, args] of checks) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (status === 0) continue;
  failed = true;
  console.error(`npm test: ${name} failed.`);
}
process.exitCode = failed ? 1 : 0;
