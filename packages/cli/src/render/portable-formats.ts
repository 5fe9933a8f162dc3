import { csvFormat } from "./csv-format.ts";
import { dotFormat } from "./dot-format.ts";
import { jsonFormat } from "./json-format.ts";
import { latexFormat } from "./latex-format.ts";
import { mdFormat } from "./md-format.ts";
import { mermaidFormat } from "./mermaid-format.ts";
import { modelExplorerFormat, nodeDataFormat } from "./model-explorer-format.ts";
import type { OutputFormat } from "./output-format.ts";
import { speedscopeFormat } from "./speedscope-format.ts";
import { summaryFormat } from "./summary-format.ts";
import { tableFormat } from "./table-format.ts";
import { traceFormat } from "./trace-format.ts";

/** The formats that need no files: what `render` prints in a page, too. */
export const PORTABLE_FORMATS = {
  table: tableFormat,
  summary: summaryFormat,
  md: mdFormat,
  csv: csvFormat,
  latex: latexFormat,
  json: jsonFormat,
  dot: dotFormat,
  mermaid: mermaidFormat,
  trace: traceFormat,
  speedscope: speedscopeFormat,
  "model-explorer": modelExplorerFormat,
  "node-data": nodeDataFormat,
} satisfies Readonly<Record<string, OutputFormat>>;
