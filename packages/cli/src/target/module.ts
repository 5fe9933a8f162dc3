import { pathToFileURL } from "node:url";
import { UserError } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import * as api from "../index.ts";

/** A module that a bundled module shares with the command line, which carries it. */
interface Shared {
  /** The names it is imported by. */
  readonly filter: RegExp;
  /** Where the bundled module finds it, as a symbol's key. */
  readonly key: string;
  readonly module: object;
}

let allOfTfjs: typeof tf | undefined;

/** TensorFlow.js as modules get it: what the command line itself uses, and `tf.data`. */
export async function tfjsForModules(): Promise<typeof tf> {
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
  ];
}

/**
 * Runs a `.ts` or `.js` module and returns its exports. esbuild bundles it on the fly, with what
 * it imports; imports of `@tensorflow/tfjs` and its parts get the copy that is being traced, and
 * `opcounter` is the one that runs, so that a module needs neither installed.
 *
 * @throws UserError where the module is missing, does not compile, or throws while it loads.
 */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const { mkdtemp, rm, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const shared = await sharedModules();
  const code = await bundle(path, shared);
  const folder = await mkdtemp(join(tmpdir(), "opcounter-"));
  const file = join(folder, "module.mjs");
  for (const { key, module } of shared) Reflect.set(globalThis, Symbol.for(key), module);
  try {
    await writeFile(file, code);
    return await import(pathToFileURL(file).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${path} failed while it was loaded: ${reason}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(path: string, shared: readonly Shared[]): Promise<string> {
  const { resolve } = await import("node:path");
  const { build } = await import("esbuild");
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "silent",
      // CommonJS packages in the bundle may call require().
      banner: {
        js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${JSON.stringify(pathToFileURL(resolve(path)).href)});`,
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
    return outputFiles[0]?.text ?? "";
  } catch (error) {
    throw new UserError(describeBuildFailure(path, error));
  }
}

/** A module that exports all that a shared one does, by name. */
function exportsOf(key: string, module: object): string {
  const names = Object.keys(module).filter((name) => name !== "default");
  return `const shared = globalThis[Symbol.for(${JSON.stringify(key)})];
export default shared;
export const { ${names.join(", ")} } = shared;`;
}

/** esbuild's first error with its place, in one sentence. */
function describeBuildFailure(path: string, error: unknown): string {
  const errors: unknown = error instanceof Error && "errors" in error ? error.errors : undefined;
  const [first] = Array.isArray(errors) ? errors : [];
  if (first === undefined) {
    return `${path} cannot be compiled: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { text, location } = first as import("esbuild").Message;
  const where = location === null ? "" : ` (${location.file}:${location.line}:${location.column})`;
  return `${path} cannot be compiled: ${text}${where}.`;
}
