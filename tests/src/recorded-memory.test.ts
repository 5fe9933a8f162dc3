import { type CostReport, count } from "@opcounter/counters";
import { type Graph, recordingOf } from "@opcounter/ir";
import { type Device, openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { profile } from "opcounter";
import { traceZoo } from "./zoo-graph.ts";

const MODELS = [
  "alexnet",
  "squeezenet1_1",
  "mobilenet_v3_large",
  "shufflenet_v2_x0_5",
  "densenet121",
  "inception_v3",
  "bert_base",
  "vit_b_16",
  "lstm",
  "gru",
];

/** Checks that the named buffers add up to the difference of the two peaks. */
function expectSum(graph: Graph): CostReport["memory"] {
  const { memory } = count(graph);
  const sum = memory.differences.reduce((total, { bytes }) => total + BigInt(bytes), 0n);
  expect(sum).to.equal(BigInt(memory.recordedUsedBytes ?? -1) - BigInt(memory.peakBytes));
  const held = recordingOf(graph)?.memory;
  const peak = held?.peakBuffers.reduce((total, { bytes }) => total + bytes, 0);
  expect(peak).to.equal(held?.peakUsedBytes);
  for (const { name, bytes } of memory.differences) {
    expect(name).to.not.equal("");
    expect(bytes).to.not.equal(0);
  }
  return memory;
}

describe("what TensorFlow.js held, beside what must be alive", () => {
  let device: Device;
  before(async () => {
    device = await openDevice("virtual");
  });

  for (const name of MODELS) {
    it(`differs by named buffers that add up, for ${name}`, async () => {
      expectSum(await traceZoo(device, name));
    });
  }

  it("names the scratch of im2col, uniforms, and what is uploaded later", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [16, 16, 3], filters: 8, kernelSize: 3, name: "conv" }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 5, name: "head" }),
      ],
    });
    const graph = await trace(model, [tf.zeros([1, 16, 16, 3])], { device });
    const { differences, explanation } = expectSum(graph);
    // 14·14 positions of a 3·3·3 window.
    expect(differences[0]).to.deep.equal({
      ...{ cause: "scratch", name: 'Im2ColProgram of op 0 (FusedConv2D) in scope "conv"' },
      ...{ value: null, op: 0, buffers: 1, bytes: 14 * 14 * 27 * 4 },
    });
    expect(differences.map(({ cause }) => cause)).to.include("uniforms");
    expect(explanation).to.contain("21,168 bytes more in scratch that kernels make for themselves");
  });

  it("says which weights are uploaded after the peak", async () => {
    const { differences } = expectSum(await traceZoo(device, "squeezenet1_1"));
    const later = differences.filter(({ cause }) => cause === "not-uploaded");
    expect(later.map(({ name, bytes }) => [name, bytes])).to.deep.include([
      "classifier/1/kernel",
      -4 * 512 * 1000,
    ]);
  });

  it("names a buffer by the value it was made as, also where a variable was assigned it", async () => {
    const weights = tf.variable(tf.ones([64, 64]));
    const program = (x: tf.Tensor) => {
      weights.assign(x.reshape([64, 64]));
      return weights.relu();
    };
    const graph = await trace(program, [tf.ones([4096])], { device });
    expect(expectSum(graph).differences.map(({ cause }) => cause)).to.deep.equal(["uniforms"]);
    tf.dispose(weights);
  });

  it("is that of the graph before its passes, as are reads", async () => {
    const program = async (x: tf.Tensor) => {
      const y = tf.transpose(tf.transpose(x)).relu().add(1);
      await y.max().data();
      return y;
    };
    const { memory, recorded, ops } = await profile(program, [tf.zeros([40, 50])], {
      ...{ device, passes: "canonicalize,fuse" },
    });
    expect(memory.differences).to.deep.equal([]);
    expect(memory.explanation).to.contain("before the passes");
    expect(recorded?.reads).to.deep.equal([{ op: 4, kernel: "Max", scope: "" }]);
    expect(ops.length).to.be.lessThan(5);
  });
});

describe("a report does not depend on what ran before", () => {
  const conv = () =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [24, 24, 3], filters: 8, kernelSize: 3 }),
        tf.layers.batchNormalization(),
        tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: "relu" }),
      ],
    });
  const targets: Readonly<Record<string, () => [(x: tf.Tensor) => tf.Tensor, number[]]>> = {
    "a layers model": () => {
      const model = conv();
      return [(x) => model.predict(x) as tf.Tensor, [1, 24, 24, 3]];
    },
    "a function in a tidy": () => [
      (x) =>
        tf.tidy(() =>
          x
            .matMul(tf.ones([64, 64]))
            .add(1)
            .relu(),
        ),
      [64, 64],
    ],
    // Small values run on the host where the device does not have them.
    "a function with small weights": () => {
      const [a, b] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
      return [(x) => x.mul(a.add(b).sum()), [2000]];
    },
  };
  for (const [name, make] of Object.entries(targets)) {
    it(`of ${name}, nor on whether its weights are on the device`, async () => {
      const device = await openDevice("virtual");
      const [run, shape] = make();
      const report = async () => count(await trace(run, [tf.zeros(shape)], { device }));
      const first = await report();
      expect(first.recorded?.pipelinesCompiled).to.be.greaterThan(0);
      expect(await report()).to.deep.equal(first);
      await trace((x: tf.Tensor) => x.exp().sum(), [tf.ones([50, 50])], { device });
      expect(await report()).to.deep.equal(first);
      await withBackend(device, async () => tf.dispose(run(tf.zeros(shape))));
      expect(await report()).to.deep.equal(first);
      // What was made on this backend stays on it, weights included.
      const warm = await withBackend(device, async () => {
        const [again] = make();
        tf.dispose(again(tf.zeros(shape)));
        return count(await trace(again, [tf.zeros(shape)], { device }));
      });
      expect(withoutNames(warm)).to.deep.equal(withoutNames(first));
    });
  }
});

/** A report without the names of layers, which TensorFlow.js numbers on. */
function withoutNames(report: CostReport): unknown {
  return JSON.parse(JSON.stringify(report).replaceAll(/(conv2d|normalization)\w*/gi, "$1"));
}
