import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";

/** A row of a table by column. */
export type Row = readonly string[];

/**
 * Holds a table of a page of `docs` to what it should be. It stands between `<!-- NAME -->` and
 * `<!-- end -->`. With UPDATE_DOCS=1 in the environment it is written there instead.
 */
export function expectTable(page: string, name: string, columns: Row, rows: readonly Row[]): void {
  if (process.env["UPDATE_DOCS"] === "1") {
    writeTable(page, name, columns, rows);
    return;
  }
  const { table } = partsOf(page, name);
  expect(table, `${page}; UPDATE_DOCS=1 writes it`).to.equal(aligned(columns, rows));
}

/** The same for what a terminal shows, as a block of code. */
export function expectBlock(page: string, name: string, text: string): void {
  const { file, before, table, after } = partsOf(page, name);
  const block = `\`\`\`\n${text.trimEnd()}\n\`\`\`\n`;
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(file, before + block + after);
  else expect(table, `${page}; UPDATE_DOCS=1 writes it`).to.equal(block);
}

/** Writes a table to its place in a page. */
export function writeTable(page: string, name: string, columns: Row, rows: readonly Row[]): void {
  const { file, before, after } = partsOf(page, name);
  writeFileSync(file, before + aligned(columns, rows) + after);
}

/** The rows of a table of a page as they stand there, the columns first. */
export function tableRows(page: string, name: string): Row[] {
  return cellsOf(partsOf(page, name).table);
}

/** The cells of a table in Markdown, the columns first. */
export function cellsOf(table: string): Row[] {
  return table
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("| -"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** A page: its table, and the text before and after. */
function partsOf(page: string, name: string) {
  const file = new URL(`../../docs/${page}`, import.meta.url);
  const text = readFileSync(file, "utf8");
  const begin = `<!-- ${name} -->\n\n`;
  const at = text.indexOf(begin);
  expect(at, `${begin.trim()} in ${page}`).to.be.at.least(0);
  const start = at + begin.length;
  const end = text.indexOf("\n<!-- end -->", at);
  return {
    file,
    before: text.slice(0, start),
    table: text.slice(start, end),
    after: text.slice(end),
  };
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
