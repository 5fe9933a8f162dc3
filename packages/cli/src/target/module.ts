import { pathToFileURL } from "node:url";
import { UserError } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";

/** Where a bundled module finds the TensorFlow.js that the command line carries. */
const SHARED_TFJS = Symbol.for("opcounter.tfjs");

/**
 * Runs a `.ts` or `.js` module and returns its exports. esbuild bundles it on the fly, with what
 * it imports; imports of `@tensorflow/tfjs` and its parts get the copy that is being traced, so
 * that a module needs no TensorFlow.js installed.
 *
 * @throws UserError where the module is missing, does not compile, or throws while it loads.
 */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const { mkdtemp, rm, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const code = await bundle(path);
  const folder = await mkdtemp(join(tmpdir(), "opcounter-"));
  const file = join(folder, "module.mjs");
  Reflect.set(globalThis, SHARED_TFJS, tf);
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

async function bundle(path: string): Promise<string> {
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
          name: "shared-tfjs",
          setup({ onResolve, onLoad }) {
            onResolve({ filter: /^@tensorflow\/tfjs(-core|-layers|-converter)?$/ }, () => ({
              path: "tfjs",
              namespace: "shared-tfjs",
            }));
            onLoad({ filter: /.*/, namespace: "shared-tfjs" }, () => ({ contents: sharedTfjs() }));
          },
        },
      ],
    });
    return outputFiles[0]?.text ?? "";
  } catch (error) {
    throw new UserError(describeBuildFailure(path, error));
  }
}

/** A module that exports all that the carried TensorFlow.js does, by name. */
function sharedTfjs(): string {
  const names = Object.keys(tf).filter((name) => name !== "default");
  return `const tf = globalThis[Symbol.for("opcounter.tfjs")];
export default tf;
export const { ${names.join(", ")} } = tf;`;
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
