import { count } from "@opcounter/counters";
import { advise, type Graph } from "@opcounter/ir";
import { reportDocument } from "@opcounter/report";
import { mount } from "@opcounter/report/page";
import { countByOthers } from "../other-conventions.ts";

/**
 * Shows the report of a graph in a tab. The page's own script draws it there, since a content
 * security policy of the page holds for the tab too and may forbid a script of its own.
 *
 * @returns whether the browser opened a tab.
 */
export function openReport(graph: Graph): boolean {
  const tab = open("", "_blank");
  if (tab === null) return false;
  const report = count(graph);
  const others = countByOthers(graph, report.convention, new Map(), {});
  const { body } = tab.document;
  tab.document.title = `${graph.name} – opcounter`;
  body.style.margin = "0";
  const element = body.appendChild(tab.document.createElement("main"));
  mount(element, reportDocument({ graph, reports: [report, ...others], advice: advise(graph) }));
  return true;
}
