import type { Graph } from "@opcounter/ir/core";
import type { Convention } from "./conventions/convention.ts";
import { type CountOptions, count } from "./count.ts";
import { exact, type Integer, plus, total as sumOf } from "./expressions/integer.ts";
import type { PublishedFigure } from "./published-figure.ts";
import { counted as figureIn } from "./report/cost-sum.ts";
import type { CostReport, LayerRow, OpRow } from "./report/report.ts";

/** What is compared of a report: the figure its convention has. */
type Figure = "macs" | "flops";

/** Ops that two conventions count by the same two rules. */
export interface DifferenceRow {
  /** The kernel, or `layer:` and a layer's class where one convention counts the layer whole. */
  readonly kernel: string;
  readonly ops: number;
  /** How each side counts them, in symbols, or why it counts nothing. */
  readonly rule: string;
  readonly againstRule: string;
  readonly total: Integer;
  readonly againstTotal: Integer;
  /** `total` − `againstTotal`. */
  readonly difference: Integer;
  /** The ops, as ids in the graph; empty for layers. */
  readonly opIds: readonly number[];
}

/** Why two conventions give different totals for one graph. */
export interface Explanation {
  readonly model: string;
  readonly convention: string;
  readonly against: string;
  /** What each side calls its figure. */
  readonly figure: Figure;
  readonly againstFigure: Figure;
  readonly total: Integer;
  readonly againstTotal: Integer;
  /** The rows' differences add up to it exactly. */
  readonly difference: Integer;
  /** The largest difference first; rows without one are left out. */
  readonly rows: readonly DifferenceRow[];
  /** Ops on which both agree, and what they count together. */
  readonly agreeing: { readonly ops: number; readonly total: Integer };
}

/**
 * Explains the difference between two conventions, grouped by kernel and by the rules that count
 * it. `native` is compared by the figure that the other side has.
 *
 * @throws OpcounterError where a convention is unknown.
 */
export function explain(
  graph: Graph,
  convention: string | Convention,
  against: string | Convention,
  options: Omit<CountOptions, "convention"> = {},
): Explanation {
  return explainReports(
    count(graph, { ...options, convention }),
    count(graph, { ...options, convention: against }),
  );
}

/** Explains the difference between two reports of one graph. */
export function explainReports(left: CostReport, right: CostReport): Explanation {
  const figure = figureOf(left, right);
  const againstFigure = figureOf(right, left);
  const all = differences(left, figure, right, againstFigure);
  const rows = all.filter((row) => row.difference !== 0);
  const agreeing = all.filter((row) => row.difference === 0);
  const total = sumOf(all.map((row) => row.total));
  const againstTotal = sumOf(all.map((row) => row.againstTotal));
  const size = (row: DifferenceRow) => Math.abs(Number(row.difference));
  return {
    model: left.model,
    convention: left.convention,
    against: right.convention,
    figure,
    againstFigure,
    total,
    againstTotal,
    difference: exact(BigInt(total) - BigInt(againstTotal)),
    rows: rows.sort((a, b) => size(b) - size(a)),
    agreeing: {
      ops: agreeing.reduce((total, row) => total + row.ops, 0),
      total: sumOf(agreeing.map((row) => row.total)),
    },
  };
}

/** The figure a report has; where it has both, the one of the other side. */
function figureOf(report: CostReport, other: CostReport): Figure {
  const hasBoth = report.macs !== null && report.flops !== null;
  return (hasBoth ? other : report).macs === null ? "flops" : "macs";
}

