import { join } from "node:path";
import commonjs from "@rollup/plugin-commonjs";
import nodeResolve from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";

/** Bundles a project's `page.js` for a browser into `folder`, whose `script.js` is the entry. */
export type Bundle = (project: string, folder: string) => Promise<void>;

/** Each bundler as it comes: no option that is there for opcounter. */
export const BUNDLERS = {
  async esbuild(project, folder) {
    await esbuild({
      ...{ entryPoints: { script: join(project, "page.js") }, outdir: folder },
      ...{ bundle: true, minify: true, format: "esm", splitting: true, logLevel: "silent" },
    });
  },

  async vite(project, folder) {
    await vite({
      ...{ root: project, configFile: false, logLevel: "error" },
      build: {
        ...{ outDir: folder, target: "esnext" },
        rollupOptions: {
          input: join(project, "page.js"),
          output: { entryFileNames: "script.js" },
        },
      },
    });
  },

  async rollup(project, folder) {
    const bundle = await rollup({
      input: join(project, "page.js"),
      plugins: [nodeResolve(), commonjs()],
      onwarn: () => undefined,
    });
    await bundle.write({ dir: folder, format: "es", entryFileNames: "script.js" });
    await bundle.close();
  },

  async webpack(project, folder) {
    const compiler = webpack({
      ...{ context: project, mode: "production", entry: { script: "./page.js" } },
      output: { path: folder, filename: "[name].js", publicPath: "auto" },
      performance: false,
    });
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      compiler?.run((error, stats) => (error ? reject(error) : resolve(stats)));
    });
    if (stats?.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
  },
} satisfies Readonly<Record<string, Bundle>>;
