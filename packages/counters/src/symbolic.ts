import { analyse, type Graph, liveness } from "@opcounter/ir/core";
import {
  type Fraction,
  fractionAsWritten,
  isLess,
  minus,
  numberOfFraction,
  over,
  whole,
} from "./expressions/fraction.ts";
import { exact, type Integer } from "./expressions/integer.ts";
import {
  evaluatePolynomial,
  formatPolynomial,
  interpolate,
  isNowhereGreater,
  type Polynomial,
} from "./expressions/polynomial.ts";
import type { CostReport } from "./report/report.ts";

/** What one quantity is in the dimensions, or by how much it is no polynomial of them. */
export interface SymbolicCost {
  readonly quantity: string;
  readonly formula: string;
  /** The value at the size that was not fitted, minus what the formula gives there; 0 if it holds. */
  readonly residue: Integer | string;
  /** The size of the residue in percent of the value; null where that value is 0 and the residue is not. */
  readonly percentOff: number | null;
  /**
   * The same at a size between those that were tried, where strides may round; null where no size
   * lies between, or the model does not run there.
   */
  readonly residueBetween: Integer | string | null;
  readonly percentOffBetween: number | null;
}

/** A graph of a model at one size, and what it costs. */
export interface CountedAt {
  /** The size of each dimension. */
  readonly point: readonly number[];
  readonly graph: Graph;
  readonly report: CostReport;
}

/** What costs are fitted to, and where the fit is checked. */
export interface Sizes {
  readonly names: readonly string[];
  /** The model at every combination of a few sizes of each dimension, the smallest first. */
  readonly fitted: readonly CountedAt[];
  /** The model at a size that is not fitted. */
  readonly checked: CountedAt;
  /** The model at a size between those fitted; undefined where there is none. */
  readonly between: CountedAt | undefined;
}

/**
 * Costs as polynomials in named dimensions: fitted exactly, in fractions, and checked at a size that
 * was not fitted. Costs of the user's own are among them where they are expressions.
 *
 * @throws Error where a combination of the fitted sizes is missing.
 */
export function fitCosts({ names, fitted, checked, between }: Sizes): SymbolicCost[] {
  const [base] = fitted;
  if (base === undefined) throw new Error("costs are fitted to no size");
  const measured = new Map(fitted.map((at) => [at.point.join(), measure(at)]));
  const grid = names.map((_, i) => [...new Set(fitted.map(({ point }) => sizeIn(point, i)))]);
  const fit: Fit = (pick) => interpolate(names, grid, (point) => pick(at(measured, point)));
  const actualBetween = between === undefined ? undefined : measure(between).costs;
  return [...measure(checked).costs].map(([quantity, value]): SymbolicCost => {
    const cost =
      quantity === "peakBytes"
        ? fitPeak([...measured.values()], fit, base.point)
        : [fit(({ costs }) => costOf(costs, quantity))];
    const off = offAt(cost, checked.point, value);
    const offBetween =
      between === undefined || actualBetween === undefined
        ? { residue: null, percent: null }
        : offAt(cost, between.point, costOf(actualBetween, quantity));
    return {
      quantity,
      formula: formatGreatest(cost),
      residue: off.residue,
      percentOff: off.percent,
      residueBetween: offBetween.residue,
      percentOffBetween: offBetween.percent,
    };
  });
}

/** What was counted at one size. */
interface Measured {
  readonly costs: ReadonlyMap<string, Fraction>;
  /** By op: the bytes that are alive while it runs. */
  readonly bytesAt: readonly bigint[];
}

/** The polynomial through what is picked of each size. */
type Fit = (pick: (at: Measured) => Fraction) => Polynomial;

function measure({ graph, report }: CountedAt): Measured {
  const { bytesAt } = analyse(graph, liveness);
  return { costs: costsOf(report), bytesAt: Array.from(bytesAt, BigInt) };
}

