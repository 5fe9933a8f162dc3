import { count } from "@opcounter/counters";
import { trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  BOOL,
  constant,
  definition,
  FLOAT,
  f,
  node,
  placeholder,
  text,
  type,
  writtenGraph,
} from "./written-graph.ts";

const T = { T: type(FLOAT) };
const WEIGHTS = ["scale", "offset", "mean", "variance"] as const;
const ATTRS = { ...T, epsilon: { f: 0.01 }, is_training: { b: false }, data_format: text("NHWC") };

const constants = () => WEIGHTS.map((name) => constant(name, FLOAT));
const values = () => Object.fromEntries(WEIGHTS.map((name) => [name, tf.ones([4])]));

/** Batch normalization in the graph itself. */
function plainModel() {
  return writtenGraph({
    nodes: [
      placeholder("x", [1, 2, 2, 4]),
      ...constants(),
      node("norm", "FusedBatchNormV3", ["x", ...WEIGHTS], ATTRS),
    ],
    weights: values(),
  });
}

/** The same in a function, where TensorFlow names results in full. */
function branchingModel() {
  const results = WEIGHTS.map((name) => `${name}:output:0`);
  return writtenGraph({
    nodes: [
      placeholder("x", [1, 2, 2, 4]),
      constant("yes", BOOL),
      node("if", "If", ["yes", "x"], { then_branch: f("then"), else_branch: f("else") }),
    ],
    functions: [
      definition(
        "then",
        [["x", FLOAT]],
        [...constants(), node("norm", "FusedBatchNormV3", ["x", ...results], ATTRS)],
        [["out", "norm:y:0", FLOAT]],
      ),
      definition(
        "else",
        [["x", FLOAT]],
        [node("neg", "Neg", ["x"], T)],
        [["out", "neg:y:0", FLOAT]],
      ),
    ],
    weights: { ...values(), yes: tf.scalar(true, "bool") },
  });
}

describe("the weights of a GraphModel", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  for (const [where, model, others] of [
    ["its graph", plainModel, 0],
    ["a function", branchingModel, 1],
  ] as const) {
    it(`are parameters but for the statistics of batch normalization, in ${where}`, async () => {
      const input = tf.ones([1, 2, 2, 4]);
      const { totals } = count(await trace(await model(), [input], { device: "virtual" }));
      expect(totals.params).to.equal(2 * 4 + others);
      expect(totals.statistics).to.equal(2 * 4);
    });
  }
});
