import { markdownTable } from "markdown-table";
import { type DataTable, textsOf } from "./data-table.ts";
import { visible } from "./visible.ts";

/** What Markdown or GitHub reads as more than itself. */
const SPECIAL = new RegExp(
  [
    // Marks, HTML, cells and formulas; brackets where they begin a link or a footnote.
    /[\\`*<>#|~&$]|\](?=[([:])|\[(?=\^)/,
    // What stands between letters, as `_` in mobilenet_v2, marks nothing.
    /(?<!\w)[_@]|_(?!\w)/,
    // Addresses and emojis.
    /@(?=[\w-]+\.)|:(?=\S)|(?<=www)\./i,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gi",
);

/** A name as Markdown shows it, whatever it is: on one line, with nothing in it that is obeyed. */
export function markdownText(name: string): string {
  return visible(name).replaceAll(SPECIAL, (mark) => `&#${mark.charCodeAt(0)};`);
}

/** A table of GitHub's Markdown. */
export function tableInMarkdown<R>(table: DataTable<R>): string {
  const { columns, rows } = textsOf(table);
  const lines = [columns.map(({ title }) => title), ...rows];
  return markdownTable(
    lines.map((line) => line.map(markdownText)),
    { align: columns.map(({ align }) => align) },
  );
}
