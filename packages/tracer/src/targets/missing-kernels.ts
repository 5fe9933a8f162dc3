import { OpcounterError } from "@opcounter/ir/core";
import { type MappedGraph, type MappedNode, nodesBehind } from "../loading/unknown-parts.ts";
import { kernelOn } from "../tfjs/engine.ts";

/**
 * The kernels that other backends of TensorFlow.js have and its WebGPU backend lacks, by the ops of
 * a GraphModel that always run them. What runs any other op is decided by its attributes and
 * operands, and told by the run. The ops NonMaxSuppressionV4, which computes on the host, and
 * BitwiseAnd and Ragged…, which TensorFlow.js 4.22 cannot run at all, reach no kernel.
 */
export const KERNELS_OF_OPS: Readonly<Record<string, string>> = {
  SparseFillEmptyRows: "SparseFillEmptyRows",
  SparseReshape: "SparseReshape",
  StaticRegexReplace: "StaticRegexReplace",
  StringSplit: "StringSplit",
  StringToHashBucketFast: "StringToHashBucketFast",
  Unique: "Unique",
  UniqueV2: "Unique",
};

/** Ops of the first kind of control flow. What depends on them may never run. */
const BRANCHES: ReadonlySet<string> = new Set(["Switch", "Merge"]);

/**
 * Checks that the WebGPU backend has the kernels of the ops that a GraphModel runs. TensorFlow.js
 * tells of the first only, in mid-pass.
 *
 * @throws OpcounterError "kernel-unavailable" that names all that are missing, where one of them is
 *   sure to be run: not only in functions, which loops and branches call, nor in a graph with
 *   branches of the first kind.
 */
export function checkKernels({ outputs, functions = {} }: MappedGraph): void {
  const nodes = nodesBehind(outputs);
  const own = missingFor(nodes);
  if (own.length === 0 || nodes.some(({ op }) => BRANCHES.has(op))) return;
  const inner = Object.values(functions).flatMap(({ outputs }) => nodesBehind(outputs));
  const all = [...own, ...missingFor(inner)];
  const names = [...new Set(all)].sort();
  const [noun, them] = names.length === 1 ? ["kernel", "it"] : ["kernels", "them"];
  throw new OpcounterError(
    "kernel-unavailable",
    `The model needs the ${noun} ${names.join(", ")}, which TensorFlow.js's WebGPU backend does not have`,
    {
      remedy: `register ${them} for the backend "webgpu" with tf.registerKernel() before the model runs (on the command line, in a module given by --plugin)`,
    },
  );
}

/** The kernels of some nodes that are missing. */
function missingFor(nodes: readonly MappedNode[]): string[] {
  return nodes.flatMap(({ op, category }) => {
    // An op that the program has registered runs what the program says.
    const isKnown = category !== "custom" && Object.hasOwn(KERNELS_OF_OPS, op);
    const kernel = isKnown ? KERNELS_OF_OPS[op] : undefined;
    return kernel === undefined || kernelOn("webgpu", kernel) !== undefined ? [] : [kernel];
  });
}
