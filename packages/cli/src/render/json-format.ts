import { reportToJson } from "@opcounter/counters";
import type { OutputFormat } from "./output-format.ts";

/** Everything, for programs; rows are as the report has them. */
export const jsonFormat: OutputFormat = {
  report: ({ report, roofline }) =>
    reportToJson(roofline === undefined ? report : { ...report, roofline }),
  symbolic: (report) => reportToJson(report),
};
