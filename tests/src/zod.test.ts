import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { type BuildOptions, build } from "esbuild";

const folder = fileURLToPath(new URL("../../packages/ir/", import.meta.url));
const options = {
  bundle: true,
  format: "esm",
  write: false,
  metafile: true,
} satisfies BuildOptions;

/** An entry of ir as one module: a bundler can then leave out statements, not whole files. */
async function oneModule(entry: string): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [`${folder}src/${entry}`],
    packages: "external",
  });
  return outputFiles[0]?.text ?? "";
}

/** The files of zod of which something is in the bundle of a page that uses these exports. */
async function zodFor(names: string, entry: string): Promise<string[]> {
  const contents = `${await oneModule(entry)}\n`.replace(
    /export \{[\s\S]*\};/,
    `export { ${names} };`,
  );
  const { metafile } = await build({ ...options, stdin: { contents, resolveDir: folder } });
  return Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([file, { bytesInOutput }]) => /[\\/]zod[\\/]/.test(file) && bytesInOutput > 0)
    .map(([file]) => file);
}

describe("zod", () => {
  it("is in no page but one that reads graphs", async () => {
    const names = "kernelOf, GraphBuilder, analyse, liveness, bufferPlan, dispatchSummary";
    expect(
      await zodFor(
        `${names}, uses, patternGroups, advise, print, toJson, verify, runPasses`,
        "index.ts",
      ),
    ).to.deep.equal([]);
  });

  it("is where saved graphs are read, without its other languages", async () => {
    expect(await zodFor("parse", "read.ts")).to.not.deep.equal([]);
    const files = await zodFor("fromJson", "read.ts");
    expect(files.some((file) => file.includes("schemas"))).to.equal(true);
    expect(files.filter((file) => file.includes("locales"))).to.have.lengthOf(1);
    expect(files.filter((file) => file.includes("classic"))).to.deep.equal([]);
  });
});
