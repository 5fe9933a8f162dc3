import { readFileSync } from "node:fs";
import { count } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

/** What PyTorch's layers gave under an independent hook, thop, fvcore and ptflops. */
interface Reference {
  readonly params: number;
  readonly matmul_macs: number;
  readonly thop_macs: number;
  readonly fvcore_flops: number;
  readonly ptflops_aten_macs: number;
}

const REFERENCE: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(new URL("../fixtures/reference/layers.json", import.meta.url), "utf8"),
).layers;

const STEPS = 50;
const FEATURES = 128;
const UNITS = 256;

type Recurrent = tf.RNN;
const recurrent = {
  LSTM: () => tf.layers.lstm(options),
  GRU: () => tf.layers.gru(options),
  RNN: () => tf.layers.simpleRNN(options),
};
// Zeros: the default initializer decomposes matrices, which takes seconds.
const options = {
  units: UNITS,
  returnSequences: true,
  recurrentInitializer: "zeros",
  kernelInitializer: "zeros",
} as const;

function model(layers: tf.layers.Layer[]): tf.Sequential {
  const sequence = tf.sequential();
  sequence.add(tf.layers.inputLayer({ inputShape: [STEPS, FEATURES] }));
  for (const layer of layers) sequence.add(layer);
  return sequence;
}

function bidirectional(layer: Recurrent): tf.layers.Layer {
  return tf.layers.bidirectional({ layer, mergeMode: "concat" });
}

/** A transformer encoder layer as PyTorch's, of projections with biases and post-normalization. */
function encoderLayer(width: number, heads: number, inner: number, activation: "relu" | "gelu") {
  const weight = (...shape: number[]) => tf.variable(tf.zeros(shape));
  const linear = (inputs: number, outputs: number) => {
    const [kernel, bias] = [weight(inputs, outputs), weight(outputs)];
    return (a: tf.Tensor2D) =>
      tf.fused.matMul({ a, b: kernel as tf.Tensor as tf.Tensor2D, bias }) as tf.Tensor2D;
  };
  const norm = () => {
    const [scale, offset] = [weight(width), weight(width)];
    return (x: tf.Tensor2D) => {
      const { mean, variance } = tf.moments(x, 1, true);
      const normalized = x.sub(mean).div(variance.add(1e-5).sqrt());
      return normalized.mul(scale).add(offset) as tf.Tensor2D;
    };
  };
  const gelu = (x: tf.Tensor2D) => x.mul(0.5).mul(x.div(Math.SQRT2).erf().add(1)) as tf.Tensor2D;
  const [query, key, value, out] = Array.from({ length: 4 }, () => linear(width, width));
  const [up, down, first, second] = [
    linear(width, inner),
    linear(inner, width),
    norm(),
    norm(),
  ] as const;
  return (x: tf.Tensor2D) => {
    const split = (y: tf.Tensor) => y.reshape([-1, heads, width / heads]).transpose([1, 0, 2]);
    const [q, k, v] = [query, key, value].map((project) => split(project?.(x) ?? x));
    if (q === undefined || k === undefined || v === undefined || out === undefined) return x;
    const scores = tf.matMul(q, k, false, true).div(Math.sqrt(width / heads));
    const attended = tf.matMul(tf.softmax(scores), v).transpose([1, 0, 2]).reshape(x.shape);
    const h = first(x.add(out(attended as tf.Tensor2D)) as tf.Tensor2D);
    const hidden = up(h);
    return second(h.add(down(activation === "gelu" ? gelu(hidden) : hidden.relu())) as tf.Tensor2D);
  };
}

function biasesOf(name: string, reference: Reference): number {
  // PyTorch's cells have two biases a gate, Keras's one: as many numbers fewer.
  const gates = name.startsWith("LSTM") ? 4 : name.startsWith("GRU") ? 3 : 1;
  const cells = name.includes("bidir") ? 4 : 1;
  return reference.params - gates * UNITS * cells;
}

describe("parity with PyTorch's layers", () => {
  const referenceOf = (name: string): Reference => {
    const reference = REFERENCE[name];
    if (reference === undefined) throw new Error(`the reference has no ${name}`);
    return reference;
  };
  const macs = (graph: Graph, convention: string) => count(graph, { convention }).macs;
  const traced = async (target: Parameters<typeof trace>[0], shape: number[]): Promise<Graph> => {
    const device = await openDevice("virtual");
    return withBackend(device, async () => {
      const x = tf.zeros(shape);
      return trace(target, [x], { device }).finally(() => x.dispose());
    });
  };

  for (const [kind, layer] of Object.entries(recurrent)) {
    const single = `${kind}(128,256) x(50,1,128)`;
    const stacked = `${kind}(128,256,layers2,bidir) x(50,1,128)`;
    for (const name of [single, stacked].filter((name) => name in REFERENCE)) {
      it(`${name}`, async () => {
        const reference = referenceOf(name);
        const layers =
          name === single ? [layer()] : [bidirectional(layer()), bidirectional(layer())];
        const graph = await traced(model(layers), [1, STEPS, FEATURES]);
        const { totals, uncounted } = count(graph, { strict: true });
        expect(totals.params).to.equal(biasesOf(name, reference));
        expect(totals.macs).to.equal(reference.matmul_macs);
        expect(uncounted).to.deep.equal([]);
        expect(macs(graph, "thop@head")).to.equal(reference.thop_macs);
        expect(macs(graph, "fvcore")).to.equal(reference.fvcore_flops);
        expect(macs(graph, "ptflops")).to.equal(reference.ptflops_aten_macs);
        expect(macs(graph, "thop@2019-09")).to.equal(0);
      });
    }
  }

  const encoders = [
    ["TransformerEncoderLayer(768,12,ff2048,batch_first) x(1,128,768)", 2048, "relu"],
    ["TransformerEncoderLayer(768,12,ff3072,gelu,batch_first) x(1,128,768)", 3072, "gelu"],
  ] as const;
  for (const [name, inner, activation] of encoders) {
    it(`${name}`, async () => {
      const reference = referenceOf(name);
      const graph = await traced(encoderLayer(768, 12, inner, activation), [128, 768]);
      const { totals } = count(graph, { strict: true });
      expect(totals.params).to.equal(reference.params);
      expect(totals.macs).to.equal(reference.matmul_macs);
      expect(macs(graph, "fvcore")).to.equal(reference.fvcore_flops);
      expect(macs(graph, "ptflops")).to.equal(reference.ptflops_aten_macs);
      expect(count(graph, { convention: "torch" }).flops).to.equal(2 * reference.matmul_macs);
      // thop's hooks see the linear modules and the normalizations, and not attention's products.
      const attention = 2 * 128 * 128 * 768;
      const softmax = 12 * 128 * (3 * 128 - 1);
      const norms = 2 * 4 * 128 * 768;
      expect(macs(graph, "thop@head")).to.equal(
        reference.matmul_macs - attention + softmax + norms,
      );
    });
  }
});
