import { advise } from "@opcounter/ir";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { zooGraph } from "../zoo-graph.ts";
import { random, stack } from "./programs.ts";
import { type Program, prove } from "./prove.ts";

const rule = "unused-result";

describe("advice on results that nobody uses", () => {
  before(() => tf.setBackend("cpu"));
  const state = tf.variable(tf.zeros([32, 64]));
  const kept: tf.Tensor[] = [];
  after(() => tf.dispose(kept));
  const inputs = () => [random<tf.Rank.R2>([32, 64]), random<tf.Rank.R2>([32, 64])];

  it("is to leave them out, and what only they need", async () => {
    await prove({
      rule,
      before: (x: tf.Tensor, y: tf.Tensor) => {
        const [unused] = [y.square().reshape([64, 32]).exp()];
        return unused.rank === 2 ? x.relu() : unused;
      },
      after: (x: tf.Tensor) => x.relu(),
      inputs: inputs(),
      remedy: "Leave out what is computed for nothing",
    });
  });

  it("is to leave out what stands beside a result that is kept", async () => {
    await prove({
      rule,
      before: (x: tf.Tensor) => {
        const [unused] = [tf.tidy("other", () => x.square())];
        state.assign(x.exp());
        return unused.rank === 2 ? x.relu() : unused;
      },
      after: (x: tf.Tensor) => {
        state.assign(x.exp());
        return x.relu();
      },
      inputs: inputs().slice(0, 1),
      remedy: "Leave out what is computed for nothing",
    });
  });

  const none: Readonly<Record<string, Program>> = {
    "where the program reads the result": async (x: tf.Tensor) => {
      await x.exp().data();
      return x.relu();
    },
    "where the program reads a result of the host": async (x: tf.Tensor) => {
      await tf.tensor1d([1, 2]).neg().data();
      return x.relu();
    },
    "where the program looks how many there are": async (x: tf.Tensor) => {
      const places = await tf.whereAsync(tf.greater(x.square(), 0.5));
      const { shape } = await tf.image.nonMaxSuppressionAsync(
        x.reshape([512, 4]),
        x.reshape([512, 4]).sum(1),
        5,
      );
      return x.mul((places.shape[0] ?? 0) + (shape[0] ?? 0));
    },
    "where the program keeps it": (x: tf.Tensor) => {
      kept.push(tf.keep(x.exp().reshape([64, 32])));
      return x.relu();
    },
    "where the program assigns it to a variable": (x: tf.Tensor) => {
      state.assign(state.mul(0.9).add(x.mul(0.1)));
      return x.relu();
    },
    "in training": (x: tf.Tensor) => {
      const w = tf.variable(tf.scalar(1));
      const { value } = tf.variableGrads(() => x.mul(w).sum());
      return value;
    },
    "in training inside a scope": (x: tf.Tensor) => {
      const w = tf.variable(tf.scalar(1));
      return tf.tidy("step", () => tf.variableGrads(() => x.mul(w).sum()).value);
    },
    "on gradients inside a scope that begin with the program's own": (x: tf.Tensor) =>
      tf.tidy("step", () => tf.valueAndGrad((x) => x.exp().relu())(x, x.square()).value),
  };
  for (const [name, program] of Object.entries(none)) {
    it(`is not given ${name}`, async () => {
      const { advice } = advise(await trace(program, inputs().slice(0, 1), { device: "virtual" }));
      expect(advice.filter((each) => each.rule === rule)).to.deep.equal([]);
    });
  }

  it("is given in a program's own scopes, of whatever names", async () => {
    const program = (x: tf.Tensor) =>
      tf.tidy("rnn", () => {
        const forward = tf.tidy("forward", () => x.tanh());
        return tf.tidy("backward", () => [forward, x.exp()] as const)[0];
      });
    const { advice } = advise(await trace(program, inputs().slice(0, 1), { device: "virtual" }));
    expect(advice.map(({ rule, scope }) => [rule, ...scope])).to.deep.equal([
      [rule, "rnn", "backward"],
    ]);
  });

  it("is not given on masks, which layers compute whether they are used or not", async () => {
    const { embedding, masking, sequential } = { ...tf.layers, sequential: tf.sequential };
    const dense = () => tf.layers.dense({ units: 3 });
    const masks = () => masking({ inputShape: [5, 8] });
    const words = stack(
      embedding({ inputShape: [5], inputDim: 9, outputDim: 8, maskZero: true }),
      dense(),
    );
    const nested = sequential({ layers: [sequential({ layers: [masks()] }), dense()] });
    const sequence = tf.zeros([2, 5, 8]);
    const programs: [Program, tf.Tensor][] = [
      [stack(masks(), dense()), sequence],
      [words, tf.zeros([2, 5])],
      [nested, sequence],
      [(x: tf.Tensor) => nested.predict(x), sequence],
      [(x: tf.Tensor) => nested.apply(x), sequence],
    ];
    for (const [program, x] of programs) {
      const graph = await trace(program, [x], { device: "virtual" });
      expect(graph.ops.filter(({ kernel }) => kernel === "NotEqual").length).to.be.above(1);
      expect(advise(graph).advice.filter((each) => each.rule === rule)).to.deep.equal([]);
    }
  });

  it("is not given on models that compute nothing for nothing", async () => {
    for (const name of ["gpt2", "inception_v3", "lstm", "gru"]) {
      const { advice } = advise(await zooGraph(name));
      expect(advice.filter((each) => each.rule === rule)).to.deep.equal([]);
    }
  });
});
