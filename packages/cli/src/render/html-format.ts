import type { CostReport } from "@opcounter/counters";
import { type Advised, advise } from "@opcounter/ir";
import { reportDocument, reportHtml } from "@opcounter/report";
import { namedParts } from "./account.ts";
import type { Found, OutputFormat } from "./output-format.ts";
import { pageScript } from "./page-script.ts";

/** One file to open in a browser, with all conventions' figures in it. */
export const htmlFormat: OutputFormat = {
  report: ({ report, roofline, graph, recorded, countByOthers }) =>
    reportHtml(
      reportDocument({
        graph,
        reports: [report, ...countByOthers()],
        advice: adviceOn({ graph, recorded }),
        limits: roofline?.spec,
        account: accountIn(report),
      }),
      pageScript(),
    ),
};

/** Where the time of a timed pass goes, in the words of the table. */
function accountIn(report: CostReport) {
  const account = report.recorded?.times?.account;
  return account == null ? undefined : { totalMs: account.wallMs, parts: namedParts(report) };
}

/** Advice is of what ran; after passes its ids are of other ops, and link to none. */
function adviceOn({ graph, recorded }: Pick<Found, "graph" | "recorded">): Advised {
  const found = advise(recorded);
  if (graph === recorded) return found;
  return {
    advice: found.advice.map((advice) => ({ ...advice, ops: [] })),
    findings: found.findings.map((finding) => ({ ...finding, ops: [] })),
  };
}
