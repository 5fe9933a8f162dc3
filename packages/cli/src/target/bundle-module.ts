import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { OpcounterError, reasonOf } from "@opcounter/ir";
import type { BuildOptions, Message, Plugin } from "esbuild";
import { SHARED_MODULES, type SharedName } from "./shared-modules.ts";

/** A bundled module. */
export interface BundledModule {
  readonly code: string;
  /** The source map, whose paths are relative to the folder. */
  readonly map: string;
  readonly folder: string;
}

/** What a module exports, by the module's name in `SHARED_MODULES`. */
export type SharedExports = Readonly<Record<SharedName, object>>;

/**
 * Bundles a `.ts` or `.js` module with what it imports, for Node or for a page. Imports of
 * `@tensorflow/tfjs` and its parts get the copy that is traced. Imports of `opcounter` and its
 * packages get the running ones. So the module needs none of them installed.
 *
 * @param shared undefined for a program of its own, which has all that it imports.
 * @throws OpcounterError where the module is missing or does not compile.
 */
export async function bundleModule(
  path: string,
  shared: SharedExports | undefined,
  where: "node" | "page",
): Promise<BundledModule> {
  const { build } = await import("esbuild");
  const file = resolve(path);
  const folder = dirname(file);
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      format: "esm",
      logLevel: "silent",
      // Nothing is written: the folder is what the map's paths are relative to.
      outdir: folder,
      sourcemap: "external",
      plugins: [shared === undefined ? withoutDawn : sharing(shared), importersAreModules],
      // Libraries name pipelines by the names of classes.
      keepNames: shared === undefined,
      ...(where === "node" ? forNode(file) : { platform: "browser", target: "es2022" }),
    });
    const textOf = (ending: string) =>
      outputFiles?.find(({ path }) => path.endsWith(ending))?.text ?? "";
    return { code: textOf(".js"), map: textOf(".map"), folder };
  } catch (error) {
    if (!existsSync(file)) {
      throw new OpcounterError("file-not-found", `There is no file ${path}.`);
    }
    if (statSync(file).isDirectory()) {
      throw new OpcounterError("module-invalid", `${path} is a folder`, {
        remedy: "name a .ts or .js module in it",
      });
    }
    const sentence = describeBuildFailure(path, error);
    const isOfNode = where === "page" && /resolve "(node:|fs|path|os)/.test(sentence);
    const remedy = isOfNode ? "A browser has no modules of Node." : undefined;
    throw new OpcounterError("module-failed", sentence, { remedy });
  }
}

/** The address that stack traces name a module by which runs in Node; its lines are the bundle's. */
export function bundledUrl(path: string): string {
  return `${pathToFileURL(resolve(path)).href}?bundled`;
}

function forNode(file: string): BuildOptions {
  const url = pathToFileURL(file).href;
  return {
    platform: "node",
    target: "node20",
    // CommonJS packages in the bundle may call require().
    banner: {
      js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${JSON.stringify(url)});`,
    },
    footer: { js: `//# sourceURL=${bundledUrl(file)}` },
    // A module may read files in its own folder, also one of CommonJS.
    define: {
      __filename: JSON.stringify(file),
      __dirname: JSON.stringify(dirname(file)),
      "import.meta.url": JSON.stringify(url),
      "import.meta.filename": JSON.stringify(file),
      "import.meta.dirname": JSON.stringify(dirname(file)),
    },
  };
}

function sharing(shared: SharedExports): Plugin {
  return {
    name: "shared",
    setup({ onResolve, onLoad }) {
      for (const [name, { filter, key }] of Object.entries(SHARED_MODULES)) {
        // Sound: the names are the table's.
        const contents = exportsOf(key, shared[name as SharedName]);
        onResolve({ filter }, () => ({ path: "shared", namespace: key }));
        onLoad({ filter: /.*/, namespace: key }, () => ({ contents }));
      }
    },
  };
}

/**
 * A program that is recorded gets its GPU by `navigator.gpu`: what Dawn gives it otherwise is not
 * watched, and its native code cannot be bundled.
 */
const withoutDawn: Plugin = {
  name: "without Dawn",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^webgpu$/ }, () => ({ path: "webgpu", namespace: "dawn" }));
    onLoad({ filter: /.*/, namespace: "dawn" }, () => ({
      contents: `export const globals = {};
export function create() {
  throw new Error("only navigator.gpu is recorded, not what the package webgpu creates; use navigator.gpu");
}`,
    }));
  },
};

/**
 * `npm init` writes `"type": "commonjs"`. esbuild then takes a file that imports and exports nothing
 * for CommonJS, which cannot await what it imports. Of a file that a plugin resolves, it knows no
 * package, and goes by the code alone.
 */
const importersAreModules: Plugin = {
  name: "importers are modules",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path, ...asked }) => {
      const isOwn = asked.kind === "entry-point" || /^\.{0,2}\//.test(path);
      if (!isOwn || asked.pluginData === importersAreModules) return undefined;
      const found = await resolve(path, { ...asked, pluginData: importersAreModules });
      const isLibrary = /[\\/]node_modules[\\/]/.test(found.path);
      if (found.errors.length > 0 || found.external || isLibrary) return undefined;
      return { path: found.path, sideEffects: found.sideEffects, namespace: found.namespace };
    });
  },
};

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
  const { text, location } = first as Message;
  const where = location === null ? "" : ` (${location.file}:${location.line}:${location.column})`;
  return `${path} cannot be compiled: ${text}${where}.`;
}
