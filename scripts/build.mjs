// Builds what is shipped: the command line as one file, which starts fast, and each package as an
// ES module with its type declarations. `npm run build` builds all of it.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled, program, root, run } from "./setup.mjs";

/** esbuild is imported when it is used: on a clean clone it is installed first. */
const build = async (options) => (await import("esbuild")).build(options);

/** Never bundled: `webgpu` is a native module, `esbuild` finds its binary beside itself. */
const external = ["webgpu", "esbuild"];

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
    // Core, layers, converter and the CPU kernels: `@tensorflow/tfjs` less WebGL and tf.data.
    alias: { "@tensorflow/tfjs": join(root, "packages/cli/src/tfjs.ts") },
    banner: { js: "#!/usr/bin/env node" },
  });
}

/** In the order of their dependencies. */
const packages = ["ir", "counters", "tracer", "cli"];

/** A package's own sources in one file; what it depends on stays an import. */
async function buildPackage(name) {
  const folder = join(root, "packages", name);
  await build({
    entryPoints: [join(folder, "src/index.ts")],
    outfile: join(folder, "dist/index.js"),
    bundle: true,
    packages: "external",
    platform: "neutral",
    format: "esm",
    target: "es2022",
    sourcemap: true,
    logLevel: "warning",
    external: ["node:*"],
  });
  const types = ["-p", join(folder, "tsconfig.build.json"), "--outDir", join(folder, "dist")];
  run(process.execPath, [program("tsc"), ...types]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled("everything");
  console.error("Building …");
  await buildCommandLine();
  for (const name of packages) await buildPackage(name);
}
