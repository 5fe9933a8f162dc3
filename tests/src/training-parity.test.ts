import { readFileSync } from "node:fs";
import { count } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { type Device, openDevice, traceTraining, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ZOO } from "../../packages/cli/src/zoo/catalog.ts";
import { evaluate } from "../../packages/counters/src/expressions/evaluate.ts";
import { parseExpression } from "../../packages/counters/src/expressions/expression.ts";
import { format } from "../../packages/counters/src/expressions/format.ts";
import { expectTable } from "./generated-table.ts";
import type { PeerReason } from "./peer-reasons.ts";

/** What FlopCounterMode gave over a forward pass, and over one with the backward pass. */
const MODELS: Readonly<Record<string, { readonly forward: number; readonly step: number }>> =
  JSON.parse(
    readFileSync(new URL("../fixtures/reference/peers-2026.json", import.meta.url), "utf8"),
  ).flop_counter_training.models;

/** What a step differs by, beside the gradient by the model's input. */
const REASONS: Readonly<Record<string, PeerReason>> = {
  vit_b_16: {
    why: "PyTorch runs the two products of attention as one operator on a CPU, which FlopCounterMode does not know: forward once, backward twice",
    difference: "3 * 2 * batch * layers * 2 * L * L * d",
    symbols: { batch: 2, layers: 12, L: 197, d: 768 },
  },
  bert_base: {
    why: "its loss is of the encoder's output; here it is of all outputs, and the pooler has gradients too",
    difference: "2 * 2 * d * d",
    symbols: { d: 768 },
  },
};

/**
 * Runs something in which the gradient of a tile is one sum. TensorFlow.js adds up a slice for each
 * repetition: 4,000 kernels of each layer normalization of a transformer.
 */
async function withTilesSummed<T>(run: () => Promise<T>): Promise<T> {
  const own = tf.getGradient("Tile");
  const gradFunc: typeof own.gradFunc = (dy, [x]) => {
    if (x === undefined || Array.isArray(dy))
      throw new Error("Tile has one operand and one result");
    const tiled = x.shape.flatMap((size, axis) => (size === dy.shape[axis] ? [] : [axis]));
    for (const axis of tiled) expect(x.shape[axis], "a size that is tiled").to.equal(1);
    return { x: () => dy.sum(tiled, true) };
  };
  tf.unregisterGradient("Tile");
  tf.registerGradient({ ...own, gradFunc });
  try {
    return await run();
  } finally {
    tf.unregisterGradient("Tile");
    tf.registerGradient(own);
  }
}

/** A training step, of two images or of 128 tokens. */
async function traceStep(device: Device, name: string): Promise<Graph> {
  const zooModel = ZOO[name];
  if (zooModel === undefined) throw new Error(`the zoo lacks ${name}`);
  return withBackend(device, async () => {
    const model = zooModel.build(tf);
    const inputs = zooModel.inputs.map(({ shape, dtype }) =>
      tf.zeros(shape.length === 4 ? [2, ...shape.slice(1)] : [...shape], dtype),
    );
    try {
      return await traceTraining(model, inputs, { device });
    } finally {
      tf.dispose(inputs);
      model.dispose();
    }
  });
}

/** FLOPs that the report's note says are for gradients that nothing uses. */
function forUnusedGradients(warnings: readonly string[]): number {
  const [note] = warnings.filter((warning) => warning.includes("gradients that nothing uses"));
  return Number(/^[\d,]+/.exec(note ?? "0")?.[0].replaceAll(",", ""));
}

describe("training steps under torch", () => {
  let device: Device;
  before(async () => {
    device = await openDevice("virtual");
  });

  for (const [name, { step }] of Object.entries(MODELS)) {
    it(`count what FlopCounterMode does of ${name}, and the gradient by the input`, async function () {
      // Tracing the gradients of a transformer takes its time: one is traced as TensorFlow.js has them.
      this.timeout(180_000);
      const traced = () => traceStep(device, name === "gpt2_lm" ? "gpt2" : name);
      const graph = await (name === "bert_base" ? traced() : withTilesSummed(traced));
      const { flops, warnings } = count(graph, { convention: "torch" });
      const reason = REASONS[name];
      const difference =
        reason === undefined
          ? 0
          : Number(evaluate(parseExpression(reason.difference), reason.symbols));
      const extra = forUnusedGradients(warnings);
      expect(Number(flops) - extra).to.equal(step + difference);
      // Tokens have no gradient; an image's is that of the first convolution.
      const first = graph.ops.findLast(({ kernel }) => kernel === "Conv2DBackpropInput");
      expect(extra > 0, `${name} has images`).to.equal(first !== undefined);
    });
  }

  it("are the same FLOPs where a tile's gradient is one sum, as above, and as TensorFlow.js adds it up", async () => {
    const inputShape = [5, 8];
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 8, inputShape }),
        tf.layers.layerNormalization(),
        tf.layers.dense({ units: 3 }),
      ],
    });
    const step = () => traceTraining(model, [tf.ones([2, ...inputShape])], { device });
    const [summed, own] = [await withTilesSummed(step), await step()];
    const slices = ({ ops }: Graph) => ops.filter(({ kernel }) => kernel === "Slice").length;
    expect(slices(summed)).to.equal(0);
    // Two of the statistics by the width, two of the weights by the batch and the length.
    expect(slices(own)).to.equal(2 * 8 + 2 * 2 * 5);
    const flops = (graph: Graph) => Number(count(graph, { convention: "torch" }).flops);
    expect(flops(summed)).to.be.greaterThan(0);
    expect(flops(own)).to.equal(flops(summed));
  });

  it("are told what gradients of frozen weights cost, which TensorFlow.js computes all the same", async () => {
    const dense = tf.layers.dense({ units: 7, inputShape: [10], activation: "relu" });
    const frozen = tf.layers.dense({ units: 3, trainable: false });
    const model = tf.sequential({ layers: [dense, frozen] });
    const { warnings } = count(await traceTraining(model, [tf.ones([4, 10])], { device }));
    // The product for the kernel, and the sums for the bias.
    expect(forUnusedGradients(warnings)).to.equal(2 * 4 * 7 * 3 + 3 * 3);
  });

  it("are documented where they differ", () => {
    expectTable(
      "parity.md",
      "training: reasons",
      ["model", "ours − FlopCounterMode's", "where", "why"],
      Object.entries(REASONS).map(([name, { why, difference, symbols }]) => [
        name,
        format(parseExpression(difference)),
        Object.entries(symbols)
          .map(([symbol, value]) => `${symbol} = ${value}`)
          .join(", "),
        why,
      ]),
    );
  });
});
