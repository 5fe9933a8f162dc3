import stringWidth from "fast-string-width";
import { fold, type Paint } from "./lines.ts";

export type { Paint };

/** A column of a table. It is left out if the line has no room for it. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** On a narrow terminal the columns of the lowest rank are left out first. */
  readonly rank: number;
}

/** A row's strings by column title. */
export type Cells = Readonly<Record<string, string>>;

const NAME_COLUMN_MINIMUM = 16;
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
  const cell = (row: Cells, column: Column, i: number) =>
    (i === 0 ? row["name"] : row[column.title]) ?? "";
  const filled = columns.filter(
    (column, i) => i === 0 || rows.some((row) => cell(row, column, i) !== ""),
  );
  const isFirst = (column: Column) => column === columns[0];
  const textOf = (row: Cells, column: Column) => cell(row, column, isFirst(column) ? 0 : 1);
  const widthOf = (column: Column) =>
    rows.reduce(
      (widest, row) => Math.max(widest, stringWidth(textOf(row, column))),
      stringWidth(column.title),
    );
  const { kept, widths } = fit(filled, widthOf, width);
  const line = (textAt: (column: Column) => string, style = (text: string) => text) =>
    kept
      .map((column, i) => padded(textAt(column), column.align, widths[i] ?? 0, style))
      .join(" ".repeat(GAP))
      .trimEnd();
  const lines = rows.flatMap((row) => {
    const ofRow = line((column) => textOf(row, column));
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

/** Drops the columns of the lowest rank, then shortens the first column, until a line fits. */
function fit(
  columns: readonly Column[],
  widthOf: (column: Column) => number,
  available: number,
): { kept: readonly Column[]; widths: number[] } {
  let kept = [...columns];
  for (;;) {
    const widths = kept.map(widthOf);
    const excess =
      widths.reduce((total, columnWidth) => total + columnWidth + GAP, -GAP) - available;
    const first = widths[0] ?? 0;
    if (excess <= 0) return { kept, widths };
    if (first - excess >= NAME_COLUMN_MINIMUM || kept.length <= 2) {
      widths[0] = Math.max(first - excess, NAME_COLUMN_MINIMUM);
      // Of two columns the second is shortened, too, if it is words: half a number says nothing.
      const [, second] = kept;
      if (second?.align === "left")
        widths[1] = Math.min(widths[1] ?? 0, available - widths[0] - GAP);
      return { kept, widths };
    }
    const lowest = Math.min(...kept.map(({ rank }) => rank));
    // One at a time: of several of that rank, the last goes first.
    const last = kept.findLastIndex(({ rank }) => rank === lowest);
    kept = kept.filter((_, place) => place !== last);
  }
}

/** A text with its middle left out, since names differ most at their ends. */
function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const characters = [...text];
  const rest = width - 1;
  const head = startOf(characters, Math.ceil(rest / 3));
  return `${head}…${startOf(characters.reverse(), rest - stringWidth(head), true)}`;
}

/** As many characters from the start as fit in a width; `backwards` undoes the reversal. */
function startOf(characters: readonly string[], width: number, backwards = false): string {
  const taken: string[] = [];
  let left = width;
  for (const character of characters) {
    left -= stringWidth(character);
    if (left < 0) break;
    taken.push(character);
  }
  return (backwards ? taken.reverse() : taken).join("");
}
