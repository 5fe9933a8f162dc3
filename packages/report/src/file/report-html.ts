import type { ComparisonDocument } from "../document/comparison-document.ts";
import type { ReportDocument } from "../document/document.ts";

/** What no script in a page may hold: the browser would take it for the script's end. */
const ENDS_SCRIPT = /<\/script|<!--/i;

/**
 * One HTML file that shows a document and asks nothing of any network. The document is in it as
 * base64 of gzip, so that no name in it can be taken for markup.
 *
 * @param script the page's program: the export of `@opcounter/report/script`.
 * @throws Error where the script cannot stand in a page.
 */
export async function reportHtml(
  document: ReportDocument | ComparisonDocument,
  script: string,
): Promise<string> {
  if (ENDS_SCRIPT.test(script)) throw new Error("the page's script ends itself");
  const data = base64(await gzip(JSON.stringify(document)));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<link rel="icon" href="data:,">
<title>${escapeHtml(titleOf(document))} – opcounter</title>
<style>body { margin: 0 } noscript, #report { display: block; font: 1rem system-ui, sans-serif }</style>
</head>
<body>
<noscript>This report is drawn by a script that is in this file. Allow scripts to see it.</noscript>
<main id="report">Opening the report …</main>
<script type="application/gzip;base64" id="document">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

function titleOf(document: ReportDocument | ComparisonDocument): string {
  if (document.kind === "opcounter-report") return document.model;
  const { a, b } = document;
  return a.model === b.model ? a.model : `${a.model} → ${b.model}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[^ -~]|[&<>"]/gu, (character) => `&#${character.codePointAt(0)};`);
}

async function gzip(text: string): Promise<Uint8Array> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  // In pieces: a call takes only so many arguments.
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}
