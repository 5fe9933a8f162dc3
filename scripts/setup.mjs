// What the other scripts need before they can run: the dependencies, the command line bundled, the
// packages packed. Each step is skipped when what it makes is newer than what it is made of.
// `node scripts/setup.mjs` installs everything.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const bundle = join(root, "packages/cli/dist/cli.cjs");
export const tarballs = join(root, "tarballs");
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Says what is installed, by which lockfile; it is there only while an installation is whole. */
const marker = join(root, "node_modules/.opcounter-installed");

/**
 * Installs dependencies where they are missing, an installation was broken off, or the lockfile has
 * changed since.
 *
 * @param {"running" | "everything"} wanted what running the command line needs, or all that tests,
 *   builds and benches need. Where everything is installed, everything is kept up to date.
 */
export function ensureInstalled(wanted) {
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) {
    hash.update(readFileSync(join(root, file)));
  }
  const lockfile = hash.digest("hex");
  const [has, by] = existsSync(marker) ? readFileSync(marker, "utf8").split(" ") : [];
  if (by === lockfile && (has === wanted || has === "everything")) return;
  const what = has === "everything" ? has : wanted;
  rmSync(marker, { force: true });
  const purpose = what === "running" ? "running" : "building and testing";
  console.error(`Installing what ${purpose} needs, with ${packageManager} (once) …`);
  const filter = what === "running" ? ["--filter", "./packages/*"] : [];
  const options = ["--frozen-lockfile", "--reporter=append-only", ...filter];
  pnpm("install", ...options);
  writeFileSync(marker, `${what} ${lockfile}`);
}

/** What is bundled and packed. */
const madeOf = ["packages", "scripts/build.mjs", "scripts/notices.mjs", "pnpm-lock.yaml"];

/** Bundles the command line where a source file is newer than the bundle. */
export async function ensureBundled() {
  const changed = Math.max(...madeOf.map((path) => newest(join(root, path))));
  if (existsSync(bundle) && modified(bundle) > changed) return;
  const { buildCommandLine } = await import("./build.mjs");
  await buildCommandLine();
}

/**
 * Builds and packs the packages where a file that goes into one is newer than what was packed.
 */
export function ensurePacked() {
  const packed = existsSync(tarballs) ? readdirSync(tarballs) : [];
  const oldest = Math.min(...packed.map((name) => modified(join(tarballs, name))));
  const changed = Math.max(...madeOf.map((path) => newest(join(root, path))));
  if (packed.length > 0 && oldest > changed) return;
  run(process.execPath, [join(root, "scripts/pack.mjs")]);
}

/** Where npm packages' own programs are, for Node to run: their shell scripts differ by system. */
const programs = {
  biome: "@biomejs/biome/bin/biome",
  mocha: "mocha/bin/mocha.js",
  tsc: "typescript/bin/tsc",
};

/** The file that Node runs for an installed program. */
export function program(name) {
  return join(root, "node_modules", programs[name]);
}

/** Runs the pnpm that package.json names, which npm brings. */
export function pnpm(...args) {
  run("npx", ["-y", "--package", packageManager, "pnpm", ...args]);
}

/** Runs a program with its output on stderr; ends this process where it fails. */
export function run(program, args) {
  // On Windows npx is a script, which only a shell runs, and a folder's name may have spaces.
  const shell = program === "npx" && process.platform === "win32";
  const { status, error } = spawnSync(program, shell ? args.map((arg) => `"${arg}"`) : args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell,
  });
  if (status === 0) return;
  console.error(`${program} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}.`);
  process.exit(status ?? 1);
}

function modified(path) {
  return statSync(path).mtimeMs;
}

/** The latest change of a file, or of any file below a folder; what is built does not count. */
function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  const names = readdirSync(path).filter((name) => !["dist", "node_modules"].includes(name));
  return Math.max(...names.map((name) => newest(join(path, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled("everything");
