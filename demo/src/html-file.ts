import { type ReportDocument, reportHtml } from "@opcounter/report";

/** The report as one file that needs no network, as `--format html` writes it. */
export async function htmlOf(document: ReportDocument): Promise<string> {
  const response = await fetch(new URL("./report.js", import.meta.url));
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return reportHtml(document, await response.text());
}
