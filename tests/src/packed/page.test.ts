import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import nodeResolve from "@rollup/plugin-node-resolve";
import { expect } from "chai";
import { build, transform } from "esbuild";
import { rollup } from "rollup";
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

describe("the packed library in a page @linux", function () {
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

  describe("is small, tfjs apart:", () => {
    const external = /^@tensorflow\//;
    before(() => project.write("only.js", 'export { profile } from "opcounter";\n'));

    it("a page that calls profile loads 60 kB gzipped at most, and no validator", async () => {
      const bundle = await rollup({
        input: join(project.path, "only.js"),
        plugins: [nodeResolve()],
        external,
        onwarn: () => undefined,
      });
      const { output } = await bundle.generate({ format: "es" });
      await bundle.close();
      const chunks = new Map(
        output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])),
      );
      const loaded = new Set(output.slice(0, 1).map(({ fileName }) => fileName));
      for (const name of loaded) {
        for (const imported of chunks.get(name)?.imports ?? []) {
          if (chunks.has(imported)) loaded.add(imported);
        }
      }
      let bytes = 0;
      for (const name of loaded) {
        const { code = "", moduleIds = [] } = chunks.get(name) ?? {};
        bytes += gzipSync((await transform(code, { minify: true })).code).length;
        expect(moduleIds.filter((id) => id.includes("node_modules/zod/"))).to.deep.equal([]);
      }
      expect(bytes).to.be.within(20_000, 60_000);
    });

    it("with passes and all conventions in the same file, as esbuild makes it, it holds 100 kB, and no zod", async () => {
      const { metafile, outputFiles } = await build({
        entryPoints: [join(project.path, "only.js")],
        ...{ bundle: true, minify: true, format: "esm", write: false, metafile: true },
        external: ["@tensorflow/*"],
      });
      expect(gzipSync(outputFiles[0]?.contents ?? "").length).to.be.within(20_000, 100_000);
      const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) =>
        Object.entries(inputs),
      );
      const held = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
      expect(held.length).to.be.greaterThan(50);
      expect(held.filter(([path]) => path.includes("node_modules/zod/"))).to.deep.equal([]);
    });

    it("no file that a bundler can reach imports a module of Node", async () => {
      const { metafile } = await build({
        entryPoints: [join(project.path, "page.js")],
        ...{ bundle: true, format: "esm", write: false, metafile: true, logLevel: "silent" },
        absWorkingDir: project.path,
      });
      const ours = Object.keys(metafile.inputs).filter((path) =>
        /node_modules\/@?opcounter/.test(path),
      );
      expect(ours.length).to.be.greaterThan(50);
      const ofNode = ours.filter((path) =>
        /from "node:|import\("node:/.test(readFileSync(join(project.path, path), "utf8")),
      );
      expect(ofNode).to.deep.equal([]);
    });
  });
});
