import * as tf from "@tensorflow/tfjs";

/** TensorFlow's numbers of dtypes. */
export const [FLOAT, INT, TEXT, BOOL, RESOURCE] = [1, 3, 7, 10, 20] as const;

/** The attribute that is a dtype. */
export const type = (dtype: number) => ({ type: dtype });

/** The attribute that is a text. */
export const text = (value: string) => ({ s: Buffer.from(value).toString("base64") });

/** The attribute that is a function's name. */
export const f = (name: string) => ({ func: { name } });

/** A node as a model.json has it. */
export interface WrittenNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: object;
}

export function node(
  name: string,
  op: string,
  input: readonly string[] = [],
  attr: object = {},
): WrittenNode {
  return { name, op, input, attr };
}

export function constant(name: string, dtype: number): WrittenNode {
  return node(name, "Const", [], { dtype: type(dtype) });
}

export function placeholder(
  name: string,
  shape: readonly number[],
  dtype: number = FLOAT,
): WrittenNode {
  const dim = shape.map((size) => ({ size }));
  return node(name, "Placeholder", [], { dtype: type(dtype), shape: { shape: { dim } } });
}

/** What a function takes, by name, with its dtype. */
export type Arguments = readonly (readonly [name: string, dtype: number])[];

/** A function of a graph. What it gives has the place that it comes from, such as `add:z:0`. */
export function definition(
  name: string,
  takes: Arguments,
  nodeDef: readonly object[],
  gives: readonly (readonly [name: string, from: string, dtype: number])[],
) {
  return {
    signature: {
      name,
      inputArg: takes.map(([name, dtype]) => ({ name, type: dtype })),
      outputArg: gives.map(([name, , dtype]) => ({ name, type: dtype })),
    },
    nodeDef,
    ret: Object.fromEntries(gives.map(([name, from]) => [name, from])),
  };
}

/** A graph with its functions and weights. */
interface WrittenGraph {
  readonly nodes: readonly WrittenNode[];
  readonly functions?: readonly ReturnType<typeof definition>[];
  /** By the name of the constant that has them. */
  readonly weights: Readonly<Record<string, tf.Tensor>>;
  /** What else the model has, such as its signature. */
  readonly rest?: Partial<tf.io.ModelArtifacts>;
}

/** A GraphModel of these nodes. */
export async function writtenGraph(graph: WrittenGraph): Promise<tf.GraphModel> {
  const { data, specs } = await tf.io.encodeWeights({ ...graph.weights });
  const modelTopology = {
    node: graph.nodes,
    library: { function: graph.functions ?? [] },
    versions: { producer: 1 },
  };
  return tf.loadGraphModel({
    load: async () => ({ modelTopology, weightSpecs: specs, weightData: data, ...graph.rest }),
  });
}
