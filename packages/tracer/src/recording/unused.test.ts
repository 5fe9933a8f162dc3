import { recordingOf } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { graphModelOf } from "../../testing/graph-model-of.ts";
import { smallLayersModel } from "../../testing/small-models.ts";
import { type Target, trace, traceTraining } from "../index.ts";

const virtual = { device: "virtual" } as const;

/** Doubles what it is given, by one layer of two, and has a weight that it does not use. */
class Wasteful extends tf.layers.Layer {
  static className = "Wasteful";
  readonly used = tf.layers.dense({ units: 3, name: "used" });
  readonly spare = tf.layers.dense({ units: 5, name: "spare" });
  override build(shape: tf.Shape): void {
    this.addWeight("idle", [7], "float32", tf.initializers.ones());
    for (const layer of [this.used, this.spare]) layer.build(shape);
    this.built = true;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return this.used.apply(inputs) as tf.Tensor;
  }
  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return [shape[0] ?? null, 3];
  }
}

async function recordingFor(target: Target, inputs: tf.Tensor[]) {
  const recording = recordingOf(await trace(target, inputs, virtual));
  if (recording === undefined) throw new Error("the graph has no recording");
  return recording;
}

const NOTHING = { layers: [], params: [], ops: [] };

describe("what a pass does not need", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });
  const x = tf.ones([1, 4]);

  it("is a layer that is not called, and a parameter that is not read", async () => {
    const input = tf.input({ shape: [4] });
    const output = new Wasteful({ name: "wasteful" }).apply(input) as tf.SymbolicTensor;
    const { unused } = await recordingFor(tf.model({ inputs: input, outputs: output }), [x]);
    expect(unused?.layers).to.deep.equal([{ name: "spare", className: "Dense" }]);
    expect(unused?.params).to.deep.equal([{ name: "wasteful/idle", elements: 7 }]);
    expect(unused?.ops).to.deep.equal([]);
  });

  it("is an op on which nothing depends that is returned, read, kept or assigned", async () => {
    const variable = tf.variable(tf.zeros([1, 4]));
    const program = async (x: tf.Tensor) => {
      tf.tidy("dead", () => x.exp().add(1).relu());
      await x.sin().data();
      const kept = tf.tidy(() => tf.keep(x.cos()));
      variable.assign(x.tan());
      kept.dispose();
      return x.square();
    };
    const { unused } = await recordingFor(program, [x]);
    expect(unused?.ops).to.deep.equal([
      { kernel: "Exp", scope: ["dead"], ops: 1 },
      { kernel: "Add", scope: ["dead"], ops: 1 },
      { kernel: "Relu", scope: ["dead"], ops: 1 },
    ]);
    variable.dispose();
  });

  it("is nothing of models that use all they have", async () => {
    const rnn = tf.sequential({
      layers: [
        tf.layers.bidirectional({
          layer: tf.layers.lstm({ units: 3, returnSequences: true }) as never,
          mergeMode: "concat",
          batchInputShape: [1, 2, 4],
        }),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }) }),
        tf.layers.gru({ units: 2, stateful: true }),
      ],
    });
    const sequence = tf.ones([1, 2, 4]);
    expect((await recordingFor(rnn, [sequence])).unused).to.deep.equal(NOTHING);
    const small = smallLayersModel();
    const image = tf.ones([1, 8, 8, 4]);
    expect((await recordingFor(small, [image])).unused).to.deep.equal(NOTHING);
    const step = recordingOf(await traceTraining(small, [image], virtual));
    expect(step).to.deep.include({ unused: NOTHING, left: [] });
  });

  it("is no parameter that a graph model reads on the host, such as a shape", async () => {
    const model = await graphModelOf({
      inputs: { x: [1, 4] },
      weights: { axes: [1] },
      nodes: [["sum", "Sum", "x", "axes"]],
    });
    const { unused, left } = await recordingFor(model, [x]);
    expect(unused).to.deep.equal(NOTHING);
    expect(left).to.equal(undefined);
  });
});

describe("what a pass leaves undisposed", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("is told by kernel and scope, and the trace disposes of it", async () => {
    const x = tf.ones([2, 500]);
    const program = (x: tf.Tensor) => {
      const [a, b] = [1, 2].map((factor) => tf.tidy("block", () => x.mul(factor).relu()));
      const view = a?.reshape([1000]);
      tf.keep(x.exp());
      tf.tensor1d([1, 2, 3]);
      return tf.tidy(() => [view, b?.sin()]);
    };
    const before = tf.memory().numTensors;
    const { left } = await recordingFor(program, [x]);
    expect(left).to.deep.equal([
      // One of the two is in memory that a result holds.
      { kernel: "Relu", scope: ["block"], tensors: 2, bytes: 4000 },
      { kernel: "", scope: [], tensors: 1, bytes: 12 },
    ]);
    // The one that is kept stays.
    expect(tf.memory().numTensors).to.equal(before + 1);
  });

  it("is nothing of a function that tidies, and of models", async () => {
    const model = smallLayersModel();
    const image = tf.ones([1, 8, 8, 4]);
    const program = (x: tf.Tensor) => tf.tidy(() => x.mul(2).relu().add(1));
    expect((await recordingFor(program, [image])).left).to.deep.equal([]);
    const predict = (x: tf.Tensor) => model.predict(x) as tf.Tensor;
    expect((await recordingFor(predict, [image])).left).to.deep.equal([]);
    expect((await recordingFor(model, [image])).left).to.equal(undefined);
  });
});
