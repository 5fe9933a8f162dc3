import { tableInLatex } from "./latex.ts";
import { modelsTable } from "./model-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { rowTable } from "./row-table.ts";

/** The table for a paper. */
export const latexFormat: OutputFormat = {
  report: (found) => tableInLatex(rowTable(found.report, found, "none", found.rows).data),
  models: (reports) => tableInLatex(modelsTable(reports)),
};
