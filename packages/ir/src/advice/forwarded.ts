import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { sizeOf } from "../types.ts";

/** tfjs computes a kernel on the host where each of its operands has fewer elements than this. */
const HOST_ELEMENTS = 1000;

/** The operands that a Concat takes in one dispatch under WebGPU's default limits. */
const CONCAT_OPERANDS = 7;

/**
 * The kernels that tfjs computes on the host where their operands are small and there, and on the
 * device in one dispatch, or as many as `forwardedDispatches` says. Source: `shouldExecuteOnCPU` in
 * the kernels of its WebGPU backend 4.22, and the kernels that are made of these alone.
 */
const FORWARDED: ReadonlySet<string> = new Set([
  ...["Abs", "Ceil", "Exp", "Expm1", "Floor", "Log", "Neg", "Rsqrt"],
  ...["Add", "FloorDiv", "Maximum", "Minimum", "Multiply", "Sub"],
  ...["Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "NotEqual"],
  ...["BroadcastArgs", "Cast", "Concat", "GatherNd", "GatherV2", "Max", "Prod", "Slice"],
  ...["StridedSlice", "Tile", "TopK", "Transpose"],
  ...["BatchToSpaceND", "Einsum", "Pack", "SplitV", "Unpack"],
]);

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
        sizeOf(shape) < HOST_ELEMENTS && dtype !== "string" && dtype !== "complex64",
    );
  if (!isForwarded) return undefined;
  const { shape = [] } = operands[0] ?? {};
  const rank = shape.length;
  switch (op.kernel) {
    case "TopK":
      return topKDispatches(shape.at(-1) ?? 0, Number(op.attrs["k"]));
    case "Tile":
      return rank < 5 ? 1 : undefined;
    case "Unpack":
    case "SplitV":
      return op.results.length;
    case "BatchToSpaceND":
      return 2;
    case "Einsum":
      return einsumDispatches(String(op.attrs["equation"]));
    case "Pack":
    case "Concat":
      return concatDispatches(operands.length);
    case "Max":
    case "Prod":
      return isInnermost(op, rank) ? 1 : 2;
    default:
      return 1;
  }
}

/** The kernels that transpose what they reduce, or scan, where that is not along the last axes. */
const REDUCTIONS: ReadonlySet<string> = new Set([
  ...["All", "Any", "ArgMax", "ArgMin", "Max", "Mean", "Min", "Prod", "Sum"],
]);
const SCANS: ReadonlySet<string> = new Set(["Cumprod", "Cumsum"]);

/** What an op on the device leaves to the host, of an operand that is small and there. */
export interface HostPart {
  /** The dispatches more that it takes with `WEBGPU_CPU_FORWARD` off. */
  readonly dispatches: number;
  readonly operand: ValueId;
  /** The value whose size the part's result has, which each pass uploads. */
  readonly uploaded: ValueId;
}

/** The part of an op on the device that runs on the host; undefined where all of it is on the device. */
export function partOnHost(graph: Graph, op: Op): HostPart | undefined {
  const copied = copiedBy(graph, op);
  if (op.placement !== "gpu" || copied === undefined) return undefined;
  const { program, most, operand, uploaded = operand } = copied;
  const there = op.dispatches.filter((dispatch) => dispatch.program.startsWith(program));
  const dispatches = most - there.length;
  return dispatches > 0 ? { dispatches, operand, uploaded } : undefined;
}

/** What an op copies before it computes, by which program, in how many dispatches. */
interface Copied {
  readonly program: "Transpose" | "Tile";
  readonly most: number;
  readonly operand: ValueId;
  readonly uploaded?: ValueId | undefined;
}

/** A scan, and a sum of segments, transpose their result back. A scatter writes into a tile. */
function copiedBy(graph: Graph, op: Op): Copied | undefined {
  const { x, tensor, defaultValue } = op.operands;
  if (op.kernel === "TensorScatterUpdate" && tensor !== undefined) {
    return { program: "Tile", most: 1, operand: tensor };
  }
  if (op.kernel === "SparseToDense" && defaultValue !== undefined) {
    return { program: "Tile", most: 1, operand: defaultValue, uploaded: op.results[0] };
  }
  if (x === undefined) return undefined;
  const rank = valueAt(graph, x).shape.length;
  if (op.kernel === "UnsortedSegmentSum") {
    return rank > 1 ? { program: "Transpose", most: 2, operand: x } : undefined;
  }
  const most = REDUCTIONS.has(op.kernel) ? 1 : SCANS.has(op.kernel) ? 2 : 0;
  return isInnermost(op, rank) ? undefined : { program: "Transpose", most, operand: x };
}

/** Bytes that a forwarded op uploads of its own: a cast to bool compares with a 0. */
export function forwardedUpload({ kernel, attrs }: Op): number {
  return kernel === "Cast" && attrs["dtype"] === "bool" ? 4 : 0;
}

/** Of more operands than one dispatch takes, parts are concatenated, and then the parts' results. */
function concatDispatches(operands: number): number {
  if (operands <= CONCAT_OPERANDS) return 1;
  const parts = Math.ceil(operands / CONCAT_OPERANDS);
  return parts + concatDispatches(parts);
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

/**
 * The dispatches of an einsum that sums over no index, since a sum is never on the host: a product
 * for each operand after the first, and a transpose where an operand's indices stand in another order.
 */
function einsumDispatches(equation: string): number {
  const [terms = "", result = ""] = equation.replaceAll(/\s/g, "").split("->");
  const operands = terms.split(",");
  const transposed = operands.filter((term) => {
    const places = [...term].map((index) => result.indexOf(index));
    return places.some((place, at) => place < (places[at - 1] ?? 0));
  });
  return operands.length - 1 + transposed.length;
}

/** Whether a reduction is over the last axes, in order; another one transposes its operand first. */
function isInnermost({ attrs }: Op, rank: number): boolean {
  const axis = attrs["reductionIndices"] ?? attrs["axis"];
  if (axis === undefined || axis === null) return true;
  const axes = Array.isArray(axis) ? axis.map(Number) : [Number(axis)];
  return axes.every((each, at) => (each < 0 ? each + rank : each) === rank - axes.length + at);
}
