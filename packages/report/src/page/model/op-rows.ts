import { type Amount, PLACEMENTS } from "../../document/document.ts";
import { toNumber } from "../format.ts";
import type { Sort } from "../store.ts";
import type { Quantity } from "./quantities.ts";
import type { ReportModel } from "./report-model.ts";

/** A row of the table: an op, or a layer that is counted as a whole beside its ops. */
export type OpTableRow =
  | { readonly kind: "op"; readonly index: number }
  | { readonly kind: "whole"; readonly index: number };

/** The rows of a convention: every op, then every whole. */
export function rowsOf(model: ReportModel, convention: number): OpTableRow[] {
  const ops = Array.from({ length: model.opCount }, (_, index) => ({ kind: "op" as const, index }));
  const wholes = model
    .convention(convention)
    .wholes.map((_, index) => ({ kind: "whole" as const, index }));
  return [...ops, ...wholes];
}

/** What the table shows of a row, besides quantities. */
export interface RowTexts {
  readonly title: string;
  readonly scope: string;
  readonly result: string;
  readonly note: string;
}

export function textsOf(model: ReportModel, convention: number, row: OpTableRow): RowTexts {
  if (row.kind === "op") {
    const { name } = model.kernel(row.index);
    const scope = model.scopePath(model.scopeOf(row.index));
    const placement = PLACEMENTS[model.document.ops.placement[row.index] ?? 0];
    const note = placement === "cpu" ? "host" : placement === "view" ? "view" : "";
    return { title: name, scope, result: model.resultTypes(row.index), note };
  }
  const whole = model.convention(convention).wholes[row.index];
  const scope = model.scopePath(whole?.scope ?? 0);
  return { title: whole?.label ?? "", scope, result: "", note: "counted as a whole" };
}

export function amountOf(
  model: ReportModel,
  convention: number,
  quantity: Quantity,
  row: OpTableRow,
): Amount | null {
  if (row.kind === "op") return quantity.ofOp(row.index);
  const whole = model.convention(convention).wholes[row.index];
  return whole === undefined ? null : quantity.ofWhole(whole);
}

/** The rows inside a scope whose kernel, scope or result has each word of the search. */
export function findRows(
  model: ReportModel,
  convention: number,
  rows: readonly OpTableRow[],
  { focus, search }: { focus: number; search: string },
): readonly OpTableRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const scopeOf = (row: OpTableRow) =>
    row.kind === "op"
      ? model.scopeOf(row.index)
      : (model.convention(convention).wholes[row.index]?.scope ?? 0);
  const inScope = focus === 0 ? rows : rows.filter((row) => model.isInside(scopeOf(row), focus));
  if (words.length === 0) return inScope;
  return inScope.filter((row) => {
    const { title, scope, result, note } = textsOf(model, convention, row);
    const id = row.kind === "op" ? `%${row.index}` : "";
    const text = `${id} ${title} ${scope} ${result} ${note}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The rows in the order that is asked for. Equal ones stay in order of execution. */
export function sortRows(
  model: ReportModel,
  convention: number,
  rows: readonly OpTableRow[],
  sort: Sort,
  quantities: readonly Quantity[],
): readonly OpTableRow[] {
  const sign = sort.descending ? -1 : 1;
  if (sort.by === "order") return sort.descending ? rows.toReversed() : rows;
  const quantity = quantities.find(({ id }) => id === sort.by);
  if (quantity !== undefined) {
    const keyed = rows.map((row) => ({
      row,
      key: toNumber(amountOf(model, convention, quantity, row)),
    }));
    return keyed.sort((a, b) => sign * (a.key - b.key)).map(({ row }) => row);
  }
  const by = sort.by === "scope" ? "scope" : sort.by === "result" ? "result" : "title";
  const keyed = rows.map((row) => ({ row, key: textsOf(model, convention, row)[by] }));
  // By code units: comparing by a language's rules takes ten times as long.
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return keyed.sort((a, b) => sign * order(a.key, b.key)).map(({ row }) => row);
}
