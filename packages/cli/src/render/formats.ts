import { csvFormat } from "./csv-format.ts";
import { htmlFormat } from "./html-format.ts";
import { jsonFormat } from "./json-format.ts";
import { latexFormat } from "./latex-format.ts";
import { mdFormat } from "./md-format.ts";
import type { OutputFormat } from "./output-format.ts";
import { tableFormat } from "./table-format.ts";

/** The output formats of `profile`. To add one, write its file and add a line here. */
export const OUTPUT_FORMATS = {
  table: tableFormat,
  md: mdFormat,
  csv: csvFormat,
  latex: latexFormat,
  json: jsonFormat,
  html: htmlFormat,
} satisfies Readonly<Record<string, OutputFormat>>;
export type OutputFormatName = keyof typeof OUTPUT_FORMATS;

/** A format by its name. */
export function formatOf(name: OutputFormatName): OutputFormat {
  return OUTPUT_FORMATS[name];
}
