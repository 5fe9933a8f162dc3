import type { DataType, Tensor } from "@tensorflow/tfjs-core";
import type { MappedGraph } from "../loading/unknown-parts.ts";
import { declaredDType, type InputSpec } from "./inputs.ts";
import type { ParamSource } from "./param-source.ts";
import type { Traceable } from "./target.ts";

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** "custom" where the program registered the op. */
  readonly category?: string;
  readonly inputNames: readonly string[];
  /** The attributes. The value of one that is a function, such as a loop's body, is its name. */
  readonly attrParams?: Readonly<Record<string, { readonly value?: unknown }>>;
}

interface NodesOfGraph {
  readonly nodes: Readonly<Record<string, GraphNode>>;
}

export interface GraphExecutor {
  readonly graph: MappedGraph &
    NodesOfGraph & { readonly functions?: Record<string, NodesOfGraph> };
  readonly weightMap: Readonly<Record<string, readonly Tensor[]>>;
  /** By name, the functions that loops and branches run. */
  readonly functionExecutorMap?: Readonly<Record<string, GraphExecutor>>;
  /** The orders of nodes that it has found so far. */
  readonly compiledMap?: ReadonlyMap<string, unknown>;
}

/** The members of a tfjs GraphModel that opcounter uses. */
export interface GraphModel {
  readonly executor: GraphExecutor;
  /** Runs a graph of its own before the model runs for the first time: it fills tables. */
  readonly initializer?: GraphExecutor;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape?: readonly number[];
    /** Null where the model leaves it open. */
    readonly dtype: DataType | null;
  }[];
  readonly modelSignature?: {
    readonly inputs?: Readonly<
      Record<string, { readonly name: string; readonly resourceId?: number | null }>
    >;
  };
  execute(inputs: unknown, outputs?: unknown): unknown;
  executeAsync(inputs: unknown, outputs?: unknown): Promise<unknown>;
}

export function isGraphModel(value: unknown): value is GraphModel {
  return (
    typeof value === "object" &&
    value !== null &&
    "executor" in value &&
    "executeAsync" in value &&
    "execute" in value
  );
}

/** A GraphModel. It has no name in tfjs. */
export function graphModel(model: GraphModel): Traceable {
  let run: Traceable["run"] = (inputs) => model.execute(inputs);
  return {
    name: "graph-model",
    inputSpecs: specsOf(model),
    params: () => paramsOfGraphModel(model),
    classes: { GraphModel: { prototype: Object.getPrototypeOf(model) } },
    callsAnyModel: false,
    mayLeak: false,
    readsSynchronously: false,
    async check() {
      const { checkedRun } = await import("./run-graph-model.ts");
      run = checkedRun(model);
    },
    run: (...given) => run(...given),
    callInTraining: undefined,
  };
}

function specsOf({ inputs, modelSignature }: GraphModel): readonly InputSpec[] {
  const signed = Object.values({ ...modelSignature?.inputs });
  // TensorFlow.js itself gives a model the tables that its initializer made.
  const tables = signed.flatMap(({ name, resourceId }) =>
    resourceId == null ? [] : nodeName(name),
  );
  return inputs.flatMap((input) => {
    const name = nodeName(input.name);
    if (tables.includes(name)) return [];
    // TensorFlow writes an unknown dimension as −1.
    const shape = input.shape?.map((dimension) => (dimension < 0 ? null : dimension));
    return { name, dtype: declaredDType(name, input.dtype), shape };
  });
}

/** The node of one of its results: `bn/mean` of `bn/mean:output:0`, as functions have it. */
function nodeName(result: string): string {
  return result.replace(/:.*/, "");
}

/**
 * The weights of a frozen graph: all of its weights manifest. None of them is trainable. Shapes and
 * axes that the converter froze are among them, as int32.
 */
export function paramsOfGraphModel({ executor: { graph, weightMap } }: GraphModel): ParamSource[] {
  const statistics = new Set<string>();
  for (const { nodes } of [graph, ...Object.values({ ...graph.functions })]) {
    for (const { op, inputNames } of Object.values(nodes)) {
      if (!op.startsWith("FusedBatchNorm")) continue;
      // The moving mean and variance of batch normalization are its fourth and fifth inputs.
      for (const name of inputNames.slice(3)) statistics.add(nodeName(name));
    }
  }
  return Object.entries(weightMap).flatMap(([name, tensors]) =>
    tensors.map((tensor) => ({
      tensor,
      name,
      trainable: false,
      role: statistics.has(name) ? "statistic" : "weight",
    })),
  );
}
