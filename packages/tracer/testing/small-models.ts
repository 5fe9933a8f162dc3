import * as tf from "@tensorflow/tfjs";

/** A small convolutional LayersModel with a nested model, batch normalization and a shared layer. */
export function smallLayersModel(): tf.LayersModel {
  const inner = tf.sequential({
    name: "inner",
    layers: [
      tf.layers.conv2d({
        name: "conv",
        inputShape: [8, 8, 4],
        filters: 4,
        kernelSize: 3,
        padding: "same",
      }),
      tf.layers.batchNormalization({ name: "norm" }),
    ],
  });
  const shared = tf.layers.dense({ name: "shared", units: 6, activation: "relu" });
  const image = tf.input({ name: "image", shape: [8, 8, 4] });
  const features = tf.layers
    .globalAveragePooling2d({ name: "pool" })
    .apply(inner.apply(image)) as tf.SymbolicTensor;
  const raw = tf.layers.globalAveragePooling2d({ name: "raw/pool" }).apply(image);
  const sum = tf.layers
    .add({ name: "sum" })
    .apply([shared.apply(features), shared.apply(raw)] as tf.SymbolicTensor[]);
  const output = tf.layers.dense({ name: "head/fc", units: 3, activation: "softmax" }).apply(sum);
  return tf.model({ name: "small", inputs: image, outputs: output as tf.SymbolicTensor });
}

interface Node {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: object;
}

const FLOAT = { T: { type: "DT_FLOAT" } };

/**
 * A GraphModel of one convolution with bias, a ReLU, a mean over the image and a matrix product,
 * as the TensorFlow.js converter would write it, with weights counted up from 0.
 */
export async function smallGraphModel(): Promise<tf.GraphModel> {
  const weights: tf.io.WeightsManifestEntry[] = [
    { name: "block/conv/kernel", shape: [3, 3, 2, 4], dtype: "float32" },
    { name: "block/conv/bias", shape: [4], dtype: "float32" },
    { name: "block/axes", shape: [2], dtype: "int32" },
    { name: "head/kernel", shape: [4, 5], dtype: "float32" },
  ];
  const nodes: Node[] = [
    {
      name: "image",
      op: "Placeholder",
      attr: {
        dtype: { type: "DT_FLOAT" },
        shape: { shape: { dim: [{ size: "-1" }, { size: "8" }, { size: "8" }, { size: "2" }] } },
      },
    },
    ...weights.map(({ name, dtype, shape }) => ({
      name,
      op: "Const",
      attr: {
        dtype: { type: dtype === "int32" ? "DT_INT32" : "DT_FLOAT" },
        value: {
          tensor: {
            dtype: dtype === "int32" ? "DT_INT32" : "DT_FLOAT",
            tensorShape: { dim: shape.map((size) => ({ size: String(size) })) },
          },
        },
      },
    })),
    {
      name: "block/conv/Conv2D",
      op: "_FusedConv2D",
      input: ["image", "block/conv/kernel", "block/conv/bias"],
      attr: {
        ...FLOAT,
        strides: { list: { i: ["1", "1", "1", "1"] } },
        dilations: { list: { i: ["1", "1", "1", "1"] } },
        padding: { s: "VkFMSUQ=" },
        data_format: { s: "TkhXQw==" },
        fused_ops: { list: { s: ["Qmlhc0FkZA==", "UmVsdQ=="] } },
        num_args: { i: "1" },
        epsilon: { f: 0 },
        explicit_paddings: { list: {} },
      },
    },
    {
      name: "block/Mean",
      op: "Mean",
      input: ["block/conv/Conv2D", "block/axes"],
      attr: { ...FLOAT, keep_dims: { b: false } },
    },
    {
      name: "head/MatMul",
      op: "MatMul",
      input: ["block/Mean", "head/kernel"],
      attr: { ...FLOAT, transpose_a: { b: false }, transpose_b: { b: false } },
    },
  ];
  const data = new Float32Array(72 + 4 + 2 + 20).map((_, i) => i / 100);
  new Int32Array(data.buffer, 76 * 4, 2).set([1, 2]);
  return tf.loadGraphModel({
    load: async () => ({
      format: "graph-model",
      modelTopology: { node: nodes, versions: { producer: 1 }, library: {} },
      weightSpecs: weights,
      weightData: data.buffer,
    }),
  });
}
