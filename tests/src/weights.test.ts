import { count, type SparsityReport, type WeightsReport } from "@opcounter/counters";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { modelFiles, opcounter, temporaryFolder } from "./command-line.ts";

/** A convolution of 36 weights of which 9 are 0, and a dense layer of 8 of which 6 are. */
function sparseModel(): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [5, 5, 1], filters: 4, kernelSize: 3, name: "conv" }),
      tf.layers.globalAveragePooling2d({ name: "pool" }),
      tf.layers.dense({ units: 2, useBias: false, name: "fc" }),
    ],
  });
  const numbers = (length: number, zeros: number) =>
    Array.from({ length }, (_, i) => (i < zeros ? 0 : 1 + i));
  model.setWeights([
    tf.tensor(numbers(36, 9), [3, 3, 1, 4]),
    tf.zeros([4]),
    tf.tensor(numbers(8, 6), [4, 2]),
  ]);
  return model;
}

const CONV_MACS = 3 * 3 * 36;

interface Report {
  readonly weights: WeightsReport;
  readonly sparsity: SparsityReport | null;
}

describe("weights", () => {
  const folder = temporaryFolder();
  before(async () => {
    await tf.setBackend("cpu");
    const model = sparseModel();
    const { json, bin } = await modelFiles(model);
    folder.write("model.json", json);
    folder.write("weights.bin", bin);
    // The convolution's kernel in bytes: 9 at the scale's 0, and the rest above.
    const manifest = JSON.parse(json);
    const kernel = manifest.weightsManifest[0].weights[0];
    kernel.quantization = { dtype: "uint8", scale: 1, min: 0 };
    const values = new Float32Array(bin.buffer, bin.byteOffset, 36);
    manifest.weightsManifest[0].paths = ["small.bin"];
    folder.write("quantized.json", JSON.stringify(manifest));
    folder.write("small.bin", new Uint8Array([...values, ...bin.subarray(4 * 36)]));
    model.dispose();
  });
  after(folder.remove);

  const profile = (...args: string[]): Report => {
    const { status, stdout, stderr } = opcounter(["profile", ...args, "-f", "json"], folder.path);
    expect(stderr).to.equal("");
    expect(status).to.equal(0);
    return JSON.parse(stdout);
  };

  it("are reported as they are stored and as they run", () => {
    expect(profile("model.json").weights).to.deep.equal({
      bytes: 4 * 48,
      storedBytes: 4 * 48,
      byStoredType: [{ type: "float32", elements: 48, bytes: 192, storedBytes: 192 }],
    });
    expect(profile("quantized.json").weights).to.deep.equal({
      bytes: 4 * 48,
      storedBytes: 36 + 4 * 12,
      byStoredType: [
        { type: "uint8", elements: 36, bytes: 144, storedBytes: 36 },
        { type: "float32", elements: 12, bytes: 48, storedBytes: 48 },
      ],
    });
    const { stdout } = opcounter(["profile", "quantized.json"], folder.path);
    expect(stdout).to.match(/weights +192 +192 B in memory, 84 B in files as uint8, float32/);
  });

  it("that are 0 leave fewer effective MACs", () => {
    expect(profile("model.json").sparsity).to.equal(null);
    for (const file of ["model.json", "quantized.json"]) {
      const { sparsity } = profile(file, "--sparsity");
      // The bias of 4 is zeros as well.
      expect(sparsity).to.include({ zeros: 9 + 4 + 6, elements: 48, unknownElements: 0 });
      expect(sparsity?.effectiveMacs).to.equal((CONV_MACS * 27) / 36 + 2);
      expect(sparsity?.ops.map(({ scope, zeros }) => [scope, zeros])).to.deep.equal([
        ["conv", 9],
        ["fc", 6],
      ]);
    }
  });

  it("of variables a function uses are counted too, and left as they were", async () => {
    const weight = tf.variable(tf.tensor2d([1, 0, 0, 2, 0, 3], [3, 2]));
    const product = (x: tf.Tensor2D) => tf.matMul(x, weight as tf.Tensor as tf.Tensor2D);
    const graph = await trace(product, [tf.ones([4, 3])], { device: "virtual", sparsity: true });
    expect(count(graph).sparsity).to.include({ zeros: 3, effectiveMacs: 12 });
    expect(await weight.data()).to.deep.equal(new Float32Array([1, 0, 0, 2, 0, 3]));
    weight.dispose();
  });

  it("count from the left as well, and are named where an op uses a part of them", async () => {
    const left = tf.variable(tf.tensor2d([1, 0, 0, 2], [2, 2]), true, "left");
    const sliced = tf.variable(tf.tensor2d([0, 0, 1, 2], [2, 2]), true, "sliced");
    const program = (x: tf.Tensor2D) =>
      tf
        .matMul(left as tf.Tensor as tf.Tensor2D, x)
        .matMul<tf.Tensor2D>(sliced.slice([0, 0], [2, 1]).transpose().reshape([2, 1]));
    const graph = await trace(program, [tf.ones([2, 2])], { device: "virtual", sparsity: true });
    const { sparsity, warnings, totals } = count(graph);
    expect(totals.macs).to.equal(8 + 4);
    expect(sparsity?.effectiveMacs).to.equal(4 + 4);
    expect(sparsity?.usedInParts).to.deep.equal([{ weight: "sliced", zeros: 2 }]);
    expect(warnings.join()).to.include("zeros in such weights: sliced (2)");
    tf.dispose([left, sliced]);
  });

  it("count in a product of two weights by the one that has more of them", async () => {
    const variable = (values: number[], shape: [number, number]) =>
      tf.variable(tf.tensor2d(values, shape)) as tf.Tensor as tf.Tensor2D;
    const full = variable([1, 2, 3, 4, 5, 6], [3, 2]);
    const some = variable([1, 0, 3, 4, 5, 6], [3, 2]);
    const half = variable([0, 2, 0, 4, 0, 6], [2, 3]);
    const effective = async (a: tf.Tensor2D, b: tf.Tensor2D) => {
      const product = () => tf.matMul(a, b);
      return count(await trace(product, [], { device: "virtual", sparsity: true })).sparsity;
    };
    expect(await effective(full, half)).to.include({ effectiveMacs: 18 / 2 });
    expect(await effective(half, full)).to.include({ effectiveMacs: 12 / 2 });
    expect(await effective(some, half)).to.include({ effectiveMacs: 18 / 2 });
    expect((await effective(half, some))?.ops[0]).to.include({ zeros: 3, elements: 6 });
    tf.dispose([full, some, half]);
  });

  it("count in an einsum as in a matrix product", async () => {
    const weight = tf.variable(tf.tensor2d([1, 0, 0, 2], [2, 2]), true, "weight");
    const effective = async (program: (x: tf.Tensor) => tf.Tensor) => {
      const graph = await trace(program, [tf.ones([4, 2])], { device: "virtual", sparsity: true });
      return count(graph).sparsity?.effectiveMacs;
    };
    const w = weight as tf.Tensor;
    expect(await effective((x) => tf.einsum("ij,jk->ik", x, w))).to.equal(8);
    expect(await effective((x) => tf.matMul(x, w))).to.equal(8);
    weight.dispose();
  });

  it("cannot be counted where there are none", () => {
    const complaint = (...args: string[]) => opcounter(["profile", ...args, "--sparsity"]).stderr;
    expect(complaint("alexnet")).to.include("untrained");
  });
});
