import { comparisonDocument, reportHtml } from "@opcounter/report";
import { type ComparisonFormat, PORTABLE_COMPARISON_FORMATS } from "./comparison.ts";
import { pageScript } from "./page-script.ts";

/** The output formats of `compare`. csv and latex hold the totals. */
export const COMPARISON_FORMATS = {
  ...PORTABLE_COMPARISON_FORMATS,
  html: (found) => reportHtml(comparisonDocument(found, found.passes), pageScript()),
} satisfies Readonly<Record<string, ComparisonFormat>>;
export type ComparisonFormatName = keyof typeof COMPARISON_FORMATS;
