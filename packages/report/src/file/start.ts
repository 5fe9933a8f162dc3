import type { ComparisonDocument } from "../document/comparison-document.ts";
import type { ReportDocument } from "../document/document.ts";
import { mount } from "../page/mount.tsx";

/** Shows the document that stands in the file around this script. */
async function start(element: HTMLElement): Promise<void> {
  if (!("DecompressionStream" in globalThis)) {
    throw new Error("this browser is too old: it has no DecompressionStream");
  }
  const data = document.getElementById("document")?.textContent ?? "";
  const packed = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  // Sound: `reportHtml` wrote the file, and it takes nothing but a document.
  const shown = (await new Response(stream).json()) as ReportDocument | ComparisonDocument;
  mount(element, shown, { linksAddress: true });
}

const element = document.getElementById("report");
if (element !== null) {
  start(element).catch((error: unknown) => {
    element.textContent = `The report cannot be shown: ${String(error)}.`;
  });
}
