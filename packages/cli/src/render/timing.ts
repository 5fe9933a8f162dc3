import { type Graph, grouped } from "@opcounter/ir";
import { type Column, renderColumns } from "./columns.ts";
import { NO_PAINT } from "./lines.ts";
import { visible } from "./visible.ts";

/** One pass as it ran. */
export interface Step {
  readonly name: string;
  readonly milliseconds: number;
  readonly graph: Graph;
}

const COLUMNS: readonly Column[] = [
  { title: "pass", align: "left", rank: 1 },
  { title: "ms", align: "right", rank: 1 },
  { title: "ops", align: "right", rank: 1 },
  { title: "groups", align: "right", rank: 1 },
];

/** The time of each pass, and the ops and groups after it. */
export function renderTiming(before: Graph, steps: readonly Step[]): string {
  const counts = ({ ops, groups }: Graph) => ({
    ops: grouped(ops.length),
    groups: grouped(groups.length),
  });
  const rows = steps.map(({ name, milliseconds, graph }) => ({
    ...{ name: visible(name), ms: milliseconds.toFixed(2) },
    ...counts(graph),
  }));
  const all = [{ name: "(before)", ...counts(before) }, ...rows];
  return renderColumns(COLUMNS, all, Number.POSITIVE_INFINITY, NO_PAINT);
}
