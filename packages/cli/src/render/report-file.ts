import type { CostReport } from "@opcounter/counters";
import { type Advised, advise } from "@opcounter/ir";
import { reportDocument, reportHtml } from "@opcounter/report";
import { namedParts } from "./account.ts";
import type { Found } from "./output-format.ts";

/**
 * One file to open in a browser, with all conventions' figures in it.
 *
 * @param script the page's program.
 */
export function reportFile(found: Found, script: string): Promise<string> {
  const { report, roofline, graph, recorded, countByOthers } = found;
  const document = reportDocument({
    graph,
    reports: [report, ...countByOthers()],
    advice: adviceOn({ graph, recorded }),
    roofline,
    account: accountIn(report),
  });
  return reportHtml(document, script);
}

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
