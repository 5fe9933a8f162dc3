import { executedInMarkdown } from "./executed.ts";
import { markdownText, tableInMarkdown } from "./markdown.ts";
import { modelsTable } from "./model-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { rooflineInMarkdown } from "./roofline.ts";
import { rowTable } from "./row-table.ts";
import { factsOf, notesOf } from "./table.ts";
import { totalsOf } from "./totals.ts";

/** Markdown for a pull request or a README: the totals, and the rows folded away. */
export const mdFormat: OutputFormat = {
  takes: ["by", "depth", "top", "sort", "columns", "units", "executed", "roofline"],
  report: (found) => {
    const { report, rows } = found;
    const { data, leftOut } = rowTable(report, found, "none", rows);
    const { told, alarms } = notesOf(report);
    return [
      `### ${markdownText(report.model)}`,
      factsOf(report).map(markdownText).join("  ·  "),
      tableInMarkdown({
        columns: [
          { title: "total", align: "left", rank: 0, value: ([name]) => name },
          { title: "value", align: "right", rank: 0, value: ([, value]) => value },
          { title: "", align: "left", rank: 0, value: ([, , meaning]) => meaning },
        ],
        rows: totalsOf(report),
      }),
      ...[...alarms, ...told].map((line) => `> ${markdownText(line)}`),
      `<details><summary>By ${rows.by}</summary>`,
      tableInMarkdown(data),
      ...(leftOut === undefined ? [] : [markdownText(leftOut)]),
      "</details>",
      ...(found.roofline === undefined ? [] : [rooflineInMarkdown(found.roofline)]),
      ...(found.executed === undefined
        ? []
        : [executedInMarkdown(found.executed, rows, found.roofline?.spec)]),
    ].join("\n\n");
  },
  models: (reports) => tableInMarkdown(modelsTable(reports)),
};
