import type { OutputFormat } from "./output-format.ts";
import { pageScript } from "./page-script.ts";
import { reportFile } from "./report-file.ts";

/** One file to open in a browser. */
export const htmlFormat: OutputFormat = {
  takes: ["by", "verbose", "dispatches", "roofline"],
  report: (found) => reportFile(found, pageScript()),
};