function costsOf({ totals, costs }: CostReport): Map<string, Fraction> {
  const { macs, flops, transcendentals, bytesRead, bytesWritten, activations, peakBytes } = totals;
  const all = { macs, flops, transcendentals, bytesRead, bytesWritten, activations, peakBytes };
  const own = costs.filter(({ isExpression }) => isExpression);
  return new Map([
    ...Object.entries(all).flatMap(([name, value]): [string, Fraction][] =>
      value === null ? [] : [[name, whole(BigInt(value))]],
    ),
    ...own.map(({ name }): [string, Fraction] => {
      // A decimal that was rounded to a number once is that decimal again.
      return [name, fractionAsWritten(totals.costs[name] ?? Number.NaN)];
    }),
  ]);
}

function costOf(costs: ReadonlyMap<string, Fraction>, quantity: string): Fraction {
  const cost = costs.get(quantity);
  if (cost === undefined) throw new Error(`${quantity} is counted at some sizes only`);
  return cost;
}

function at(measured: ReadonlyMap<string, Measured>, point: readonly number[]): Measured {
  const found = measured.get(point.join());
  if (found === undefined) throw new Error(`nothing was counted at the size ${point.join("x")}`);
  return found;
}

function sizeIn(point: readonly number[], dimension: number): number {
  const size = point[dimension];
  if (size === undefined) throw new Error(`a size has no dimension ${dimension}`);
  return size;
}

/** A cost as the greatest of several polynomials. Of all but peak memory there is one. */
type Greatest = readonly Polynomial[];

/**
 * Peak memory is what is alive at the worst op, and which op that is may change with the size: it is
 * the greatest of what is alive at each, where the ops are the same at all sizes. What is never the
 * greatest from the smallest size on is left out.
 */
function fitPeak(measured: readonly Measured[], fit: Fit, base: readonly number[]): Greatest {
  const [first] = measured;
  const isSame = measured.every(({ bytesAt }) => bytesAt.length === first?.bytesAt.length);
  if (first === undefined || first.bytesAt.length === 0 || !isSame) {
    return [fit(({ costs }) => costOf(costs, "peakBytes"))];
  }
  const places = new Map(
    first.bytesAt.map((_, op) => [measured.map(({ bytesAt }) => bytesAt[op]).join(), op]),
  );
  const greatest: Polynomial[] = [];
  for (const op of places.values()) {
    const polynomial = fit(({ bytesAt }) => {
      const bytes = bytesAt[op];
      if (bytes === undefined) throw new Error(`op ${op} runs at some sizes only`);
      return whole(bytes);
    });
    if (greatest.some((other) => isNowhereGreater(polynomial, other, base))) continue;
    const kept = greatest.filter((other) => !isNowhereGreater(other, polynomial, base));
    greatest.splice(0, greatest.length, ...kept, polynomial);
  }
  return greatest;
}

/** `300774272·batch`, or `max(32·batch + 816000, 4000·batch + 48004)`. */
function formatGreatest(cost: Greatest): string {
  const each = cost.map(formatPolynomial);
  return each.length === 1 ? each.join() : `max(${each.join(", ")})`;
}

/**
 * A value minus what a formula gives at that place, as a fraction where that is no integer; and its
 * size in percent of the value.
 */
function offAt(
  cost: Greatest,
  place: readonly number[],
  value: Fraction,
): { readonly residue: Integer | string; readonly percent: number | null } {
  const predicted = cost
    .map((polynomial) => evaluatePolynomial(polynomial, place))
    .reduce((a, b) => (isLess(a, b) ? b : a));
  const off = minus(value, predicted);
  const { top, bottom } = off;
  const residue = bottom === 1n ? exact(top) : `${top}/${bottom}`;
  if (top === 0n) return { residue, percent: 0 };
  if (value.top === 0n) return { residue, percent: null };
  const share = numberOfFraction(over(off, value));
  return { residue, percent: 100 * Math.abs(Number(share)) };
}

/** The kernels that are uncounted at any size, with the most ops that each has at one. */
export function uncountedAnywhere(counted: readonly CountedAt[]): CostReport["uncounted"] {
  const most = new Map<string, number>();
  for (const { kernel, ops } of counted.flatMap(({ report }) => report.uncounted)) {
    most.set(kernel, Math.max(ops, most.get(kernel) ?? 0));
  }
  return [...most].map(([kernel, ops]) => ({ kernel, ops }));
}
