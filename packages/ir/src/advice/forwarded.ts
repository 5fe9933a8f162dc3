import type { Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { sizeOf } from "../types.ts";
import { dataBehind } from "./data-behind.ts";
import { HOST_ELEMENTS, InnerKernels } from "./inner-kernels.ts";

/**
 * The kernels that tfjs computes on the host where their operands are small and there, and on the
 * device in one dispatch, or as many as `dispatchesOf` says. Source: `shouldExecuteOnCPU` in the
 * kernels of its WebGPU backend 4.22, and the kernels that are made of these alone.
 */
const FORWARDED: ReadonlySet<string> = new Set([
  ...["Abs", "Ceil", "Exp", "Expm1", "Floor", "Log", "Neg", "Rsqrt"],
  ...["Add", "FloorDiv", "Maximum", "Minimum", "Multiply", "Sub"],
  ...["Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "NotEqual"],
  ...["BroadcastArgs", "Cast", "Concat", "GatherNd", "GatherV2", "Max", "Prod", "Slice"],
  ...["StridedSlice", "Tile", "TopK", "Transpose"],
  ...["BatchToSpaceND", "Einsum", "Pack", "SplitV", "Unpack"],
  ...["Cumprod", "Cumsum"],
]);

/** Those that take complex numbers, whose parts are on the host. */
const OF_COMPLEX: ReadonlySet<string> = new Set(["Cast", "Concat"]);

/**
 * How many dispatches an op that ran on the host takes with `WEBGPU_CPU_FORWARD` off; undefined for
 * an op that ran elsewhere, or that stays on the host all the same.
 */
export function forwardedDispatches(graph: Graph, op: Op): number | undefined {
  const operands = Object.values(op.operands).map((value) => valueAt(graph, value));
  const isForwarded =
    op.placement === "cpu" &&
    FORWARDED.has(op.kernel) &&
    operands.length > 0 &&
    op.results.some((value) => sizeOf(valueAt(graph, value).shape) > 0) &&
    operands.every(
      ({ shape, dtype }) =>
        sizeOf(shape) < HOST_ELEMENTS &&
        dtype !== "string" &&
        (dtype !== "complex64" || OF_COMPLEX.has(op.kernel)),
    );
  return isForwarded ? dispatchesOf(graph, op) : undefined;
}

function dispatchesOf(graph: Graph, op: Op): number | undefined {
  const [first] = Object.values(op.operands).map((value) => valueAt(graph, value));
  const { shape = [], dtype } = first ?? {};
  switch (op.kernel) {
    case "TopK":
      return topKDispatches(shape.at(-1) ?? 0, Number(op.attrs["k"]));
    case "Tile":
      return shape.length < 5 ? 1 : undefined;
    case "Unpack":
    case "SplitV":
      return op.results.filter((value) => sizeOf(valueAt(graph, value).shape) > 0).length;
    case "BatchToSpaceND":
      return 2;
    case "Einsum":
    case "Pack":
    case "Concat":
      return (
        (innerKernels(graph, op, () => true)?.allDispatches ?? 1) * (dtype === "complex64" ? 2 : 1)
      );
    case "Max":
    case "Prod":
      return isInnermost(op, shape.length) ? 1 : 2;
    case "Cumprod":
    case "Cumsum":
      // Of one element it only transposes, there and back.
      return isInnermost(op, shape.length) ? undefined : 2;
    default:
      return 1;
  }
}

/** What a kernel does that is made of more than one that may run on the host; undefined for others. */
export function innerKernels(
  graph: Graph,
  op: Op,
  isOnHost: (value: number) => boolean,
): InnerKernels | undefined {
  const operands = Object.values(op.operands).map((value) => {
    const operand = dataBehind(graph, value);
    return { shape: valueAt(graph, value).shape, isOnHost: isOnHost(operand), operand };
  });
  const inner = new InnerKernels();
  switch (op.kernel) {
    case "Einsum":
      inner.einsum(operands, String(op.attrs["equation"]));
      return inner;
    case "Pack":
    case "Concat":
      inner.concat(operands.filter(({ shape }) => sizeOf(shape) > 0));
      return inner;
    default:
      return undefined;
  }
}

/** Whether a forwarded op transposes more than a matrix on the device. */
export function transposesMore(graph: Graph, op: Op): boolean {
  const [first = Number.NaN] = Object.values(op.operands);
  const rank = valueAt(graph, first).shape.length;
  switch (op.kernel) {
    case "Transpose":
      return String(op.attrs["perm"]) !== "1,0";
    case "BatchToSpaceND":
      return true;
    case "Max":
    case "Prod":
    case "Cumprod":
    case "Cumsum":
      return rank !== 2 && !isInnermost(op, rank);
    default:
      return innerKernels(graph, op, () => true)?.transposesMore ?? false;
  }
}

/** Bytes that a forwarded op uploads of its own: a cast to bool compares with a 0. */
export function forwardedUpload({ kernel, attrs }: Op): number {
  return kernel === "Cast" && attrs["dtype"] === "bool" ? 4 : 0;
}

/**
 * The dispatches of a bitonic top k of rows: k elements are sorted; then half of the candidates is
 * dropped, and the rest sorted, until k are left; then come a slice and a gather. Undefined for no
 * elements. Of rows of one it fills the indexes alone.
 */
function topKDispatches(row: number, k: number): number | undefined {
  if (k === 0 || row === 0) return undefined;
  if (row === 1) return 1;
  const [sorted, all] = [k, row].map((count) => Math.ceil(Math.log2(count)));
  if (sorted === undefined || all === undefined) return undefined;
  return (sorted * (sorted + 1)) / 2 + (all - sorted) * (1 + sorted) + 2;
}

/** Whether a reduction is over the last axes, in order; another one transposes its operand first. */
export function isInnermost({ attrs }: Op, rank: number): boolean {
  const axis = attrs["reductionIndices"] ?? attrs["axis"];
  if (axis === undefined || axis === null) return true;
  const axes = Array.isArray(axis) ? axis.map(Number) : [Number(axis)];
  return axes.every((each, at) => (each < 0 ? each + rank : each) === rank - axes.length + at);
}
