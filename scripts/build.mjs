// Builds what is shipped: the command line as one file, which starts fast, and each package as an
// ES module with its type declarations. `npm run build` builds all of it.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, ensureInstalled, program, root, run } from "./setup.mjs";

/** esbuild is imported when it is used: on a clean clone it is installed first. */
const build = async (options) => (await import("esbuild")).build(options);

/** Never bundled: `esbuild` finds its binary beside itself. */
const external = ["esbuild"];

/** What both files of the command line are built with. */
const options = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  conditions: ["opcounter-source"],
  mainFields: ["module", "main"],
  // Names stay: tfjs labels each GPU program with its class's name.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "external",
  logLevel: "warning",
  external,
};

/** The files are CommonJS, which has no import.meta. */
const define = { "import.meta.url": "__filename" };

/** The bundle, and the small file that runs it with the code that V8 has compiled before. */
export async function buildCommandLine() {
  const file = join(root, "packages/cli/dist/cli.main.cjs");
  await build({
    ...options,
    entryPoints: [join(root, "packages/cli/src/main.ts")],
    outfile: file,
    define,
  });
  // Code that V8 compiled earlier has no way to import: the launcher imports for it.
  writeFileSync(
    file,
    readFileSync(file, "latin1").replaceAll("await import(", "await importModule("),
  );
  const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
  await build({
    ...options,
    entryPoints: [join(root, "packages/cli/src/launch/launch.ts")],
    outfile: bundle,
    define: { ...define, BUNDLE_HASH: JSON.stringify(hash) },
    banner: { js: "#!/usr/bin/env node" },
  });
}

/** In the order of their dependencies. */
const packages = ["ir", "counters", "tracer", "cli"];

/** A package's sources, file by file, so that a bundler takes of them only what is imported. */
function buildPackage(name) {
  const folder = join(root, "packages", name);
  // What a source that is gone left there would be published. The command line's bundle stays.
  for (const file of existsSync(join(folder, "dist")) ? readdirSync(join(folder, "dist")) : []) {
    if (!file.startsWith("cli.")) rmSync(join(folder, "dist", file), { recursive: true });
  }
  run(process.execPath, [program("tsc"), "-p", join(folder, "tsconfig.build.json")]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled("everything");
  console.error("Building …");
  await buildCommandLine();
  for (const name of packages) buildPackage(name);
}
