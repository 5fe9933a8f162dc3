import { reportToJson } from "@opcounter/counters";
import type { OutputFormat } from "./output-format.ts";

/** The whole report, for programs. */
export const jsonFormat: OutputFormat = {
  report: ({ report, roofline, executed }) =>
    reportToJson({
      ...report,
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
