import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ACTIVATIONS } from "./activations.ts";
import { attention, causalMask, selfAttention } from "./attention.ts";
import { firstToken, positionEmbedding } from "./tokens.ts";

/** Distinct numbers between −1 and 1. */
function numbers(...shape: number[]): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tidy(() => tf.range(0, size).mul(1.7).sin().reshape(shape));
}

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).to.deep.equal(expected.shape);
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).to.be.below(1e-5);
}

/** Attention by its definition, one sequence and head after the other. */
function attendOneByOne(heads: number, query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) {
  const sequences = [query, key, value].map((x) => tf.unstack(x));
  const [width = 0] = query.shape.slice(-1);
  const outputs = (sequences[0] ?? []).map((_, i) => {
    const byHead = sequences.map((sequence) => tf.split(sequence[i] ?? query, heads, -1));
    const attended = Array.from({ length: heads }, (_, head) => {
      const [q = query, k = key, v = value] = byHead.map((parts) => parts[head]);
      const scores = tf.matMul(q, tf.transpose(k)).mul(1 / Math.sqrt(width / heads));
      return tf.matMul(tf.softmax(scores), v);
    });
    return tf.concat(attended, -1);
  });
  return tf.stack(outputs);
}

describe("parts of transformers", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });
  beforeEach(() => {
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
  });

  const query = () => numbers(2, 5, 12);
  const key = () => numbers(2, 5, 12).mul(2);
  const value = () => numbers(2, 5, 12).add(3);

  it("attention weighs values in each head by softmax of scaled products", () => {
    const attended = attention(tf, 3).compute(query(), key(), value());
    expectClose(attended, attendOneByOne(3, query(), key(), value()));
  });

  it("self-attention takes queries, keys and values side by side", () => {
    const { compute, outputShape } = selfAttention(tf, 3);
    const projected = tf.concat([query(), key(), value()], -1);
    expectClose(compute(projected), attendOneByOne(3, query(), key(), value()));
    expect(outputShape?.([null, null, 36])).to.deep.equal([null, null, 12]);
  });

  it("under a causal mask no token sees a later one", () => {
    const projected = numbers(1, 5, 36);
    const later = tf.pad(numbers(1, 2, 36), [
      [0, 0],
      [3, 0],
      [0, 0],
    ]);
    const mask = causalMask(tf).compute(tf.zeros([1, 5], "int32"));
    const firstThree = (x: tf.Tensor) =>
      tf.slice(selfAttention(tf, 3).compute(x, mask), [0, 0, 0], [-1, 3, -1]);
    expectClose(firstThree(projected.add(later)), firstThree(projected));
  });

  it("positions are added to as many tokens as there are, up to all places", () => {
    const { compute } = positionEmbedding(tf, 6, 4);
    const table = numbers(6, 4);
    const added = compute(tf.zeros([2, 3, 4]), table);
    expectClose(tf.unstack(added)[1] ?? added, tf.slice(table, [0, 0], [3, 4]));
    expect(() => compute(tf.zeros([2, 7, 4]), table)).to.throw("6 tokens, and is given 7");
  });

  it("the first token is the first of each sequence", () => {
    const [first, second] = tf.unstack(firstToken(tf).compute(query()));
    expectClose(tf.stack([first, second] as tf.Tensor[]), tf.gather(query(), 0, 1));
  });

  it("activations are what they are written to be", () => {
    const x = tf.linspace(-5, 5, 41);
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const hardSigmoid = (x: number) => Math.min(Math.max(x + 3, 0), 6) / 6;
    const newGelu = (x: number) =>
      (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    const check = (
      name: keyof typeof ACTIVATIONS,
      scalar: (x: number) => number,
      within = 1e-5,
    ) => {
      const expected = [...x.dataSync()].map(scalar);
      const difference = tf.abs(tf.sub(ACTIVATIONS[name](tf, x), expected));
      expect(tf.max(difference).dataSync()[0], name).to.be.below(within);
    };
    check("ReLU6", (x) => Math.min(Math.max(x, 0), 6));
    check("Sigmoid", sigmoid);
    check("Tanh", Math.tanh);
    check("SiLU", (x) => x * sigmoid(x));
    check("Hardsigmoid", hardSigmoid);
    check("Hardswish", (x) => x * hardSigmoid(x));
    check("NewGELU", newGelu);
    // The two ways to write GELU are apart by less than this.
    check("GELU", newGelu, 1e-3);
  });
});
