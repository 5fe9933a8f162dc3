import { tableInLatex } from "./latex.ts";
import { modelsTable } from "./model-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { rowsOf } from "./rows.ts";

/** The table for a paper. */
export const latexFormat: OutputFormat = {
  report: ({ report, rows }) => tableInLatex(rowsOf(report, rows).table),
  models: (reports) => tableInLatex(modelsTable(reports)),
};
