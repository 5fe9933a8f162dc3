import { GraphBuilder, type TensorType } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { Evaluator } from "./evaluator.ts";

const f32 = (...shape: number[]): TensorType => ({ dtype: "float32", shape });

/** A chain of additions of 1, each of 64 elements. */
function chain(length: number) {
  const builder = new GraphBuilder("chain");
  let value = builder.input("x", f32(64));
  const one = builder.constant(f32(), [1]);
  for (let i = 0; i < length; i++) {
    const operands = { a: value, b: one };
    [value = -1] = builder.op({ kernel: "Add", operands, results: [f32(64)] });
  }
  return builder.build();
}

function evaluator(length: number, keptBytes?: number): Evaluator {
  const graph = chain(length);
  return new Evaluator(
    {
      value: (id) => graph.values[id] as (typeof graph.values)[number],
      op: (id) => graph.ops[id] as (typeof graph.ops)[number],
      given: ({ kind }) => {
        if (kind === "result") return undefined;
        return kind === "input" ? new Float32Array(64) : new Float32Array([1]);
      },
      origin: (id) => id,
    },
    keptBytes,
  );
}

describe("Evaluator", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("computes each op once, however deep the graph is", () => {
    const values = evaluator(20_000);
    expect(values.valuesOf(20_001)[0]).to.equal(20_000);
    expect(values.valuesOf(10_001)[0]).to.equal(10_000);
    expect(values.spent.ops).to.equal(20_000);
  });

  it("drops what memory has no room for, and computes it again", () => {
    const values = evaluator(10, 3 * 64 * 4);
    expect(values.valuesOf(11)[0]).to.equal(10);
    expect(values.spent.ops).to.equal(10);
    expect(values.valuesOf(2)[0]).to.equal(1);
    expect(values.spent.ops).to.equal(11);
    expect(values.valuesOf(11)[0]).to.equal(10);
    expect(values.spent.ops).to.equal(11);
  });

  it("gives copies: who writes into what was read changes nothing", () => {
    const values = evaluator(2);
    const read = values.valuesOf(2) as Float32Array;
    read.fill(99);
    expect(values.valuesOf(3)[0]).to.equal(2);
    expect(values.valuesOf(2)[0]).to.equal(1);
  });
});
