import {
  type Cost,
  type CostReport,
  exact,
  type Integer,
  type ScopeRow,
} from "@opcounter/counters";

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
  return visible.flatMap((row, i) => {
    const inside = insideOf(row, visible.slice(i + 1));
    return inside.length === 0 ? [{ ...row, isRest: false }] : besides(report, row, inside);
  });
}

/** The rows directly inside a scope, which follow it in the order of the tree. */
function insideOf({ depth }: ScopeRow, following: readonly ScopeRow[]): ScopeRow[] {
  const end = following.findIndex((row) => row.depth <= depth);
  const all = end === -1 ? following : following.slice(0, end);
  return all.filter((row) => row.depth === depth + 1);
}

function besides(report: CostReport, row: ScopeRow, inside: readonly ScopeRow[]): ScopeApart[] {
  const left = <T extends Integer | null>(figureIn: (of: ScopeRow) => T) => {
    const value = figureIn(row);
    if (value === null) return null;
    return exact(inside.reduce((rest, each) => rest - BigInt(figureIn(each) ?? 0), BigInt(value)));
  };
  const ops = Number(left((of) => of.ops));
  const cost: Cost = {
    macs: left(({ macs }) => macs),
    flops: left(({ flops }) => flops),
    transcendentals: left(({ transcendentals }) => transcendentals),
    bytesRead: left(({ bytesRead }) => bytesRead) ?? 0,
    bytesWritten: left(({ bytesWritten }) => bytesWritten) ?? 0,
    dispatches: Number(left(({ dispatches }) => dispatches)),
    invocations: left(({ invocations }) => invocations) ?? 0,
    activations: left(({ activations }) => activations) ?? 0,
    gpuTimeMs: row.gpuTimeMs && difference(row.gpuTimeMs, inside, ({ gpuTimeMs }) => gpuTimeMs),
    costs: ownLeft(report, row, inside),
  };
  // A rule for a layer or a scope as a whole counts what no op inside it has.
  const amounts = [cost.macs, cost.flops, cost.transcendentals, ...Object.values(cost.costs)];
  if (ops === 0 && amounts.every((amount) => !amount)) return [];
  const params = sharesWeights(report) ? null : left((of) => of.params);
  return [{ ...row, ...cost, ops, params, isRest: true }];
}

/** What the user's own costs have besides those inside: the difference, or the largest of its own ops. */
function ownLeft({ costs, ops }: CostReport, row: ScopeRow, inside: readonly ScopeRow[]) {
  const values = costs.map(({ name, total }): [string, number] => {
    if (total === "sum") {
      return [name, difference(Number(row.costs[name]), inside, (each) => each.costs[name])];
    }
    const own = ops.filter(({ scope }) => scope === row.scope);
    return [name, Math.max(0, ...own.map(({ cost }) => Number(cost.costs[name])))];
  });
  return Object.fromEntries(values);
}

/** A difference of floats, which is 0 where only rounding is left. */
function difference(
  whole: number,
  inside: readonly ScopeRow[],
  figureIn: (row: ScopeRow) => number | bigint | null | undefined,
): number {
  const rest = inside.reduce((left, row) => left - Number(figureIn(row) ?? 0), whole);
  return Math.abs(rest) < 1e-9 * Math.abs(whole) ? 0 : rest;
}

/** Whether scopes may have weights in common, so that their differences say nothing. */
function sharesWeights({ byOwner }: CostReport): boolean {
  return byOwner.some(
    ({ owner, params, sharedParams, scopes }) =>
      Number(sharedParams) > 0 || (Number(params) > 0 && (owner === "" || scopes.length > 1)),
  );
}
