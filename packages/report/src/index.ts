/**
 * The report to look at. `reportDocument` puts a graph and what was counted of it into one JSON
 * document, `comparisonDocument` what differs between two reports; `reportHtml` makes a page of
 * either that needs nothing else; `@opcounter/report/page` has
 * `mount`, which shows a document inside any page.
 */
export {
  type ComparisonDocument,
  comparisonDocument,
  type PassTotals,
} from "./document/comparison-document.ts";
export type * from "./document/document.ts";
export { type DocumentParts, reportDocument } from "./document/report-document.ts";
export { reportHtml } from "./file/report-html.ts";
