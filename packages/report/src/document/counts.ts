import type { CostReport, LeftOutRow, OpRow, Provenance, ScopeRow } from "@opcounter/counters";
import { counted } from "@opcounter/ir";
import type { Amount, ConventionCounts, Figure, Whole } from "./document.ts";
import type { Scopes } from "./scopes.ts";
import type { Strings } from "./strings.ts";

/** A number as the document writes it. */
export function amount(value: number | bigint): Amount {
  return typeof value === "bigint" ? String(value) : value;
}

/** The document's names and places, which the counts refer to. */
export interface Places {
  readonly strings: Strings;
  readonly scopes: Scopes;
  /** How many ops the graph has; reports leave out those that their user ignores. */
  readonly ops: number;
}

type Quantity = "macs" | "flops" | "transcendentals";

/** One convention's report in columns. */
export function countsOf(report: CostReport, places: Places): ConventionCounts {
  const { strings } = places;
  const rows: (OpRow | undefined)[] = Array.from({ length: places.ops }, () => undefined);
  for (const row of report.ops) rows[row.id] = row;
  const figure = (quantity: Quantity) => figureOf(quantity, report, rows, strings);
  return {
    name: report.convention,
    macs: figure("macs"),
    flops: figure("flops"),
    transcendentals: figure("transcendentals"),
    by: rows.map((row) => strings.index(row?.formula.by ?? "ignored")),
    note: rows.map((row) => strings.index(row?.formula.note ?? "left out of the count")),
    wholes: [...layerWholes(report, places), ...costWholes(report, places)],
    costs: Object.fromEntries(
      report.costs.map(({ name }) => [
        name,
        {
          total: amount(report.totals.costs[name] ?? 0),
          ops: rows.map((row) => amount(row?.cost.costs[name] ?? 0)),
        },
      ]),
    ),
    uncounted: report.uncounted,
    leftOut: report.leftOut.map((row) => ({
      text: describeLeftOut(row),
      macs: amount(row.macs),
      flops: amount(row.flops),
    })),
    warnings: report.warnings,
  };
}

function figureOf(
  quantity: Quantity,
  { totals }: CostReport,
  rows: readonly (OpRow | undefined)[],
  strings: Strings,
): Figure {
  const total = totals[quantity];
  const formula = (part: keyof Provenance) =>
    rows.map((row) => strings.index(row?.formula[quantity]?.[part]));
  return {
    total: total === null ? null : amount(total),
    ops: total === null ? [] : rows.map((row) => amount(row?.cost[quantity] ?? 0)),
    symbols: total === null ? [] : formula("symbols"),
    numbers: total === null ? [] : formula("numbers"),
  };
}

/** The layers that a convention or a rule counts as a whole. */
function layerWholes({ layers }: CostReport, { scopes }: Places): Whole[] {
  const orNull = (value: number | bigint | null) => (value === null ? null : amount(value));
  return layers.map(({ scope, className, cost, formula }) => ({
    scope: scopes.ofJoined(scope),
    label: className,
    macs: orNull(cost.macs),
    flops: orNull(cost.flops),
    transcendentals: orNull(cost.transcendentals),
    costs: {},
    note: formula.note,
  }));
}

/** Sums of floating-point numbers in another order differ by less than this share. */
const ROUNDING = 1e-9;

/**
 * What scopes have of the user's own costs beyond what their ops and the scopes inside have: values
 * of a layer or a scope as a whole. Only sums tell; of a maximum nothing is left over.
 */
function costWholes(report: CostReport, { scopes }: Places): Whole[] {
  return report.costs
    .filter(({ total }) => total === "sum")
    .flatMap(({ name }) => {
      const left = new Map<number, number>();
      const add = (scope: number, value: number) => left.set(scope, (left.get(scope) ?? 0) + value);
      const costOf = (row: { costs: ScopeRow["costs"] }) => Number(row.costs[name] ?? 0);
      const known = new Map(report.byScope.map((row) => [scopes.ofJoined(row.scope), costOf(row)]));
      for (const [scope, value] of known) {
        add(scope, value);
        const parent = scopes.columns.parent[scope] ?? -1;
        if (parent > 0) add(parent, -value);
      }
      for (const row of report.ops) add(scopes.ofJoined(row.scope), -costOf(row.cost));
      return [...left]
        .filter(([scope, value]) => value > ROUNDING * (known.get(scope) ?? 0))
        .map(([scope, value]) => ({
          ...{ scope, label: "as a whole", macs: null, flops: null, transcendentals: null },
          costs: { [name]: value },
          note: `the cost ${name} of the scope as a whole`,
        }));
    });
}

function describeLeftOut({ kind, name, times }: LeftOutRow): string {
  if (kind === "kernel") return `${name} (${counted(times, "op")})`;
  return kind === "layer"
    ? `layers of class ${name} (${counted(times, "call")})`
    : `the pattern ${name} (${counted(times, "group")})`;
}
