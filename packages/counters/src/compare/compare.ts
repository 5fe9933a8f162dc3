import { OpcounterError } from "@opcounter/ir/core";
import { type Integer, minus } from "../expressions/integer.ts";
import type { CostReport, ScopeRow } from "../report/report.ts";
import { quantitiesOfReports } from "../report/report-quantities.ts";
import { align, type Pair } from "./align.ts";
import { OP_KEYS, reasonsOf } from "./compared-op.ts";
import type {
  ComparedReport,
  Comparison,
  OpChange,
  QuantityChange,
  ScopeChange,
} from "./comparison.ts";
import { type ScopeNode, scopeTree, structureOf } from "./scope-tree.ts";

/**
 * Compares two reports: of two models, or of one before and after a change.
 *
 * Scopes inside the same scope stand for each other if they have the same name; the others, if they
 * are made of the same kernels in the same order. The ops of a scope are aligned by all that is known
 * of them, then by their kernels, then by their results.
 *
 * @throws OpcounterError where the reports count by different conventions.
 */
export function compare(a: CostReport, b: CostReport): Comparison {
  if (a.convention !== b.convention) {
    throw new OpcounterError(
      "reports-incomparable",
      `${a.model} is counted by ${a.convention}, and ${b.model} by ${b.convention}`,
      { remedy: "count both by the same convention" },
    );
  }
  const totals = quantitiesOfReports([a, b]).map(({ name, unit, of }) =>
    quantityChange(name, unit, of(a), of(b)),
  );
  // A cost that only one of the two counts says nothing of how they differ.
  const known = new Set(totals.flatMap(({ quantity, delta }) => (delta === null ? [] : quantity)));
  const found: Found = { scopes: [], ops: [], equal: { scopes: 0, ops: 0 } };
  compareScopes({ a: scopeTree(a, known), b: scopeTree(b, known) }, known, found);
  return {
    schemaVersion: 1,
    a: comparedReport(a),
    b: comparedReport(b),
    totals,
    ...found,
  };
}

/** What has been found so far. */
interface Found {
  readonly scopes: ScopeChange[];
  readonly ops: OpChange[];
  readonly equal: { scopes: number; ops: number };
}

function comparedReport({ model, device, convention, passes }: CostReport): ComparedReport {
  return { model, device, convention, passes };
}

function quantityChange(
  quantity: string,
  unit: string,
  a: Integer | null,
  b: Integer | null,
): QuantityChange {
  const delta = a === null || b === null ? null : minus(b, a);
  const percent = delta === null || Number(a) === 0 ? null : (100 * Number(delta)) / Number(a);
  return { quantity, unit, a, b, delta, percent };
}

/** Compares a scope, or what is there of it in one of the two, with all that is inside. */
function compareScopes({ a, b }: Pair<ScopeNode>, known: ReadonlySet<string>, found: Found): void {
  const place = found.scopes.length;
  const before = found.ops.length;
  for (const pair of align(a?.ops ?? [], b?.ops ?? [], OP_KEYS)) {
    const change = opChange(pair);
    if (change !== null) found.ops.push(change);
    // A layer that is counted as a whole is no op.
    else if (pair.a?.side.id !== null) found.equal.ops++;
  }
  for (const pair of pairedChildren(a, b)) compareScopes(pair, known, found);
  const some = b ?? a;
  if (some.row === null) return;
  const hasSame = found.ops.length === before && found.scopes.length === place;
  if (hasSame && hasEqualCosts(a?.row, b?.row, known)) {
    found.equal.scopes++;
    return;
  }
  found.scopes.splice(place, 0, {
    change: a === null ? "added" : b === null ? "removed" : "changed",
    a: a?.path ?? null,
    b: b?.path ?? null,
    depth: some.row.depth,
    costs: { a: a?.row ?? null, b: b?.row ?? null },
  });
}

/** Whether what a scope has and none of its ops is equal: weights, and some of the user's own costs. */
function hasEqualCosts(
  a: ScopeRow | null | undefined,
  b: ScopeRow | null | undefined,
  known: ReadonlySet<string>,
): boolean {
  if (a == null || b == null || a.params !== b.params) return false;
  const names = new Set([...Object.keys(a.costs), ...Object.keys(b.costs)]);
  return [...names].every(
    (name) => !known.has(name) || String(a.costs[name]) === String(b.costs[name]),
  );
}

/** Scopes by name, in the order of b; then those of other names that are made of the same. */
function pairedChildren(a: ScopeNode | null, b: ScopeNode | null): Pair<ScopeNode>[] {
  const before = [...(a?.children.values() ?? [])];
  const after = [...(b?.children.values() ?? [])];
  const named = after.flatMap((scope) => {
    const same = a?.children.get(scope.name);
    return same === undefined ? [] : [{ a: same, b: scope }];
  });
  const isAlone = (other: ScopeNode | null) => (scope: ScopeNode) =>
    other?.children.has(scope.name) !== true;
  const others = align(before.filter(isAlone(b)), after.filter(isAlone(a)), [structureOf]);
  return [...named, ...others];
}

function opChange({ a, b }: Pair<ScopeNode["ops"][number]>): OpChange | null {
  if (a === null) return { change: "added", a, b: b.side, reasons: [] };
  if (b === null) return { change: "removed", a: a.side, b, reasons: [] };
  const reasons = reasonsOf(a, b);
  if (reasons.length === 0) return null;
  return { change: "changed", a: a.side, b: b.side, reasons };
}
