import type { Cost, CostReport, OpRow } from "@opcounter/counters";
import { sumOfCosts } from "./cost-arithmetic.ts";

/** What ops are put together by that have it in common. */
export type OpGrouping = "shader" | "submit";

/** Ops that have something in common. */
interface OpGroup {
  readonly name: string;
  /** Their kernels, each once. */
  readonly kernels: readonly string[];
  readonly ops: number;
  readonly cost: Cost;
}

/** The group of an op: the shader of its first dispatch, or the submit of the program that it is in. */
export function groupOf(
  { attrs, dispatches }: Pick<OpRow, "attrs" | "dispatches">,
  by: OpGrouping,
): string {
  if (by === "shader") return dispatches[0]?.shader ?? "(no shader)";
  const { submit } = attrs;
  return typeof submit === "number" ? `submit ${submit}` : "(no submit)";
}

/** The groups in the order of their first ops. */
export function groupedOps({ ops, costs }: CostReport, by: OpGrouping): readonly OpGroup[] {
  const groups = new Map<string, OpRow[]>();
  for (const op of ops) {
    const name = groupOf(op, by);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [op]);
    else group.push(op);
  }
  return [...groups].map(([name, members]) => ({
    name,
    kernels: [...new Set(members.map(({ kernel }) => kernel))],
    ops: members.length,
    cost: sumOfCosts(
      members.map(({ cost }) => cost),
      costs,
    ),
  }));
}
