import { count } from "@opcounter/counters";
import { type Advice, advise, type Graph, print } from "@opcounter/ir";
import { parse } from "@opcounter/ir/read";
import { loadModel, noteExactStorage, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { modelFiles, opcounter, temporaryFolder } from "../command-line.ts";

type Quantization = NonNullable<tf.io.WeightsManifestEntry["quantization"]>;

/** How one weight is stored: its bytes of the given values. */
interface Stored {
  readonly quantization: Quantization;
  readonly bytes: (values: Float32Array) => Uint8Array;
}

/** The 16 bits of values that 16-bit floats hold, normal ones and 0. */
const FLOAT16: Stored = {
  quantization: { dtype: "float16" },
  bytes: (values) => {
    const bits = new Uint32Array(values.slice().buffer);
    const halves = Uint16Array.from(bits, (each) => {
      const sign = (each >>> 16) & 0x8000;
      return (each & 0x7fff_ffff) === 0 ? sign : sign | (((each >>> 13) & 0x3_ffff) - 0x1_c000);
    });
    return new Uint8Array(halves.buffer);
  },
};

/** Quarters from −32 on. */
const QUARTERS: Stored = {
  quantization: { dtype: "uint8", scale: 0.25, min: -32 },
  bytes: (values) => Uint8Array.from(values, (value) => (value + 32) / 0.25),
};

/** A model of a kernel of 64×64, and a bias of 64. */
function modelOf(kernel: (i: number) => number, bias: (i: number) => number): tf.LayersModel {
  const model = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [64], units: 64, name: "fc" })],
  });
  model.setWeights([
    tf.tensor(
      Float32Array.from({ length: 64 * 64 }, (_, i) => kernel(i)),
      [64, 64],
    ),
    tf.tensor(
      Float32Array.from({ length: 64 }, (_, i) => bias(i)),
      [64],
    ),
  ]);
  return model;
}

const inHalves = (i: number) => ((i % 97) - 48) / 1024;
const inQuarters = (i: number) => (i % 256) / 4 - 32;

describe("advice on weights that are stored in more bits than they need", () => {
  const folder = temporaryFolder();
  before(() => tf.setBackend("cpu"));
  after(folder.remove);

  /** Saves a model, with some weights by name stored otherwise. Returns its address. */
  async function save(
    name: string,
    model: tf.LayersModel,
    stored: Readonly<Record<string, Stored>> = {},
  ): Promise<string> {
    const { json, bin } = await modelFiles(model);
    const manifest = JSON.parse(json);
    const [group] = manifest.weightsManifest;
    group.paths = [`${name}.bin`];
    const parts: number[] = [];
    let at = 0;
    for (const weight of group.weights) {
      const size = weight.shape.reduce((a: number, b: number) => a * b, 1);
      const bytes = bin.slice(at, at + 4 * size);
      at += 4 * size;
      const how = stored[weight.name];
      if (how !== undefined) weight.quantization = how.quantization;
      parts.push(...(how === undefined ? bytes : how.bytes(new Float32Array(bytes.buffer))));
    }
    folder.write(`${name}.json`, JSON.stringify(manifest));
    folder.write(`${name}.bin`, Uint8Array.from(parts));
    return `${folder.path}/${name}.json`;
  }

  interface Traced {
    readonly graph: Graph;
    readonly advice: readonly Advice[];
    readonly storedBytes: number;
    readonly outputs: readonly number[];
  }

  async function traced(address: string): Promise<Traced> {
    const model = await loadModel(address);
    const x = tf.randomNormal([2, 64], 0, 1, "float32", 7);
    const graph = await noteExactStorage(await trace(model, [x], { device: "virtual" }));
    const outputs = Array.from((model.predict(x) as tf.Tensor).dataSync());
    const advice = advise(graph).advice.filter(({ rule }) => rule === "wide-weight");
    const storedBytes = Number(count(graph).weights.storedBytes);
    x.dispose();
    model.dispose();
    return { graph, advice, storedBytes, outputs };
  }

  const proofs: readonly [
    what: string,
    model: () => tf.LayersModel,
    stored: Readonly<Record<string, Stored>>,
    remedy: string,
    bytes: number,
  ][] = [
    [
      "16-bit floats hold all weights",
      () => modelOf(inHalves, (i) => i + 0.5),
      { "fc/kernel": FLOAT16, "fc/bias": FLOAT16 },
      "--quantize_float16.",
      2 * (64 * 64 + 64),
    ],
    [
      "8-bit integers hold a kernel, and nothing the bias",
      () => modelOf(inQuarters, Math.sqrt),
      { "fc/kernel": QUARTERS },
      "--quantize_uint8=fc/kernel.",
      3 * 64 * 64,
    ],
  ];
  for (const [what, model, stored, remedy, bytes] of proofs) {
    it(`saves what it promises, and changes no result: ${what}`, async () => {
      const before = await traced(await save("before", model()));
      const after = await traced(await save("after", model(), stored));
      expect(before.advice.map(({ saves }) => saves.bytesStored)).to.deep.equal([bytes]);
      expect(before.advice[0]?.remedy).to.include(remedy);
      expect(before.storedBytes - after.storedBytes).to.equal(bytes);
      expect(after.outputs).to.deep.equal(before.outputs);
      expect(after.advice).to.deep.equal([]);
      const { saves } = before.advice[0] ?? {};
      expect({ ...saves, bytesStored: 0 }).to.deep.equal({
        ...{ ops: 0, dispatches: 0, bytesRead: 0, bytesWritten: 0, bytesUploaded: 0 },
        ...{ hostOps: 0, waits: 0, bytesStored: 0 },
      });
      expect(before.graph.ops.length).to.equal(after.graph.ops.length);
    });
  }

  it("says nothing of weights that need their bits, of few, and of what has no files", async () => {
    const needed = await traced(
      await save(
        "needed",
        modelOf(Math.sqrt, () => 0),
      ),
    );
    expect(needed.advice).to.deep.equal([]);
    const own = modelOf(inHalves, () => 0);
    const graph = await noteExactStorage(await trace(own, [tf.ones([1, 64])]));
    expect(advise(graph).advice.filter(({ rule }) => rule === "wide-weight")).to.deep.equal([]);
    const read = await noteExactStorage(parse(print(needed.graph)));
    expect(advise(read).advice).to.deep.equal(advise(parse(print(needed.graph))).advice);
  });

  it("is given by the command line", async () => {
    await save(
      "model",
      modelOf(inHalves, () => 1),
    );
    const { stdout, status } = opcounter(["advise", "model.json"], folder.path);
    expect(status).to.equal(0);
    expect(stdout).to.include("--quantize_float16.");
    expect(stdout.replace(/\s+/g, " ")).to.include(
      "The download shrinks by 8.125 KiB, and a pass stays as it is.",
    );
  });
});
