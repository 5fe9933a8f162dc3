import type { CostReport, ScopeRow } from "../report/report.ts";
import { type ComparedOp, comparedOps } from "./compared-op.ts";

/** A scope with its own ops and the scopes inside it, in order of execution. */
export interface ScopeNode {
  readonly name: string;
  /** From the outermost name on, joined by `/`; "" for the root. */
  readonly path: string;
  readonly depth: number;
  /** What the report says of it; null for the root. */
  readonly row: ScopeRow | null;
  readonly ops: ComparedOp[];
  readonly children: Map<string, ScopeNode>;
}

/**
 * The tree of a report's scopes; its root stands for the whole.
 *
 * @param known see `comparedOps`.
 */
export function scopeTree(report: CostReport, known: ReadonlySet<string>): ScopeNode {
  const rows = new Map(report.byScope.map((row) => [row.scope, row]));
  const root: ScopeNode = { ...node("", "", 0), row: null };
  function node(name: string, path: string, depth: number): ScopeNode {
    return { name, path, depth, row: rows.get(path) ?? null, ops: [], children: new Map() };
  }
  for (const op of comparedOps(report, known)) {
    let scope = root;
    for (const name of op.side.scope === "" ? [] : op.side.scope.split("/")) {
      const path = scope.depth === 0 ? name : `${scope.path}/${name}`;
      const inside = scope.children.get(name) ?? node(name, path, scope.depth + 1);
      scope.children.set(name, inside);
      scope = inside;
    }
    scope.ops.push(op);
  }
  return root;
}

/** What a scope is made of, whatever it is called: its class and its kernels in order. */
export function structureOf(scope: ScopeNode): string {
  return JSON.stringify(partsOf(scope));
}

function partsOf({ row, ops, children }: ScopeNode): unknown[] {
  const kernels = ops.map(({ side }) => side.kernel);
  return [row?.className ?? null, kernels, [...children.values()].map(partsOf)];
}
