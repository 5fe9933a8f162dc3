// Builds what is shipped: the command line as one file, which starts fast, and each package as an
// ES module with its type declarations. `npm run build` builds all of it.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled, program, root, run } from "./setup.mjs";

/** esbuild is imported when it is used: on a clean clone it is installed first. */
const build = async (options) => (await import("esbuild")).build(options);

/** Never bundled: `esbuild` finds its binary beside itself. */
const external = ["esbuild"];

export async function buildCommandLine() {
  await build({
    entryPoints: [join(root, "packages/cli/src/main.ts")],
    outfile: join(root, "packages/cli/dist/cli.cjs"),
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
    // The one file is CommonJS, which has no import.meta.
    define: { "import.meta.url": "__filename" },
    banner: { js: "#!/usr/bin/env node" },
  });
}

/** In the order of their dependencies. */
const packages = ["ir", "counters", "tracer", "cli"];

/** A package's sources, file by file, so that a bundler takes of them only what is imported. */
function buildPackage(name) {
  run(process.execPath, [
    program("tsc"),
    "-p",
    join(root, "packages", name, "tsconfig.build.json"),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled("everything");
  console.error("Building …");
  await buildCommandLine();
  for (const name of packages) buildPackage(name);
}
