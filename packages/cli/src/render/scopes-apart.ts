import { type CostReport, exact, type Integer, type ScopeRow } from "@opcounter/counters";
import { costWithout, sumOfCosts } from "./cost-arithmetic.ts";

/** A row of a scope, or of what a scope has besides the rows of the scopes inside it. */
export interface ScopeApart extends Omit<ScopeRow, "params"> {
  /** Null where the weights that only these ops use are not known. */
  readonly params: Integer | null;
  /** Whether it is only what the rows of the scopes inside do not have. */
  readonly isRest: boolean;
}

/**
 * The scopes down to a depth as rows that have no op in common, so that they add up to the totals: a
 * scope with rows inside it has only what these do not have, and no row where that is nothing.
 */
export function scopesApart(report: CostReport, depth: number): ScopeApart[] {
  const visible = report.byScope.filter((row) => row.depth <= depth);
  const rows = visible.flatMap((row, i): ScopeApart[] => {
    const inside = insideOf(visible, i);
    return inside.length === 0 ? [{ ...row, isRest: false }] : besides(report, row, inside);
  });
  // Asked once, and only where it matters: it takes the rows by owner.
  if (!rows.some(({ isRest }) => isRest) || !sharesWeights(report)) return rows;
  return rows.map((row) => (row.isRest ? { ...row, params: null } : row));
}

/** The rows directly inside the one at a place; all that is inside follows it. */
function insideOf(rows: readonly ScopeRow[], place: number): ScopeRow[] {
  const depth = rows[place]?.depth ?? 0;
  const inside: ScopeRow[] = [];
  for (let i = place + 1; i < rows.length; i++) {
    const row = rows[i];
    if (row === undefined || row.depth <= depth) break;
    if (row.depth === depth + 1) inside.push(row);
  }
  return inside;
}

function besides(report: CostReport, row: ScopeRow, inside: readonly ScopeRow[]): ScopeApart[] {
  const cost = costWithout(row, sumOfCosts(inside, report.costs), report.costs);
  const costs = { ...cost.costs, ...largestOfOwnOps(report, row) };
  const ops = row.ops - inside.reduce((sum, each) => sum + each.ops, 0);
  // A rule for a layer or a scope as a whole counts what no op inside it has.
  const amounts = [cost.macs, cost.flops, cost.transcendentals, ...Object.values(costs)];
  if (ops === 0 && amounts.every((amount) => !amount)) return [];
  const params = inside.reduce((left, each) => left - BigInt(each.params), BigInt(row.params));
  return [{ ...row, ...cost, costs, ops, params: exact(params), isRest: true }];
}

/** The user's own costs that do not add up, of the ops that are in no scope inside. */
function largestOfOwnOps(report: CostReport, { scope }: ScopeRow): Record<string, number> {
  const largest = report.costs.filter(({ total }) => total === "max");
  if (largest.length === 0) return {};
  // Asked for here: the rows of a large graph take long to make.
  const own = report.ops.filter((op) => op.scope === scope).map(({ cost }) => cost);
  const { costs: values } = sumOfCosts(own, largest);
  return Object.fromEntries(largest.map(({ name }) => [name, Number(values[name])]));
}

/** Whether scopes may have weights in common, so that their differences say nothing. */
function sharesWeights({ byOwner }: CostReport): boolean {
  return byOwner.some(
    ({ owner, params, sharedParams, scopes }) =>
      Number(sharedParams) > 0 || (Number(params) > 0 && (owner === "" || scopes.length > 1)),
  );
}
