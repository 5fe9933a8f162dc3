import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Advised, advise } from "@opcounter/ir";
import { reportDocument, reportHtml } from "@opcounter/report";
import type { Found, OutputFormat } from "./output-format.ts";

/** One file to open in a browser, with all conventions' figures in it. */
export const htmlFormat: OutputFormat = {
  report: ({ report, roofline, graph, recorded, countByOthers }) =>
    reportHtml(
      reportDocument({
        graph,
        reports: [report, ...countByOthers()],
        advice: adviceOn({ graph, recorded }),
        limits: roofline?.spec,
      }),
      pageScript(),
    ),
};

/** Advice is of what ran; after passes its ids are of other ops, and link to none. */
function adviceOn({ graph, recorded }: Pick<Found, "graph" | "recorded">): Advised {
  const found = advise(recorded);
  if (graph === recorded) return found;
  return {
    advice: found.advice.map((advice) => ({ ...advice, ops: [] })),
    findings: found.findings.map((finding) => ({ ...finding, ops: [] })),
  };
}

/** The page's program, which the build puts beside the bundled command line. */
function pageScript(): string {
  return readFileSync(createRequire(import.meta.url).resolve("./cli.report.js"), "utf8");
}
