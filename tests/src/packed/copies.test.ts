import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { build } from "esbuild";
import { openPage } from "../browser/chromium.ts";
import { TAGGED_FILES } from "../script-tag/page-files.ts";
import { BUNDLERS } from "./bundlers.ts";
import { makeProject, type Project, pageSource, tfjs } from "./project.ts";

/** Copies beside the installed one, of 4.22: below 4.10 a version has no WebGPU backend of its own. */
const OTHERS = ["3.21.0", "4.17.0"];

const nameOf = (version: string) => `tfjs-${version}`;

/** What a page that runs `countWith` posts. */
interface Found {
  readonly counted: Readonly<Record<"models" | "functions" | "masks", readonly object[]>>;
  /** By copy: what is said of a function that runs its model, without `{ tf }`. */
  readonly said: readonly string[];
  readonly versions: readonly string[];
  readonly before: object;
  readonly after: object;
}

const LAYERS = ["conv", "norm", "norm", "flat", ...Array(6).fill("fc")];
const TOTALS = { macs: 6 * 6 * 4 * 27 + 144 * 2, params: 27 * 4 + 4 + 2 * 4 + 144 * 2 + 2 };

const isUnclear = (said: string) => /used outside of every layer's call.*{ tf }/.test(said);

/** The counts are those of a page with one copy, for each model and on each copy's inputs. */
function expectEqualCounts(found: unknown, versions: readonly string[]): Found {
  const { counted, before, after, ...others } = found as Found;
  expect(others.versions).to.deep.equal(versions);
  for (const kind of ["models", "functions", "masks"] as const) {
    expect(counted[kind]).to.have.length(versions.length ** 2);
    expect(new Set(counted[kind].map((counts) => JSON.stringify(counts))).size).to.equal(1);
  }
  expect(counted.models[0]).to.deep.include({ ...TOTALS, scopes: LAYERS });
  expect(counted.functions[0]).to.deep.include({ ...TOTALS, scopes: ["", "", ...LAYERS, ""] });
  expect(counted.masks[0]).to.include.members(["Where", "GatherV2"]);
  expect(after).to.deep.equal(before);
  return found as Found;
}

describe("two copies of TensorFlow.js in a page @linux", function () {
  this.timeout(300_000);
  let project: Project;
  before(() => {
    const others = OTHERS.map((version) => `${nameOf(version)}@npm:@tensorflow/tfjs@${version}`);
    project = makeProject([...tfjs("4.22.0"), ...others]);
    project.write("copies.js", pageSource("copies.js"));
  });
  after(() => project.remove());

  /** Bundles a module into `out/folder`, and gives its files. */
  async function bundle(name: string, source: string): Promise<string> {
    project.write(`${name}.js`, source);
    const outdir = join(project.path, "out", name);
    await build({
      entryPoints: { script: join(project.path, `${name}.js`) },
      ...{ outdir, bundle: true, format: "esm", splitting: true, logLevel: "silent" },
    });
    return outdir;
  }

  for (const other of OTHERS) {
    const orders = [
      ["4.22.0", other],
      [other, "4.22.0"],
    ];
    for (const order of orders) {
      it(`counts the same for ${order.join(" and then ")}, bundled together`, async () => {
        const names = order.map((v) => (v === other ? nameOf(other) : "@tensorflow/tfjs"));
        const [first, second] = names;
        const source = `
          import * as first from "${first}";
          import * as second from "${second}";
          import { countWith, post } from "./copies.js";
          await post(await countWith([first, second]));`;
        const files = await bundle(`bundled-${order.join("-")}`, source);
        const { said } = expectEqualCounts(await openPage({ files }), order);
        // opcounter finds the installed copy, and says where another ran.
        expect(said.map(isUnclear)).to.deep.equal(order.map((version) => version === other));
      });

      it(`counts the same for ${order.join(" and then ")}, ${other} by a script tag`, async () => {
        const isTagFirst = order[0] === other;
        const tag = isTagFirst ? "" : 'await loadScript("/tf.min.js");';
        const source = `
          import * as bundled from "@tensorflow/tfjs";
          import { countWith, post } from "./copies.js";
          const loadScript = (src) => new Promise((resolve, reject) => {
            const script = Object.assign(document.createElement("script"), { src });
            script.onload = resolve;
            script.onerror = reject;
            document.head.append(script);
          });
          ${tag}
          const { tf } = globalThis;
          await post(await countWith(${isTagFirst ? "[tf, bundled]" : "[bundled, tf]"}));`;
        const files = await bundle(`tag-${order.join("-")}`, source);
        const installed = join(project.path, "node_modules", nameOf(other), "dist/tf.min.js");
        copyFileSync(installed, join(files, "tf.min.js"));
        writeFileSync(join(files, "report-errors.js"), TAGGED_FILES["report-errors.js"]);
        writeFileSync(
          join(files, "index.html"),
          `<!doctype html>
           <link rel="icon" href="data:,">
           <script src="/report-errors.js"></script>
           ${isTagFirst ? '<script src="/tf.min.js"></script>' : ""}
           <script type="module" src="/script.js"></script>`,
        );
        const { said } = expectEqualCounts(await openPage({ files }), order);
        // The global `tf` is found.
        expect(said.map(isUnclear)).to.deep.equal(order.map((version) => version !== other));
      });
    }
  }
});

/** Without a WebGPU backend of its own: the newer one brings a second tfjs-core. */
describe("a page with TensorFlow.js 3.21 @linux", function () {
  this.timeout(300_000);
  let project: Project;
  before(() => {
    project = makeProject(tfjs("3.21.0", "4.22.0"));
    project.write("copies.js", pageSource("copies.js"));
    project.write(
      "page.js",
      `import * as tf from "@tensorflow/tfjs";
       import { loadModel } from "opcounter";
       import { countWith, post } from "./copies.js";
       const text = JSON.stringify({
         modelTopology: tf.sequential({
           layers: [tf.layers.flatten({ inputShape: [2, 2] })],
         }).toJSON(null, false),
         weightsManifest: [],
       });
       const files = new Map([["model.json", new Blob([text])]]);
       const loading = await loadModel("model.json", { files }).catch(String);
       await post({ ...(await countWith([tf])), loading });`,
    );
  });
  after(() => project.remove());

  for (const name of ["esbuild", "vite", "webpack"] as const) {
    const bundle = BUNDLERS[name];
    it(`counts on the backend of 4.22, bundled by ${name}`, async () => {
      const files = join(project.path, "out", name);
      await bundle(project.path, files);
      const found = await openPage({ files });
      const { said } = expectEqualCounts(found, ["3.21.0"]);
      expect(said.join()).to.match(/which opcounter cannot import.*pass the copy.*{ tf }/);
      expect(Reflect.get(Object(found), "loading")).to.match(
        /^OpcounterError: loadModel needs @tensorflow\/tfjs-layers, which .*; load the model by your program's own tf.loadLayersModel/,
      );
    });
  }
});
