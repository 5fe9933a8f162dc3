// What `typescript.mjs` registers. Node runs it in a thread of its own.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const SOURCE = /\.(tsx?)(?:\?.*)?$/;

/** Node's hook that loads a module: esbuild takes the types off one in TypeScript. */
export async function load(url, context, nextLoad) {
  const [, loader] = SOURCE.exec(url) ?? [];
  if (loader === undefined || !url.startsWith("file:")) return nextLoad(url, context);
  const path = fileURLToPath(url);
  const { code } = await transform(await readFile(path, "utf8"), {
    loader,
    target: "node20",
    jsx: "automatic",
    jsxImportSource: "preact",
    sourcefile: path,
    sourcemap: "inline",
    sourcesContent: false,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return { format: "module", source: code, shortCircuit: true };
}
