import type { Cost, CostReport } from "@opcounter/counters";
import { sumOfCosts } from "./cost-arithmetic.ts";

/** A line of the program that is counted. */
export interface CallingLine {
  /** `src/model.ts:12` */
  readonly name: string;
  /** What is written there; empty where the file cannot be read. */
  readonly text: string;
}

/** What the ops that a line called cost together. */
interface LineRow {
  readonly line: CallingLine;
  readonly ops: number;
  readonly cost: Cost;
}

/** By which an op that no line of the program called is known. */
export const NO_LINE = "(no line)";

/**
 * The lines in the order in which they first called an op. At the end is a row of the ops that no
 * line of the program called, and of what a rule counts for a layer or a scope as a whole.
 */
export function rowsByLine(
  report: CostReport,
  lines: ReadonlyMap<number, CallingLine>,
): readonly LineRow[] {
  const called = new Map<string, { line: CallingLine; costs: Cost[] }>();
  const others: Cost[] = [];
  for (const { id, cost } of report.ops) {
    const line = lines.get(id);
    const known = line && called.get(line.name);
    if (known !== undefined) known.costs.push(cost);
    else if (line === undefined) others.push(cost);
    else called.set(line.name, { line, costs: [cost] });
  }
  const rowOf = (line: CallingLine, costs: readonly Cost[], ops = costs.length): LineRow => ({
    ...{ line, ops },
    cost: sumOfCosts(costs, report.costs),
  });
  const rows = [...called.values()].map(({ line, costs }) => rowOf(line, costs));
  const wholes = report.byKernel.filter(({ ops }) => ops === 0);
  const rest = [...others, ...wholes];
  if (rest.length === 0) return rows;
  return [...rows, rowOf({ name: NO_LINE, text: "" }, rest, others.length)];
}
