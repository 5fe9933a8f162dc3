import stringWidth from "fast-string-width";
import type colors from "picocolors";
import { fold } from "./lines.ts";
import { shorten } from "./shorten.ts";

export type Paint = ReturnType<typeof colors.createColors>;

/** A column of a table. It is left out if the line has no room for it. */
export interface Column {
  readonly title: string;
  /** Words are on the left and may be shortened; numbers are on the right and stay whole. */
  readonly align: "left" | "right";
  /** On a narrow terminal the columns of the highest rank find room first, and those of Infinity always. */
  readonly rank: number;
  /** To how many characters words may be shortened, 12 if this is left out. */
  readonly least?: number;
}

/** A row's strings by column title. */
export type Cells = Readonly<Record<string, string>>;

const LEAST_NAME = 16;
const LEAST_WORDS = 12;
const GAP = 2;

/**
 * A table without borders. It has the columns that fit and are not empty. The cells of the first
 * column are those named `name`. A cell named `formula` is printed below its row.
 */
export function renderColumns(
  columns: readonly Column[],
  rows: readonly Cells[],
  width: number,
  paint: Paint,
): string {
  const cell = (row: Cells, column: Column) =>
    (column === columns[0] ? row["name"] : row[column.title]) ?? "";
  const filled = columns.filter(
    (column, i) => i === 0 || rows.some((row) => cell(row, column) !== ""),
  );
  const measured = filled.map((column, i): Measured => {
    const widthOf = (widest: number, row: Cells) =>
      Math.max(widest, stringWidth(cell(row, column)));
    const full = rows.reduce(widthOf, stringWidth(column.title));
    const { align, least = i === 0 ? LEAST_NAME : LEAST_WORDS } = column;
    return { column, full, least: align === "right" ? full : Math.min(full, least) };
  });
  const shown = fit(measured, width);
  const line = (textAt: (column: Column) => string, style = (text: string) => text) =>
    shown
      .map(({ column, width }) => padded(textAt(column), column.align, width, style))
      .join(" ".repeat(GAP))
      .trimEnd();
  const lines = rows.flatMap((row) => {
    const ofRow = line((column) => cell(row, column));
    const formula = row["formula"];
    // A formula has a line of its own below its op.
    return formula === undefined ? [ofRow] : [ofRow, paint.dim(fold(`    ${formula}`, width, 6))];
  });
  return [line(({ title }) => title, paint.dim), ...lines].join("\n");
}

/** A text in as many columns of a terminal as its cell has, painted by `style`. */
function padded(
  text: string,
  align: Column["align"],
  width: number,
  style: (text: string) => string,
): string {
  const shown = shorten(text, width);
  const space = " ".repeat(width - stringWidth(shown));
  return align === "right" ? space + style(shown) : style(shown) + space;
}

/** A column with the width that its cells need, and the least that it can do with. */
interface Measured {
  readonly column: Column;
  readonly full: number;
  readonly least: number;
}

/**
 * Takes the columns in the order of their ranks where they fit with their words shortened. Then the
 * words share the room that is left.
 */
function fit(columns: readonly Measured[], available: number): { column: Column; width: number }[] {
  const [first, ...others] = columns;
  const taken = new Set(first === undefined ? [] : [first]);
  let left = available - (first?.least ?? 0);
  for (const column of others.sort((a, b) => b.column.rank - a.column.rank)) {
    const needed = column.least + GAP;
    // A name alone says nothing.
    if (needed > left && taken.size > 1 && column.column.rank < Number.POSITIVE_INFINITY) continue;
    taken.add(column);
    left -= needed;
  }
  left = Math.max(left, 0);
  const kept = columns.filter((column) => taken.has(column));
  const widths = new Map(kept.map(({ column, least }) => [column, least]));
  // Those that need the least room come first, and leave the others what they do not need.
  const growing = kept.filter(({ full, least }) => full > least).sort(byNeed);
  growing.forEach(({ column, full, least }, i) => {
    const more = Math.min(full - least, Math.floor(left / (growing.length - i)));
    widths.set(column, least + more);
    left -= more;
  });
  return kept.map(({ column }) => ({ column, width: widths.get(column) ?? 0 }));
}

function byNeed(a: Measured, b: Measured): number {
  return a.full - a.least - (b.full - b.least);
}
