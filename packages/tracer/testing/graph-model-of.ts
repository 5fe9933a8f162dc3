import * as tf from "@tensorflow/tfjs";

/** A graph as a test writes it. */
interface GraphText {
  /** By name, the shape of a float32 input. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** By name, a scalar or a list of float32. */
  readonly weights: Readonly<Record<string, number | readonly number[]>>;
  /** Name, op, and the names of what it takes. */
  readonly nodes: readonly (readonly [name: string, op: string, ...inputs: string[]])[];
}

const FLOAT = { type: "DT_FLOAT" };

/** A GraphModel of these nodes, without attributes. */
export async function graphModelOf({ inputs, weights, nodes }: GraphText): Promise<tf.GraphModel> {
  const specs = Object.entries(weights).map(([name, value]) => ({
    name,
    shape: typeof value === "number" ? [] : [value.length],
    dtype: "float32" as const,
  }));
  const node = [
    ...Object.entries(inputs).map(([name, shape]) => ({
      name,
      op: "Placeholder",
      attr: { dtype: FLOAT, shape: { shape: { dim: shape.map((size) => ({ size: `${size}` })) } } },
    })),
    ...specs.map(({ name }) => ({ name, op: "Const", attr: { dtype: FLOAT } })),
    ...nodes.map(([name, op, ...input]) => ({ name, op, input, attr: { T: FLOAT } })),
  ];
  return tf.loadGraphModel({
    load: async () => ({
      format: "graph-model",
      modelTopology: { node, versions: { producer: 1 }, library: {} },
      weightSpecs: specs,
      weightData: Float32Array.from(Object.values(weights).flat()).buffer,
    }),
  });
}
