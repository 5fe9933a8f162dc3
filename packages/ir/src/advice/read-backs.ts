import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { recordingOf } from "../recording.ts";
import { bytesOf } from "../types.ts";
import { counted, shortBytes } from "../wording.ts";
import type { Advice, Finding } from "./advice-rule.ts";
import { bytesOfEach, NOTHING_SAVED } from "./savings.ts";
import { authorOf } from "./whose.ts";

/** Values that are read from the device during the pass. Each read waits for all work before it. */
export function readBacks(graph: Graph): (Advice | Finding)[] {
  const { reads = [] } = recordingOf(graph) ?? {};
  return together([...byOps(graph), ...reads.flatMap((value) => byProgram(graph, value))]);
}

/** Joins equal findings of one scope, such as those of a loop's iterations, into one. */
function together(found: readonly (Advice | Finding)[]): (Advice | Finding)[] {
  const places = new Map<string, (Advice | Finding)[]>();
  for (const each of found) {
    const key = JSON.stringify([each.scope, each.finding]);
    const same = places.get(key);
    if (same === undefined) places.set(key, [each]);
    else same.push(each);
  }
  return [...places.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined || same.length === 1) return same;
    const ops = same.flatMap(({ ops }) => ops);
    const finding = `${counted(same.length, "time")}: ${first.finding}`;
    const saves = { ...NOTHING_SAVED, waits: same.length };
    return "remedy" in first ? { ...first, finding, ops, saves } : { ...first, finding, ops };
  });
}

/** Ops that run on the host with values from the device. */
function byOps(graph: Graph): Finding[] {
  return graph.ops.flatMap((op) => {
    if (op.placement !== "cpu") return [];
    const values = [...new Set(Object.values(op.operands))].filter((value) =>
      isOnDevice(graph, value),
    );
    if (values.length === 0) return [];
    const what = `${op.kernel} runs on the host and reads`;
    return [found(op, bytesOfEach(graph, values), what)];
  });
}

function isOnDevice(graph: Graph, value: ValueId): boolean {
  return definingOp(graph, behindViews(graph, value))?.placement === "gpu";
}

/** A value that the program itself reads, with `data()` or its like. */
function byProgram(graph: Graph, value: ValueId): (Advice | Finding)[] {
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
  const users = analyse(graph, uses).usersOf(value);
  return users.some((user) => graph.ops[user]?.placement === "cpu");
}

function found(op: Op, bytes: number, who: string): Finding {
  return {
    rule: "read-back",
    finding: `${who} ${shortBytes(bytes)} back from the GPU during the pass, and waits until all work before it is done.`,
    scope: op.scope,
    ops: [op.id],
  };
}
