import { tableInLatex } from "./latex.ts";
import { modelsTable } from "./model-table.ts";
import type { OutputFormat } from "./output-format.ts";
import { rooflineTable } from "./roofline.ts";
import { rowTable } from "./row-table.ts";

/** The table for a paper; with a roofline its rows. */
export const latexFormat: OutputFormat = {
  takes: ["by", "depth", "top", "sort", "columns", "units", "roofline"],
  report: (found) =>
    found.roofline === undefined
      ? tableInLatex(rowTable(found.report, found, "none", found.rows).data)
      : tableInLatex(rooflineTable(found, found.roofline)),
  models: (reports) => tableInLatex(modelsTable(reports)),
};
