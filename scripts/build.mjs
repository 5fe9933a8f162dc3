// Builds what is shipped: the command line as one file, which starts fast, and each package as an
// ES module with its type declarations. `node scripts/build.mjs` builds all of it.
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./setup.mjs";

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
    conditions: ["source"],
    mainFields: ["module", "main"],
    // Names stay: tfjs labels each GPU program with its class's name.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "external",
    logLevel: "warning",
    external,
    // Core, layers, converter and the CPU kernels: `@tensorflow/tfjs` less WebGL and tf.data.
    alias: { "@tensorflow/tfjs": join(root, "packages/cli/src/tfjs.ts") },
    banner: { js: "#!/usr/bin/env node" },
  });
}
