// What both `npm run opcounter` and `npm test` need before they can run: the dependencies, and the
// command line bundled. Each step is skipped when what it makes is newer than what it is made of.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const bundle = join(root, "packages/cli/dist/cli.cjs");
export const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const manifests = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"];
const sources = [
  "packages/ir/src",
  "packages/tracer/src",
  "packages/counters/src",
  "packages/cli/src",
];

/** Installs the dependencies where they are missing or the lockfile has changed since. */
export function ensureInstalled() {
  const marker = join(root, "node_modules/.modules.yaml");
  if (modified(marker) >= Math.max(...manifests.map((file) => modified(join(root, file))))) return;
  console.error(`Installing dependencies with ${packageManager} (once) …`);
  run("npx", ["-y", packageManager, "install", "--frozen-lockfile", "--reporter=append-only"]);
  utimesSync(marker, new Date(), new Date());
}

/** Bundles the command line where a source file is newer than the bundle. */
export async function ensureBundled() {
  const built = modified(bundle);
  const files = [...sources.map((folder) => join(root, folder)), join(root, "scripts/build.mjs")];
  if (built > Math.max(modified(join(root, "pnpm-lock.yaml")), ...files.map(newest))) return;
  const { buildCommandLine } = await import("./build.mjs");
  await buildCommandLine();
}

/** Runs a program with its output on stderr; ends this process where it fails. */
export function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    ...options,
  });
  if (status === 0) return;
  console.error(`${program} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}.`);
  process.exit(status ?? 1);
}

function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** The latest change of a file, or of any file below a folder. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
