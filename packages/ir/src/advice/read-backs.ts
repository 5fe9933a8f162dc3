import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { recordingOf } from "../recording.ts";
import { bytesOf } from "../types.ts";
import { counted, shortBytes } from "../wording.ts";
import type { Advice } from "./advice-rule.ts";

/** Values that are read from the device during the pass. Each read waits for all work before it. */
export function readBacks(graph: Graph): Advice[] {
  const { reads = [] } = recordingOf(graph) ?? {};
  return together([...byOps(graph), ...reads.flatMap((value) => byProgram(graph, value))]);
}

/** Joins equal findings of one scope, such as those of a loop's iterations, into one advice. */
function together(advice: readonly Advice[]): Advice[] {
  const found = new Map<string, Advice>();
  for (const each of advice) {
    const key = JSON.stringify([each.scope, each.finding]);
    const known = found.get(key);
    if (known === undefined) {
      found.set(key, each);
      continue;
    }
    const bytes = known.saves.bytes + each.saves.bytes;
    found.set(key, {
      ...known,
      ops: [...known.ops, ...each.ops],
      saves: { ...known.saves, bytes },
    });
  }
  return [...found.values()].map((each) =>
    each.ops.length === 1
      ? each
      : { ...each, finding: `${counted(each.ops.length, "time")}: ${each.finding}` },
  );
}

/** Ops that run on the host with values from the device. */
function byOps(graph: Graph): Advice[] {
  return graph.ops.flatMap((op) => {
    if (op.placement !== "cpu") return [];
    const values = [...new Set(Object.values(op.operands))].filter(
      (value) => definingOp(graph, behindViews(graph, value))?.placement === "gpu",
    );
    if (values.length === 0) return [];
    const bytes = values.reduce((total, value) => total + bytesOf(valueAt(graph, value)), 0);
    return [advice(op, bytes, `${op.kernel} runs on the CPU and reads`)];
  });
}

/** A value that the program itself reads, with `data()` or its like. */
function byProgram(graph: Graph, value: ValueId): Advice[] {
  const source = definingOp(graph, behindViews(graph, value));
  if (source === undefined) return [];
  const bytes = bytesOf(valueAt(graph, value));
  return [advice(source, bytes, `The program reads the result of ${source.kernel},`)];
}

function advice(op: Op, bytes: number, who: string): Advice {
  return {
    rule: "read-back",
    finding: `${who} ${shortBytes(bytes)} back from the GPU during the pass, and waits until all work before it is done.`,
    remedy: "Keep values on the GPU, or let the model return them and read them after the pass.",
    scope: op.scope,
    ops: [op.id],
    saves: { ops: 0, dispatches: 0, bytes },
  };
}
