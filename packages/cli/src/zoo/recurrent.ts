import type { LayersModel, RNN, SymbolicTensor } from "../tfjs-layers.ts";
import { zeroWeights } from "./zero-weights.ts";
import type { Tfjs, ZooInput, ZooModel } from "./zoo-model.ts";

const STEPS = 50;
const FEATURES = 128;
const UNITS = 256;
const LAYERS = 2;

const SEQUENCE: ZooInput = { name: "sequence", shape: [1, STEPS, FEATURES], dtype: "float32" };

/** Two recurrent layers. The second takes the states of the first at every step. */
export const recurrent: readonly ZooModel[] = [
  {
    name: "lstm",
    paper: {
      title: "Long Short-Term Memory",
      year: 1997,
      url: "https://doi.org/10.1162/neco.1997.9.8.1735",
    },
    inputs: [SEQUENCE],
    note: noteFor(4),
    build: (tf) =>
      stacked(tf, "lstm", (options) => tf.layers.lstm({ ...options, unitForgetBias: false })),
  },
  {
    name: "gru",
    paper: {
      title:
        "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation",
      year: 2014,
      url: "https://arxiv.org/abs/1406.1078",
    },
    inputs: [SEQUENCE],
    note: noteFor(3),
    build: (tf) => stacked(tf, "gru", (options) => tf.layers.gru(options)),
  },
];

function noteFor(gates: number): string {
  return `${LAYERS} layers of ${UNITS} units over ${FEATURES} features. Each gate has one bias, as in Keras; PyTorch has two, which makes ${gates * UNITS} more parameters a layer.`;
}

function stacked(
  tf: Tfjs,
  name: string,
  layerOf: (options: ReturnType<typeof layerOptions>) => RNN,
): LayersModel {
  const sequence = tf.input({ name: SEQUENCE.name, shape: [null, FEATURES] });
  let x = sequence;
  for (let i = 0; i < LAYERS; i++) {
    // Symbolic in, symbolic out.
    x = layerOf(layerOptions(tf, `${name}/${i}`)).apply(x) as SymbolicTensor;
  }
  return tf.model({ name, inputs: sequence, outputs: x });
}

function layerOptions(tf: Tfjs, name: string) {
  return {
    name,
    units: UNITS,
    returnSequences: true,
    recurrentActivation: "sigmoid",
    kernelInitializer: zeroWeights(tf),
    recurrentInitializer: zeroWeights(tf),
    biasInitializer: zeroWeights(tf),
  } as const;
}
