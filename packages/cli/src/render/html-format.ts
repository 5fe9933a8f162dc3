import type { OutputFormat } from "./output-format.ts";
import { pageScript } from "./page-script.ts";

/** One file to open in a browser. */
export const htmlFormat: OutputFormat = {
  takes: ["by", "verbose", "dispatches", "roofline"],
  report: async (found) => (await import("./report-file.ts")).reportFile(found, pageScript()),
};
