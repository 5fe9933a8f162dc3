import { reportToJson } from "@opcounter/counters";
import type { OutputFormat } from "./output-format.ts";

/** The whole report, for programs. */
export const jsonFormat: OutputFormat = {
  report: ({ report, roofline }) =>
    reportToJson(roofline === undefined ? report : { ...report, roofline }),
  symbolic: (report) => reportToJson(report),
};
