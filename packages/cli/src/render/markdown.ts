import { markdownTable } from "markdown-table";
import { type DataTable, textsOf } from "./data-table.ts";
import { visible } from "./visible.ts";

/**
 * What Markdown or GitHub reads as more than itself: marks, HTML, mentions, issues, and the starts
 * of emojis and links. What stands between letters, as `_` in mobilenet_v2, marks nothing.
 */
const SPECIAL = /[\\`*{}[\]<>#|~@&!$^]|(?<!\w)_|_(?!\w)|:(?=\S)|(?<=www)\./gi;

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
