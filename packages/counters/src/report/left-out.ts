import { analyse, type Graph } from "@opcounter/ir/core";
import type { Convention } from "../conventions/convention.ts";
import { native } from "../conventions/native.ts";
import { plus } from "../expressions/integer.ts";
import { type CountedCall, type CountedOp, enclosing } from "../rules/counted.ts";
import { byFormula } from "../rules/rules.ts";
import { type Arithmetic, counted } from "./cost-sum.ts";
import type { LeftOutRow } from "./report.ts";

/** What counts as nothing: an op, or the layer's call or the group that has the op inside. */
interface LeftOut extends Pick<LeftOutRow, "kind" | "name"> {
  readonly id: number;
}

/**
 * What a convention counts as nothing though it computes something, the largest first: kernels
 * without a figure, and layers and patterns whose figure as a whole is 0. Their size is `native`'s.
 */
export function leftOutOf(
  graph: Graph,
  convention: Convention,
  ops: readonly CountedOp[],
  calls: readonly CountedCall[],
): readonly LeftOutRow[] {
  if (convention.countsWhatRuns) return [];
  const leftOut = leftOutBy(graph, convention, ops, calls);
  const rows = new Map<string, LeftOutRow>();
  const seen = new Set<string>();
  for (const counted of ops) {
    const what = leftOut(counted);
    const figures = what && byFormula(graph, counted.op, native)?.arithmetic;
    if (what === undefined || figures === undefined || isZero(figures)) continue;
    const key = `${what.kind} ${what.name}`;
    const known = rows.get(key);
    const isNew = !seen.has(`${what.kind} ${what.id}`);
    seen.add(`${what.kind} ${what.id}`);
    rows.set(key, added(what, known, isNew ? 1 : 0, figures));
  }
  const size = ({ flops, transcendentals }: LeftOutRow) => Number(plus(flops, transcendentals));
  return [...rows.values()].sort((a, b) => size(b) - size(a));
}

/** Says of an op what of it counts as nothing; undefined where it is counted. */
function leftOutBy(
  graph: Graph,
  { groups: grouping }: Convention,
  ops: readonly CountedOp[],
  calls: readonly CountedCall[],
): (op: CountedOp) => LeftOut | undefined {
  const callOf = new Map(calls.map((call) => [call.call.id, call]));
  const counts = new Set(ops.filter((op) => !isZero(op.arithmetic)).map(({ op }) => op.id));
  const groups = grouping === undefined ? [] : analyse(graph, grouping);
  const groupOf = new Map(
    groups.flatMap((group, id) => group.ops.map((op) => [op, { ...group, id }] as const)),
  );
  return ({ op, arithmetic, figures }) => {
    if (!isZero(arithmetic)) return undefined;
    const { by } = figures.formula;
    if (by === "omitted" || by === "formula") return { kind: "kernel", name: op.kernel, id: op.id };
    if (by !== "whole") return undefined;
    const whole = enclosing(graph, op.call, callOf);
    if (whole !== undefined) {
      const { call, formula } = whole;
      const isLeftOut = formula.by === "whole" && isZero(whole.arithmetic);
      return isLeftOut ? { kind: "layer", name: call.className, id: call.id } : undefined;
    }
    const group = groupOf.get(op.id);
    // The last op of a group has the figure of all.
    if (group === undefined || group.ops.some((id) => counts.has(id))) return undefined;
    return { kind: "pattern", name: group.pattern, id: group.id };
  };
}

function added(
  { kind, name }: LeftOut,
  known: LeftOutRow | undefined,
  times: number,
  figures: Arithmetic,
): LeftOutRow {
  return {
    kind,
    name,
    times: (known?.times ?? 0) + times,
    macs: plus(known?.macs ?? 0, counted(figures.macs)),
    flops: plus(known?.flops ?? 0, counted(figures.flops)),
    transcendentals: plus(known?.transcendentals ?? 0, counted(figures.transcendentals)),
  };
}

/** Whether no quantity that there is has anything. */
function isZero({ macs, flops, transcendentals }: Arithmetic): boolean {
  return [macs, flops, transcendentals].every((figure) => figure === null || figure === 0);
}
