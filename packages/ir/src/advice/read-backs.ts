import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { recordingOf } from "../recording.ts";
import { bytesOf } from "../types.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { dataBehind } from "./data-behind.ts";
import { fewerDimensions } from "./deep-tiles.ts";
import { bytesOfEach, isUsedBy, NOTHING_SAVED } from "./savings.ts";
import { authorOf } from "./whose.ts";

/** Values that are read from the device during the pass. Each read waits for all work before it. */
export const readBacks: AdviceRule = {
  name: "read-back",
  finds: "A value that is read from the GPU in mid-pass",
  advises:
    "Compute with tensors, or read it after the pass; `tf.tile` of fewer than five dimensions",
  inTraining: true,
  find,
};

function find(graph: Graph): Found[] {
  const { reads = [] } = recordingOf(graph) ?? {};
  return [...byOps(graph), ...reads.flatMap((value) => byProgram(graph, value))];
}

/** Ops that run on the host with values from the device. */
function byOps(graph: Graph): Found[] {
  return graph.ops.flatMap((op) => {
    if (op.placement !== "cpu") return [];
    const values = [...new Set(Object.values(op.operands))].filter((value) =>
      isOnDevice(graph, value),
    );
    if (values.length === 0) return [];
    const what = `${op.kernel} runs on the host and reads`;
    return [{ ...found(op, bytesOfEach(graph, values), what), ...fewerDimensions(graph, op) }];
  });
}

function isOnDevice(graph: Graph, value: ValueId): boolean {
  return definingOp(graph, behindViews(graph, value))?.placement === "gpu";
}

/** A value that the program itself reads, with `data()` or its like. */
function byProgram(graph: Graph, value: ValueId): Found[] {
  const source = definingOp(graph, behindViews(graph, value));
  if (source?.placement !== "gpu" || isReadByOp(graph, value)) return [];
  const read = found(
    source,
    bytesOf(valueAt(graph, value)),
    `The program reads the result of ${source.kernel},`,
  );
  if (authorOf(graph, source) === "node") return [read];
  const remedy =
    "Compute with tensors what needs the value, or return it and read it after the pass; tf.where takes one of two values without a read.";
  return [{ ...read, remedy, saves: { ...NOTHING_SAVED, waits: 1 } }];
}

/** Whether an op on the host reads the value, which is then listed with that op. */
function isReadByOp(graph: Graph, value: ValueId): boolean {
  return isUsedBy(graph, dataBehind(graph, value), ({ placement }) => placement === "cpu");
}

function found(op: Op, bytes: number, who: string): Found {
  return {
    finding: `${who} ${shortBytes(bytes)} back from the GPU during the pass, and waits until all work before it is done.`,
    scope: op.scope,
    ops: [op.id],
  };
}
