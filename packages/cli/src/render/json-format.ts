import { type CostReport, reportToJson } from "@opcounter/counters";
import type { Found, OutputFormat } from "./output-format.ts";
import { NO_LINE, rowsByLine } from "./rows-by-line.ts";

/** The whole report, for programs; with rows by line and the roofline where they are asked for. */
export const jsonFormat: OutputFormat = {
  takes: ["by", "verbose", "dispatches", "executed", "roofline"],
  report: ({ report, roofline, executed, rows: { by, lines } }) =>
    reportToJson({
      ...report,
      ...(by === "line" ? { byLine: byLine(report, lines) } : {}),
      ...(roofline === undefined ? {} : { roofline }),
      ...(executed === undefined ? {} : { executed }),
    }),
  symbolic: (report) => reportToJson(report),
  models: (reports) =>
    reportToJson({
      schemaVersion: 1,
      models: reports.map(({ model, device, convention, passes, inputs, totals, weights }) => {
        return { model, device, convention, passes, inputs, totals, weights };
      }),
    }),
};

/** What each line of the program costs; `line` is null for what no line called. */
function byLine(report: CostReport, lines: Found["rows"]["lines"]) {
  return rowsByLine(report, lines).map(({ line: { name, text }, ops, cost }) => ({
    line: name === NO_LINE ? null : name,
    ...{ source: text, ops },
    ...cost,
  }));
}
