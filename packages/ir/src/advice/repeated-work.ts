import { uses } from "../analyses/uses.ts";
import { type Analysis, analyse } from "../analysis.ts";
import { type Graph, type Op, type OpId, type ValueId, valueAt } from "../graph.ts";
import { sizeOf } from "../types.ts";
import { madeConstants, opsOf } from "./savings.ts";
import { authorOf } from "./whose.ts";

/** Constants of so many elements may be data. */
const LARGE = 1000;

/** Kernels whose results depend on their attributes alone. */
const MAKERS: ReadonlySet<string> = new Set(["Range", "LinSpace", "Fill"]);

/** Kernels that give other values each time. */
const RANDOM: ReadonlySet<string> = new Set(["Multinomial"]);

/** Ops that belong together, in order of execution. */
export interface Work {
  readonly ops: readonly Op[];
  /** What ops that compute with other values too take of it. */
  readonly given: readonly ValueId[];
}

/**
 * What a function computes of nothing but values that it makes itself, such as a mask or the angles
 * of an embedding, where something else takes it.
 */
export const repeatedWork: Analysis<readonly Work[]> = {
  name: "repeated-work",
  run(graph) {
    // A program without inputs makes its data itself, such as samples of a microphone.
    const hasInputs = graph.values.some(({ kind }) => kind === "input");
    const made = new Set(
      [...analyse(graph, madeConstants)].filter(
        (value) => hasInputs || sizeOf(valueAt(graph, value).shape) < LARGE,
      ),
    );
    // By op the first one that it belongs to, perhaps by others between.
    const first = new Map<OpId, OpId>();
    const firstOf = (id: OpId): OpId => {
      const before = first.get(id) ?? id;
      if (before === id) return id;
      const found = firstOf(before);
      first.set(id, found);
      return found;
    };
    const holder = new Map<ValueId, OpId>();
    for (const op of graph.ops) {
      const operands = Object.values(op.operands);
      const isOwn = operands.every((value) => made.has(value) || holder.has(value));
      const isMaker = operands.length > 0 ? !RANDOM.has(op.kernel) : MAKERS.has(op.kernel);
      if (!isOwn || !isMaker || authorOf(graph, op) !== "function") continue;
      const others = operands.flatMap((value) => holder.get(value) ?? []).map(firstOf);
      const earliest = Math.min(op.id, ...others);
      for (const each of [...others, op.id]) first.set(each, earliest);
      for (const value of [...operands, ...op.results]) holder.set(value, earliest);
    }
    const byFirst = new Map<OpId, Op[]>();
    for (const op of opsOf(
      graph,
      [...first.keys()].sort((a, b) => a - b),
    )) {
      const together = byFirst.get(firstOf(op.id)) ?? [];
      byFirst.set(firstOf(op.id), together);
      together.push(op);
    }
    return [...byFirst.values()]
      .filter((ops) => ops.some(({ placement }) => placement !== "view"))
      .map((ops) => ({ ops, given: givenBy(graph, ops) }))
      .filter(({ given }) => given.length > 0);
  },
};

function givenBy(graph: Graph, ops: readonly Op[]): ValueId[] {
  const ids = new Set<OpId>(ops.map(({ id }) => id));
  const { usersOf } = analyse(graph, uses);
  return ops.flatMap(({ results }) =>
    results.filter((value) => usersOf(value).some((user) => !ids.has(user))),
  );
}
