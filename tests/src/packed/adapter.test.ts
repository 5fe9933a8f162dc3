import { cpSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { print } from "@opcounter/ir";
import { closeDevices, loadModel, openDevice, parseLimits, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { build } from "esbuild";
import { openPage } from "../browser/chromium.ts";
import { makeProject, type Project, pageSource, tfjs } from "./project.ts";

const PAGES = ["state", "real-adapter", "real-adapter-page", "real-adapter-worker"];
const WORKER_PAGE = "worker-page";
const BASIC_PITCH = dirname(
  createRequire(import.meta.url).resolve("@spotify/basic-pitch/model/model.json"),
);

/** Limits of SwiftShader that TensorFlow.js's shaders depend on. */
const LIMITS = "maxComputeWorkgroupSizeX=256,maxComputeInvocationsPerWorkgroup=256";

interface Found {
  readonly graphs: readonly string[];
  readonly before: object;
  readonly after: object;
  readonly grown: number;
}

describe("the packed library on a page's real adapter @linux", function () {
  this.timeout(300_000);
  let project: Project;
  let expected: readonly (readonly string[])[];
  before(async () => {
    project = makeProject(tfjs("4.22.0"));
    for (const name of [...PAGES, WORKER_PAGE]) {
      project.write(`${name}.js`, pageSource(`${name}.js`));
    }
    expected = (await graphsInNode()).map(opsIn);
  });
  after(() => project.remove());

  async function bundled(entries: Readonly<Record<string, string>>): Promise<string> {
    const outdir = join(project.path, "out", Object.values(entries).join("-"));
    await build({
      entryPoints: Object.fromEntries(
        Object.entries(entries).map(([name, source]) => [name, join(project.path, `${source}.js`)]),
      ),
      ...{ outdir, bundle: true, format: "esm", splitting: true, logLevel: "silent" },
    });
    cpSync(BASIC_PITCH, join(outdir, "basic-pitch"), { recursive: true });
    return outdir;
  }

  /** @param models how many of Node's graphs there must be. */
  function expectSame(found: unknown, models: number): void {
    const { graphs, before, after } = found as Found;
    expect(found).to.deep.include({ values: [32 * 32 * 3], repeated: [] });
    expect(graphs.map(opsIn)).to.deep.equal(expected.slice(0, models));
    expect(after).to.deep.equal(before);
  }

  it("gives Node's graphs of a LayersModel, a GraphModel and a function, and keeps no memory", async () => {
    const found = await openPage({
      files: await bundled({ script: "real-adapter-page" }),
      flags: ["--js-flags=--expose-gc", "--enable-precise-memory-info"],
      timeout: 200_000,
    });
    expectSame(found, 3);
    // Bytes of 100 traces.
    expect((found as Found).grown).to.be.below(200_000);
  });

  it("gives those of the LayersModel and the function in a worker, where a synchronous read takes an OffscreenCanvas", async () => {
    const files = await bundled({ script: WORKER_PAGE, worker: "real-adapter-worker" });
    expectSame(await openPage({ files, timeout: 200_000 }), 2);
  });
});

/** The same targets as in the page, on a virtual device with the limits of the page's adapter. */
async function graphsInNode(): Promise<string[]> {
  const layersModel = tf.sequential({
    name: "layers",
    layers: [
      // No other test of the process has a layer of this name: tfjs would number the second one.
      tf.layers.conv2d({
        ...{ name: "adapterConv", inputShape: [32, 32, 3], filters: 8, kernelSize: 3 },
        activation: "relu",
      }),
      tf.layers.globalAveragePooling2d({ name: "pool" }),
      tf.layers.dense({ name: "fc", units: 4, activation: "softmax" }),
    ],
  });
  const device = await openDevice("virtual", { limits: parseLimits(LIMITS) });
  const traced = async (...[target, inputs]: Parameters<typeof trace>) =>
    print(await trace(target, inputs, { device, name: "traced" }));
  const reading = (x: tf.Tensor) => {
    const product = tf.matMul(x, x);
    return product.dataSync()[0] === 40 ? product.relu() : product.neg();
  };
  const graphs = [
    await traced(layersModel, [tf.ones([1, 32, 32, 3])]),
    await traced(reading, [tf.ones([40, 40])]),
    await traced(await loadModel(join(BASIC_PITCH, "model.json")), [tf.zeros([1, 43844, 1])]),
  ];
  await closeDevices();
  return graphs;
}

/** What a printed graph says of its ops. */
function opsIn(graph: string): string[] {
  return graph.split("\n").filter((line) => /^ {2}%\d/.test(line));
}
