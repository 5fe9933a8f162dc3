import { type Analysis, analyse } from "../analysis.ts";
import type { Graph, Op, OpId, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { definingOp } from "../patterns/match.ts";
import { bytesOf } from "../types.ts";
import { dataBehind } from "./data-behind.ts";
import { innerKernels, isInnermost } from "./forwarded.ts";

/** What an op on the device leaves to the host, of operands that are small and there. */
export interface HostPart {
  /** The dispatches more that it takes with `WEBGPU_CPU_FORWARD` off. */
  readonly dispatches: number;
  /** Bytes that the part gives to the device, in each pass. */
  readonly bytesUploaded: number;
  /** The operands, behind views, that the op itself does not upload. */
  readonly operands: ReadonlySet<ValueId>;
  /** Whether it transposes a value of more dimensions than two. */
  readonly transposesMore: boolean;
}

/** The part of an op on the device that runs on the host; undefined where all of it is on the device. */
export function hostPartOf(graph: Graph, op: Op): HostPart | undefined {
  return analyse(graph, hostParts).get(op.id);
}

const hostParts: Analysis<ReadonlyMap<OpId, HostPart>> = {
  name: "host-parts",
  ignoresGroups: true,
  run(graph) {
    const parts = new Map<OpId, HostPart>();
    const uploaded = new Set<ValueId>();
    const isOnHost = (value: ValueId) =>
      definingOp(graph, value)?.placement !== "gpu" && !uploaded.has(value);
    for (const op of graph.ops) {
      if (op.placement !== "gpu") continue;
      const part = partOf(graph, op, isOnHost);
      if (part !== undefined) parts.set(op.id, part);
      for (const operand of Object.values(op.operands)) {
        const value = dataBehind(graph, operand);
        if (part?.operands.has(value) !== true) uploaded.add(value);
      }
    }
    return parts;
  },
};

function partOf(graph: Graph, op: Op, isOnHost: (value: ValueId) => boolean): HostPart | undefined {
  const copied = copiedBy(graph, op);
  if (copied !== undefined) return partOfCopy(graph, op, copied);
  const inner = innerKernels(graph, op, isOnHost);
  // What ran is what counts.
  if (inner === undefined || inner.dispatches !== op.dispatches.length) return undefined;
  const dispatches = inner.allDispatches - inner.dispatches;
  if (dispatches === 0) return undefined;
  const operands = Object.values(op.operands)
    .map((operand) => dataBehind(graph, operand))
    .filter((value) => !inner.taken.has(value));
  const { uploadedBytes: bytesUploaded, transposesMore } = inner;
  return { dispatches, bytesUploaded, operands: new Set(operands), transposesMore };
}

/** The kernels that transpose what they reduce, or scan, where that is not along the last axes. */
const REDUCTIONS: ReadonlySet<string> = new Set([
  ...["All", "Any", "ArgMax", "ArgMin", "Max", "Mean", "Min", "Prod", "Sum"],
]);
const SCANS: ReadonlySet<string> = new Set(["Cumprod", "Cumsum"]);

/** What an op copies before it computes, by which program, in how many dispatches. */
interface Copied {
  readonly program: "Transpose" | "Tile";
  readonly most: number;
  readonly operand: ValueId;
  /** The value of the same size as the copy. */
  readonly copy: ValueId;
}

/** A scan, and a sum of segments, transpose their result back. A scatter writes into a tile. */
function copiedBy(graph: Graph, op: Op): Copied | undefined {
  const { x, tensor, defaultValue } = op.operands;
  const [result] = op.results;
  if (op.kernel === "TensorScatterUpdate" && tensor !== undefined) {
    return { program: "Tile", most: 1, operand: tensor, copy: tensor };
  }
  if (op.kernel === "SparseToDense" && defaultValue !== undefined && result !== undefined) {
    return { program: "Tile", most: 1, operand: defaultValue, copy: result };
  }
  if (x === undefined) return undefined;
  const rank = valueAt(graph, x).shape.length;
  const transposed = (most: number): Copied => ({
    program: "Transpose",
    most,
    operand: x,
    copy: x,
  });
  if (op.kernel === "UnsortedSegmentSum") return rank > 1 ? transposed(2) : undefined;
  const most = REDUCTIONS.has(op.kernel) ? 1 : SCANS.has(op.kernel) ? 2 : 0;
  return isInnermost(op, rank) ? undefined : transposed(most);
}

function partOfCopy(graph: Graph, op: Op, copied: Copied): HostPart | undefined {
  const { program, most, operand, copy } = copied;
  const there = op.dispatches.filter((dispatch) => dispatch.program.startsWith(program));
  const dispatches = most - there.length;
  if (dispatches <= 0) return undefined;
  const isMatrix = valueAt(graph, operand).shape.length <= 2;
  return {
    dispatches,
    bytesUploaded: bytesOf(valueAt(graph, copy)),
    operands: new Set([dataBehind(graph, operand)]),
    transposesMore: program === "Transpose" && !isMatrix,
  };
}
