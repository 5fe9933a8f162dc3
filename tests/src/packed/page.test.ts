import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { build } from "esbuild";
import { openPage, type WebGpu } from "../browser/chromium.ts";
import { BUNDLERS } from "./bundlers.ts";
import { makeProject, type Project, pageSource, tfjs } from "./project.ts";

const PAGES = ["state", "two-lines", "page", "worker", "worker-page", "own-backend"];

/** 222 × 222 outputs of 8 channels, each of 27 products. */
const MACS = 222 * 222 * 8 * 27;

interface Found {
  readonly imported: { readonly globals: readonly string[] };
  readonly before: object;
  readonly after: object;
}

describe("the packed library in a page", function () {
  this.timeout(300_000);
  let project: Project;
  before(() => {
    project = makeProject(tfjs("4.22.0"));
    for (const name of PAGES) project.write(`${name}.js`, pageSource(`${name}.js`));
  });
  after(() => project.remove());

  /** What a page of the README's two lines finds, whatever bundled it. */
  function expectTwoLines(found: unknown): void {
    expect(found).to.deep.include({
      ...{ macs: MACS, params: 27 * 8 + 8, device: "virtual", values: [0], repeated: [] },
      // `predict` slices its input into batches and joins the outputs; then the function's own relu.
      scopes: ["", "conv", "", ""],
    });
    const { before, after } = found as Found;
    expect(after).to.deep.equal(before);
  }

  for (const [name, bundle] of Object.entries(BUNDLERS)) {
    describe(`bundled by ${name}, with no flags`, () => {
      const folder = () => join(project.path, "out", name);
      before(() => bundle(project.path, folder()));

      for (const webGpu of ["software", "absent"] satisfies WebGpu[]) {
        it(`counts, and leaves the page as it was, where WebGPU is ${webGpu}`, async () => {
          expectTwoLines(await openPage({ files: folder(), webGpu }));
        });
      }
    });
  }

  it("counts in a worker", async () => {
    const outdir = join(project.path, "out", "worker");
    await build({
      entryPoints: {
        script: join(project.path, "worker-page.js"),
        worker: join(project.path, "worker.js"),
      },
      ...{ outdir, bundle: true, format: "esm", splitting: true, logLevel: "silent" },
    });
    for (const webGpu of ["software", "absent"] satisfies WebGpu[]) {
      expectTwoLines(await openPage({ files: outdir, webGpu }));
    }
  });

  it("traces on the page's own backend, which it neither copies nor changes", async () => {
    const outdir = join(project.path, "out", "own-backend");
    await build({
      entryPoints: { script: join(project.path, "own-backend.js") },
      ...{ outdir, bundle: true, format: "esm", splitting: true, logLevel: "silent" },
    });
    const found = await openPage({ files: outdir });
    expect(found).to.deep.include({
      ...{
        devices: ["software", "virtual"],
        kernels: ["Relu"],
        macs: 40 ** 3,
        values: [40, 40],
        repeated: [],
      },
    });
    const { before, after } = found as Found;
    expect(after).to.deep.equal(before);
  });

  describe("is small:", () => {
    /** What a page that calls `profile` holds, tfjs apart, in one file or in chunks. */
    async function bundled(splitting: boolean) {
      project.write("only.js", 'export { profile } from "opcounter";\n');
      const { metafile, outputFiles } = await build({
        entryPoints: [join(project.path, "only.js")],
        ...{ bundle: true, minify: true, format: "esm", splitting, write: false, metafile: true },
        ...{ external: ["@tensorflow/*"], outdir: join(project.path, "out", "only") },
      });
      return { inputs: Object.keys(metafile.inputs), outputs: metafile.outputs, outputFiles };
    }

    it("60 kB gzipped at most, all in one file", async () => {
      const { outputFiles } = await bundled(false);
      const [file] = outputFiles;
      expect(gzipSync(file?.contents ?? "").length).to.be.within(20_000, 60_000);
    });

    it("a page that runs no passes loads no zod, and no page loads Node's modules", async () => {
      const { inputs, outputs } = await bundled(true);
      const entry = Object.values(outputs).find(({ entryPoint }) => entryPoint !== undefined);
      const loaded = [entry];
      for (const output of loaded) {
        for (const { path, kind } of output?.imports ?? []) {
          if (kind === "import-statement" && outputs[path]) loaded.push(outputs[path]);
        }
      }
      const files = loaded.flatMap((output) => Object.keys(output?.inputs ?? {}));
      expect(files.length).to.be.greaterThan(50);
      expect(files.filter((path) => path.includes("node_modules/zod/"))).to.deep.equal([]);
      const sources = inputs.filter((path) => path.includes("/@opcounter/"));
      const ofNode = sources.filter((path) =>
        /["']node:/.test(readFileSync(join(process.cwd(), path), "utf8")),
      );
      expect(ofNode).to.deep.equal([]);
    });
  });
});
