import { htmlFormat } from "./html-format.ts";
import type { OutputFormat } from "./output-format.ts";
import { PORTABLE_FORMATS } from "./portable-formats.ts";

/** The output formats of `profile`. To add one, write its file and a line in portable-formats.ts. */
export const OUTPUT_FORMATS = {
  ...PORTABLE_FORMATS,
  html: htmlFormat,
} satisfies Readonly<Record<string, OutputFormat>>;
export type OutputFormatName = keyof typeof OUTPUT_FORMATS;

/** A format by its name. */
export function formatOf(name: OutputFormatName): OutputFormat {
  return OUTPUT_FORMATS[name];
}
