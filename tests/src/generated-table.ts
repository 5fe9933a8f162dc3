import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";

/** A row of a table by column. */
export type Row = readonly string[];

/**
 * Holds a table of a page of `docs` to what it should be. It stands between `<!-- NAME -->` and
 * `<!-- end -->`. With UPDATE_DOCS=1 in the environment it is written there instead.
 */
export function expectTable(page: string, name: string, columns: Row, rows: readonly Row[]): void {
  const file = new URL(`../../docs/${page}`, import.meta.url);
  const text = readFileSync(file, "utf8");
  const begin = `<!-- ${name} -->\n\n`;
  const start = text.indexOf(begin);
  const end = text.indexOf("\n<!-- end -->", start);
  expect(start, `${begin.trim()} in ${page}`).to.be.at.least(0);
  const table = aligned(columns, rows);
  if (process.env["UPDATE_DOCS"] === "1") {
    writeFileSync(file, text.slice(0, start + begin.length) + table + text.slice(end));
  } else {
    expect(text.slice(start + begin.length, end), `${page}; UPDATE_DOCS=1 writes it`).to.equal(
      table,
    );
  }
}

function aligned(columns: Row, rows: readonly Row[]): string {
  const widths = columns.map((column, i) =>
    Math.max(3, column.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: Row, fill = " ") =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0, fill)).join(" | ")} |\n`;
  const rule = line(
    columns.map(() => ""),
    "-",
  );
  return [line(columns), rule, ...rows.map((row) => line(row))].join("");
}
