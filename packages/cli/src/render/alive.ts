import type { CostReport } from "@opcounter/counters";
import { analyse, elementAt, type Graph, liveness } from "@opcounter/ir";
import { groupOf } from "./grouped-ops.ts";
import type { Grouping } from "./rows.ts";
import { type CallingLine, NO_LINE } from "./rows-by-line.ts";
import { visible } from "./visible.ts";

interface RowsToKnow {
  readonly by: Grouping;
  readonly depth: number;
  /** Whether rows of scopes have no op in common; see `scopesApart`. */
  readonly isSorted: boolean;
  readonly lines: ReadonlyMap<number, CallingLine>;
}

/**
 * The most bytes that are alive while an op of a row runs, by what tells rows apart: an op's id, a
 * kernel's name, a scope, the first scope of an owner, a line.
 */
export function aliveByRow(
  graph: Graph,
  report: CostReport,
  { by, depth, isSorted, lines }: RowsToKnow,
): ReadonlyMap<string, number> {
  const { bytesAt } = analyse(graph, liveness);
  const owners = by === "owner" ? report.byOwner : [];
  const ownerOf = new Map(
    owners.flatMap(({ owner, scopes }) => scopes.map((scope) => [scope, owner])),
  );
  const keysOf = ({ id, kernel, attrs, dispatches }: CostReport["ops"][number]): string[] => {
    const { scope, call } = elementAt(graph.ops, id);
    switch (by) {
      case "shader":
      case "submit":
        return [groupOf({ attrs, dispatches }, by)];
      case "op":
        return [String(id)];
      case "kernel":
        return [kernel];
      case "line":
        return [lines.get(id)?.name ?? NO_LINE];
      case "owner": {
        const path = call === undefined ? [] : elementAt(graph.calls, call).scope;
        return [ownerOf.get(visible(path.join("/"))) ?? ""];
      }
      case "scope":
        if (isSorted || scope.length === 0) return [visible(scope.slice(0, depth).join("/"))];
        return scope.map((_, i) => visible(scope.slice(0, i + 1).join("/")));
    }
  };
  const alive = new Map<string, number>();
  for (const op of report.ops) {
    const bytes = elementAt(bytesAt, op.id);
    for (const key of keysOf(op)) alive.set(key, Math.max(alive.get(key) ?? 0, bytes));
  }
  return alive;
}
