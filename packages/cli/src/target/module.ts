import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import * as counters from "@opcounter/counters";
import * as ir from "@opcounter/ir";
import { OpcounterError, reasonOf } from "@opcounter/ir";
import * as tracer from "@opcounter/tracer";
import * as api from "../index.ts";
import { interruptibleUntilDone } from "../stop.ts";
import * as tf from "../tfjs.ts";
import { rememberMap } from "./source-maps.ts";

/** A module of the command line that the user's module gets when it imports it. */
interface Shared {
  /** The names it is imported by. */
  readonly filter: RegExp;
  /** The key of the global symbol under which the user's module finds it. */
  readonly key: string;
  readonly module: object;
}

type ModuleTfjs = typeof tf & { readonly data: typeof import("@tensorflow/tfjs-data") };

let allOfTfjs: ModuleTfjs | undefined;

/** The TensorFlow.js that modules get: the command line's own, and `tf.data`. */
export async function tfjsForModules(): Promise<ModuleTfjs> {
  allOfTfjs ??= { ...tf, data: await import("@tensorflow/tfjs-data") };
  return allOfTfjs;
}

async function sharedModules(): Promise<readonly Shared[]> {
  const tfjs = await tfjsForModules();
  return [
    {
      filter: /^@tensorflow\/tfjs(-core|-layers|-converter)?$/,
      key: "opcounter.tfjs",
      module: tfjs,
    },
    { filter: /^@tensorflow\/tfjs-data$/, key: "opcounter.tfjs-data", module: tfjs.data },
    { filter: /^opcounter$/, key: "opcounter.api", module: api },
    { filter: /^@opcounter\/ir$/, key: "opcounter.ir", module: ir },
    { filter: /^@opcounter\/counters$/, key: "opcounter.counters", module: counters },
    { filter: /^@opcounter\/tracer$/, key: "opcounter.tracer", module: tracer },
  ];
}

/** The paths of the modules that have run, as the user gave them: a later error may be theirs. */
export const loadedModules: string[] = [];

/**
 * Runs a `.ts` or `.js` module and returns its exports. esbuild bundles it with what it imports.
 * Imports of `@tensorflow/tfjs` and its parts get the copy that is traced. Imports of `opcounter`
 * and its packages get the running ones. So the module needs none of them installed.
 *
 * @throws OpcounterError where the module is missing, does not compile, or throws while it loads.
 */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const shared = await sharedModules();
  const code = Buffer.from(await bundle(path, shared)).toString("base64");
  for (const { key, module } of shared) Reflect.set(globalThis, Symbol.for(key), module);
  loadedModules.push(path);
  try {
    // A data URL: no file is written, so none is left, even if the module ends the process.
    const load = async () => await import(`data:text/javascript;base64,${code}`);
    return await interruptibleUntilDone(load);
  } catch (error) {
    throw new OpcounterError(
      "module-failed",
      `${path} failed while it was loaded: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

async function bundle(path: string, shared: readonly Shared[]): Promise<string> {
  const { dirname, resolve } = await import("node:path");
  const { build } = await import("esbuild");
  const file = resolve(path);
  const url = pathToFileURL(file).href;
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "silent",
      // Nothing is written: the folder is what the map's paths are relative to.
      outdir: dirname(file),
      sourcemap: "external",
      // CommonJS packages in the bundle may call require().
      banner: {
        js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${JSON.stringify(url)});`,
      },
      // The name in stack traces; the lines are those of the bundle.
      footer: { js: `//# sourceURL=${url}?bundled` },
      // A module may read files in its own folder.
      define: {
        "import.meta.url": JSON.stringify(url),
        "import.meta.filename": JSON.stringify(file),
        "import.meta.dirname": JSON.stringify(dirname(file)),
      },
      plugins: [
        {
          name: "shared",
          setup({ onResolve, onLoad }) {
            for (const { filter, key, module } of shared) {
              onResolve({ filter }, () => ({ path: "shared", namespace: key }));
              onLoad({ filter: /.*/, namespace: key }, () => ({
                contents: exportsOf(key, module),
              }));
            }
          },
        },
      ],
    });
    const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text;
    rememberMap(`${url}?bundled`, textOf(".map") ?? "", dirname(file));
    return textOf(".js") ?? "";
  } catch (error) {
    if (!existsSync(file)) {
      throw new OpcounterError("file-not-found", `There is no file ${path}.`);
    }
    throw new OpcounterError("module-failed", describeBuildFailure(path, error));
  }
}

/** The code of a module that has the exports of a shared one. */
function exportsOf(key: string, module: object): string {
  const names = Object.keys(module).filter((name) => name !== "default");
  return `const shared = globalThis[Symbol.for(${JSON.stringify(key)})];
export default shared;
export const { ${names.join(", ")} } = shared;`;
}

/** The first error of esbuild, with its place, in one sentence. */
function describeBuildFailure(path: string, error: unknown): string {
  const errors: unknown = error instanceof Error && "errors" in error ? error.errors : undefined;
  const [first] = Array.isArray(errors) ? errors : [];
  if (first === undefined) {
    return `${path} cannot be compiled: ${reasonOf(error)}`;
  }
  const { text, location } = first as import("esbuild").Message;
  const where = location === null ? "" : ` (${location.file}:${location.line}:${location.column})`;
  return `${path} cannot be compiled: ${text}${where}.`;
}
