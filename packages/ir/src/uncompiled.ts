import type { Graph, Op } from "./graph.ts";
import { valueAt } from "./graph.ts";
import { behindViews } from "./patterns/match.ts";
import type { DType } from "./types.ts";

/**
 * Kernels whose shader mixes float32 and the dtype of an operand, which WGSL does not: those of
 * tfjs-backend-webgpu 4.22, found by running every kernel with every dtype on a software GPU
 * (`tests/src/kernels/devices.ts`).
 */
const UNCOMPILED: Readonly<Record<string, readonly [operand: string, dtype: DType]>> = {
  ScatterNd: ["updates", "bool"],
  SparseSegmentMean: ["data", "bool"],
  SparseSegmentSum: ["data", "bool"],
};

/**
 * The dtype for which the shader of an op does not compile on a real device; undefined where it
 * does. Besides some kernels it is every op that runs `TransposeProgram` on integers or booleans: a
 * transpose of three dimensions or more, and a reduction or a cumulative sum over another axis than
 * the last. The virtual device compiles nothing and does not notice.
 */
export function uncompiledDType(graph: Graph, op: Op): DType | undefined {
  if (op.dispatches.length === 0) return undefined;
  const dtypeOf = (name: string) => {
    const value = op.operands[name];
    // A cast to a wider dtype is a view: the shader still sees the dtype before it.
    return value === undefined ? undefined : valueAt(graph, behindViews(graph, value)).dtype;
  };
  const [operand, refused] = UNCOMPILED[op.kernel] ?? [];
  if (operand !== undefined && dtypeOf(operand) === refused) return refused;
  if (op.dispatches.every(({ program }) => program !== "TransposeProgram")) return undefined;
  // The operands of Einsum are a list.
  const transposed = dtypeOf("x") ?? dtypeOf("0");
  return transposed === "int32" || transposed === "bool" ? transposed : undefined;
}
