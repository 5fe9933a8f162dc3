import type { DataType, Tensor } from "@tensorflow/tfjs-core";
import type { MappedGraph } from "../loading/unknown-parts.ts";
import { declaredDType, type InputSpec, isInOrder } from "./inputs.ts";
import type { ParamSource } from "./param-source.ts";
import type { Traceable } from "./target.ts";

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputNames: readonly string[];
  /** The attributes. The value of one that is a function, such as a loop's body, is its name. */
  readonly attrParams?: Readonly<Record<string, { readonly value?: unknown }>>;
}

export interface GraphExecutor {
  readonly graph: MappedGraph & { readonly nodes: Readonly<Record<string, GraphNode>> };
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
  let isAsync = false;
  return {
    name: "graph-model",
    inputSpecs: specsOf(model),
    params: () => paramsOfGraphModel(model),
    classes: { GraphModel: { prototype: Object.getPrototypeOf(model) } },
    callsAnyModel: false,
    mayLeak: false,
    readsSynchronously: false,
    async check() {
      const { checkKernels, mayBeAsync } = await import("./missing-kernels.ts");
      const { graph } = model.executor;
      checkKernels(graph);
      isAsync = mayBeAsync(Object.values(graph.nodes));
    },
    run(inputs, hasRun) {
      const argument = isInOrder(inputs) ? [...inputs] : { ...inputs };
      if (isAsync) return model.executeAsync(argument);
      try {
        return model.execute(argument);
      } catch (error) {
        // The executor refuses graphs with control flow before it runs any of their nodes.
        if (hasRun() || !String(error).includes("executeAsync")) throw error;
        return model.executeAsync(argument);
      }
    },
    callInTraining: undefined,
  };
}

function specsOf({ inputs, modelSignature }: GraphModel): readonly InputSpec[] {
  // TensorFlow.js itself gives a model the tables that its initializer made.
  const tables = Object.values(modelSignature?.inputs ?? {})
    .filter(({ resourceId }) => resourceId != null)
    .map(nodeName);
  const given = inputs.filter((input) => !tables.includes(nodeName(input)));
  return given.map((input) => {
    const name = nodeName(input);
    // TensorFlow writes an unknown dimension as −1.
    const shape = input.shape?.map((dimension) => (dimension < 0 ? null : dimension));
    return { name, dtype: declaredDType(name, input.dtype), shape };
  });
}

/** The node of an input, which may be named as the node's first result. */
function nodeName({ name }: { readonly name: string }): string {
  return name.replace(/:0$/, "");
}

/**
 * The weights of a frozen graph: all of its weights manifest. None of them is trainable. Shapes and
 * axes that the converter froze are among them, as int32.
 */
export function paramsOfGraphModel({ executor }: GraphModel): ParamSource[] {
  const statistics = new Set<string>();
  for (const { op, inputNames } of Object.values(executor.graph.nodes)) {
    if (!op.startsWith("FusedBatchNorm")) continue;
    // The moving mean and variance of batch normalization are its fourth and fifth inputs.
    for (const name of inputNames.slice(3)) statistics.add(name);
  }
  return Object.entries(executor.weightMap).flatMap(([name, tensors]) =>
    tensors.map((tensor) => ({
      tensor,
      name,
      trainable: false,
      role: statistics.has(name) ? ("statistic" as const) : ("weight" as const),
    })),
  );
}
