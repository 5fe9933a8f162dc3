import { jsonFormat } from "./json-format.ts";
import type { OutputFormat } from "./output-format.ts";
import { tableFormat } from "./table-format.ts";

/** How `profile` prints what it found. One more format is one more file, and a line here. */
export const OUTPUT_FORMATS = {
  table: tableFormat,
  json: jsonFormat,
} satisfies Readonly<Record<string, OutputFormat>>;
export type OutputFormatName = keyof typeof OUTPUT_FORMATS;