function differences(
  left: CostReport,
  figure: Figure,
  right: CostReport,
  againstFigure: Figure,
): DifferenceRow[] {
  const groups = new Map<string, Group>();
  const add = (kernel: string, id: number | undefined, a: Side, b: Side) => {
    // No rule has a line break.
    const key = `${kernel}\n${a.rule}\n${b.rule}`;
    let group = groups.get(key);
    if (group === undefined) {
      const rules = { rule: a.rule, againstRule: b.rule };
      group = { kernel, ...rules, ops: 0, total: 0, againstTotal: 0, opIds: [] };
      groups.set(key, group);
    }
    group.ops++;
    group.total = plus(group.total, a.value);
    group.againstTotal = plus(group.againstTotal, b.value);
    if (id !== undefined) group.opIds.push(id);
  };
  left.ops.forEach((row, i) => {
    const other = right.ops[i];
    if (other === undefined) throw new Error("two counts of one graph have different ops");
    add(row.kernel, row.id, side(row, figure), side(other, againstFigure));
  });
  for (const [a, b] of pairedLayers(left.layers, right.layers)) {
    const row = a ?? b;
    if (row !== undefined) {
      add(`layer:${row.className}`, undefined, side(a, figure), side(b, againstFigure));
    }
  }
  return [...groups.values()].map((group) => ({
    ...group,
    difference: exact(BigInt(group.total) - BigInt(group.againstTotal)),
  }));
}

/** Ops of one kernel that both sides count by the same two rules. */
interface Group extends Pick<DifferenceRow, "kernel" | "rule" | "againstRule"> {
  ops: number;
  total: Integer;
  againstTotal: Integer;
  readonly opIds: number[];
}

interface Side {
  readonly value: Integer;
  readonly rule: string;
}

function side(row: OpRow | LayerRow | undefined, figure: Figure): Side {
  if (row === undefined) return { value: 0, rule: "counts its ops" };
  const { formula, cost } = row;
  const rule =
    formula[figure]?.symbols ?? (formula.by === "formula" ? `no ${figure}` : formula.note);
  return { value: figureIn(cost[figure]), rule };
}

/** Layers that one side or both count whole, by scope and order. */
function pairedLayers(
  left: readonly LayerRow[],
  right: readonly LayerRow[],
): [LayerRow | undefined, LayerRow | undefined][] {
  const rest = [...right];
  const pairs = left.map((row): [LayerRow, LayerRow | undefined] => {
    const at = rest.findIndex(({ scope }) => scope === row.scope);
    return [row, at < 0 ? undefined : rest.splice(at, 1)[0]];
  });
  return [...pairs, ...rest.map((row): [undefined, LayerRow] => [undefined, row])];
}

/** Why a published total is what it is. */
export interface PublishedExplanation {
  readonly convention: string;
  readonly published: Integer;
  /** The published figure stands for all from so much below it to so much above; 0 if it is exact. */
  readonly within: Integer;
  /** The exact sum by the convention's rules. */
  readonly exact: Integer;
  /** The same rules added up in float32, op by op, minus the exact sum. */
  readonly float32Rounding: Integer;
  /** The rounding of the figure as it was written, where that explains the rest. */
  readonly writtenRounding: Integer;
  /** What nothing explains: 0 where the figure is explained as precisely as it was written. */
  readonly residue: Integer;
  /** Layers that the convention cannot see, such as functional calls, which count nothing. */
  readonly unseen: readonly { readonly scope: string; readonly className: string }[];
}

/**
 * Explains a figure that somebody published, by a convention, by float32 rounding, and by the
 * precision in which it is written; a `bigint` is exact.
 */
export function explainPublished(
  graph: Graph,
  convention: string | Convention,
  figureOrExact: bigint | PublishedFigure,
): PublishedExplanation {
  const { value: published, within } =
    typeof figureOrExact === "bigint" ? { value: figureOrExact, within: 0n } : figureOrExact;
  const isNear = (difference: bigint) => -within <= difference && difference <= within;
  const report = count(graph, { convention });
  const rounded = count(graph, { convention, accumulate: "float32" });
  const figure: Figure = report.macs === null ? "flops" : "macs";
  const total = BigInt(figureIn(report[figure]));
  const inFloat32 = BigInt(figureIn(rounded[figure]));
  // Where the exact sum is the published figure, nothing was rounded in float32.
  const rounding = isNear(published - total) ? 0n : inFloat32 - total;
  const rest = published - total - rounding;
  return {
    convention: report.convention,
    published: exact(published),
    within: exact(within),
    exact: exact(total),
    float32Rounding: exact(rounding),
    writtenRounding: exact(isNear(rest) ? rest : 0n),
    residue: exact(isNear(rest) ? 0n : rest),
    unseen: report.layers
      .filter(({ cost }) => cost[figure] === 0)
      .map(({ scope, className }) => ({ scope, className })),
  };
}
