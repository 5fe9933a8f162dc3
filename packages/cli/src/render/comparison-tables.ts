import {
  COMPARED_COSTS,
  type Comparison,
  changeOf,
  exact,
  type Integer,
  kernelOf,
  type OpChange,
  type OpKind,
  opKinds,
  type QuantityChange,
  type ScopeChange,
  whyOf,
} from "@opcounter/counters";
import { counted, shortCount } from "@opcounter/ir";
import type { DataColumn, DataTable } from "./data-table.ts";
import type { Units } from "./figures.ts";
import { inUnit, percentMore, shortInUnit, titleOfQuantity, withSign } from "./numbers.ts";

/** What one pass took away. */
export interface PassChange {
  readonly pass: string;
  readonly totals: readonly QuantityChange[];
}

/** A comparison, and the passes that lie between the two sides. */
export interface ComparisonFound extends Comparison {
  /** Empty unless b is a after some passes. */
  readonly passes: readonly PassChange[];
}

/** The totals that differ; with passes, what each of them took away: these add up to the change. */
export function totalsTable(
  { a, b, totals, passes }: ComparisonFound,
  units: Units,
): DataTable<QuantityChange> {
  const names = a.model === b.model ? ["before", "after"] : [a.model, b.model];
  const isChanged = (quantity: string) =>
    [totals, ...passes.map((pass) => pass.totals)].some((list) =>
      list.some((each) => each.quantity === quantity && each.a !== each.b),
    );
  return {
    columns: [
      {
        ...{ title: "total", align: "left", rank: 10, value: ({ quantity }) => quantity },
        text: ({ quantity }) => titleOfQuantity(quantity),
      },
      side(names[0] ?? "a", 6, units, (change) => change.a),
      ...passes.map(({ pass, totals }) =>
        deltaColumn(pass, 9, units, ({ quantity }) => {
          return totals.find((each) => each.quantity === quantity)?.delta ?? null;
        }),
      ),
      side(names[1] ?? "b", 7, units, (change) => change.b),
      deltaColumn("change", passes.length > 1 ? 5 : 9, units, ({ delta }) => delta),
      {
        ...{ title: "percent", align: "right", rank: 8, value: ({ percent }) => percent },
        text: ({ percent }) => percentMore(percent),
      },
    ],
    rows: totals.filter(({ quantity }) => isChanged(quantity)),
  };
}

function side(
  title: string,
  rank: number,
  units: Units,
  value: (change: QuantityChange) => Integer | null,
): DataColumn<QuantityChange> {
  const text = (change: QuantityChange) => written(value(change), change, units);
  return { title, align: "right", rank, value, text };
}

function deltaColumn(
  title: string,
  rank: number,
  units: Units,
  value: (change: QuantityChange) => Integer | null,
): DataColumn<QuantityChange> {
  const text = (change: QuantityChange) =>
    difference(value(change), (size) => written(size, change, units));
  return { title, align: "right", rank, value, text };
}

function written(value: Integer | null, { unit }: QuantityChange, units: Units): string {
  return units === "full" ? inUnit(value, unit) : shortInUnit(value, unit);
}

const MARKS = { added: "+", removed: "−", changed: "~" } as const;

/** The scopes that differ. Of one that was added or removed, nothing inside has a row. */
export function scopesTable({ scopes }: Comparison, depth: number): DataTable<ScopeChange> {
  const rows = outermost(scopes).filter((row) => row.depth <= depth);
  return {
    columns: [
      {
        ...{ title: "scope", align: "left", rank: 100 },
        value: ({ a, b }) => b ?? a,
        text: (row) => `${MARKS[row.change]} ${scopeName(row)}`,
      },
      costColumn("ops", "ops", "count", 6, ({ costs: { a, b } }) => changeOf(a?.ops, b?.ops)),
      costColumn("params", "params", "count", 9, ({ costs: { a, b } }) =>
        changeOf(a?.params, b?.params),
      ),
      ...COMPARED_COSTS.map(({ name, title, unit }, place) =>
        costColumn<ScopeChange>(name, title, unit, 8 - place, ({ costs: { a, b } }) =>
          changeOf(a?.[name], b?.[name]),
        ),
      ),
    ],
    rows,
  };
}

function scopeName({ a, b }: ScopeChange): string {
  const name = b ?? a ?? "";
  return a === null || b === null || a === b ? name : `${a} → ${b}`;
}

/** The scopes without those inside one that was added, or removed, as a whole. */
function outermost(scopes: readonly ScopeChange[]): ScopeChange[] {
  const whole = new Set<string>();
  return scopes.filter(({ change, a, b }) => {
    if (change === "changed") return true;
    const path = b ?? a ?? "";
    const isInside = whole.has(`${change} ${path.slice(0, path.lastIndexOf("/"))}`);
    whole.add(`${change} ${path}`);
    return !(isInside && path.includes("/"));
  });
}

/** Ops that differ, together where they differ in the same way; the most first. */
export function opKindsTable({ ops }: Comparison): DataTable<OpKind> {
  return {
    columns: [
      {
        ...{ title: "ops", align: "left", rank: 100, least: 22, value: ({ kernel }) => kernel },
        text: ({ change, kernel, ops }) =>
          `${MARKS[change]} ${counted(ops.length, kernel, kernel)}`,
      },
      { title: "why", align: "left", rank: 9, least: 28, value: ({ why }) => why },
      ...COMPARED_COSTS.map(({ name, title, unit }, place) =>
        costColumn<OpKind>(name, title, unit, 8 - place, (kind) =>
          sumOf(kind.ops.map(({ a, b }) => changeOf(a?.cost[name], b?.cost[name]))),
        ),
      ),
    ],
    rows: opKinds(ops),
  };
}

/** Every op that differs. */
export function opsTable({ ops }: Comparison): DataTable<OpChange> {
  return {
    columns: [
      {
        ...{ title: "op", align: "left", rank: 100, value: kernelOf },
        text: (op) => `${MARKS[op.change]} ${idOf(op)}${kernelOf(op)}`,
      },
      { title: "scope", align: "left", rank: 7, value: ({ a, b }) => (b ?? a)?.scope ?? "" },
      {
        ...{ title: "why", align: "left", rank: 9 },
        value: whyOf,
      },
      ...COMPARED_COSTS.map(({ name, title, unit }, place) =>
        costColumn<OpChange>(name, title, unit, 6 - place, ({ a, b }) =>
          changeOf(a?.cost[name], b?.cost[name]),
        ),
      ),
    ],
    rows: ops,
  };
}

function idOf({ a, b }: OpChange): string {
  const id = (b ?? a)?.id ?? null;
  return id === null ? "" : `%${id} `;
}

function costColumn<R>(
  name: string,
  title: string,
  unit: string,
  rank: number,
  value: (row: R) => Integer | null,
): DataColumn<R> {
  const show = (size: Integer) => (name === "ops" ? shortCount(size) : shortInUnit(size, unit));
  return {
    ...{ title, align: "right", rank, value },
    text: (row) => difference(value(row), show),
  };
}

function sumOf(values: readonly (Integer | null)[]): Integer | null {
  let sum = 0n;
  for (const value of values) {
    if (value === null) return null;
    sum += BigInt(value);
  }
  return exact(sum);
}

function difference(value: Integer | null, show: (size: Integer) => string): string {
  return value === null || Number(value) === 0 ? "" : withSign(value, show);
}
