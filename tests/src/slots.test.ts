import { print } from "@opcounter/ir";
import { parse } from "@opcounter/ir/read";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { profile } from "opcounter";

const VIRTUAL = { device: "virtual" } as const;

/** Slots per optimizer, for one variable of 10 elements: those of its kind, and scalars. */
const OPTIMIZERS: readonly [name: string, make: () => tf.Optimizer, slots: number][] = [
  ["sgd", () => tf.train.sgd(0.1), 0],
  ["momentum", () => tf.train.momentum(0.1, 0.9), 10],
  ["adagrad", () => tf.train.adagrad(0.1), 10],
  ["adadelta", () => tf.train.adadelta(), 20],
  ["rmsprop", () => tf.train.rmsprop(0.1), 20],
  ["adam", () => tf.train.adam(0.1), 22],
  ["adamax", () => tf.train.adamax(0.1), 22],
];

describe("an optimizer's slots are no parameters", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  const stepOf = (optimizer: tf.Optimizer, variable: tf.Variable) => () => {
    optimizer.minimize(() => variable.square().sum());
  };

  for (const [name, make, slots] of OPTIMIZERS) {
    it(`of ${name}, on its first step and its second`, async () => {
      const optimizer = make();
      const step = stepOf(optimizer, tf.variable(tf.ones([10])));
      const first = await profile(step, [], VIRTUAL);
      expect(first.totals).to.include({ params: 10, trainableParams: 10, slots });
      step();
      const second = await profile(step, [], VIRTUAL);
      expect(second.totals).to.include({ params: 10, trainableParams: 10, slots });
      expect(second.weights.bytes).to.equal(40);
    });
  }

  it("in the text form of the graph, which gives the same graph back", async () => {
    const graph = await trace(
      stepOf(tf.train.adam(0.1), tf.variable(tf.ones([10]), true, "v")),
      [],
      VIRTUAL,
    );
    const text = print(graph);
    expect(text)
      .to.match(/^ {2}%\S+ = slot +"[^"]+" +: f32\[10\]$/m)
      .and.match(/= param "v" :/);
    expect(parse(text).values).to.deep.equal(graph.values);
  });

  it("and a variable that a pass without gradients assigns to stays one", async () => {
    const state = tf.variable(tf.zeros([4]));
    const { totals } = await profile(() => state.assign(state.add(1)), [], VIRTUAL);
    expect(totals).to.include({ params: 4, slots: 0 });
  });
});
