import { grouped, OpcounterError } from "@opcounter/ir";
import { shortAmount } from "./numbers.ts";
import type { OutputFormat } from "./output-format.ts";
import { type Box, boxesOf, drawingOf } from "./scope-graph.ts";
import { visible } from "./visible.ts";

/** The graph for Mermaid, which GitHub draws in Markdown; scopes as subgraphs. */
export const mermaidFormat: OutputFormat = {
  takes: ["by", "depth", "sort"],
  report: (found) => {
    const { nodes, edges, cost } = drawingOf(found);
    if (edges.length >= MOST_EDGES) throw tooLarge(`${grouped(edges.length)} edges`);
    let boxesSoFar = 0;
    const lines = ({ nodes, boxes }: Box, indent: string): string[] => [
      ...nodes.map(({ id, name, cost: value }) => {
        return `${indent}${id}["${quoted(name)}<br>${shortAmount(value)} ${quoted(cost)}"]`;
      }),
      ...[...boxes.values()].flatMap((box) => [
        `${indent}subgraph s${boxesSoFar++}["${quoted(box.name)}"]`,
        ...lines(box, `${indent}  `),
        `${indent}end`,
      ]),
    ];
    const text = [
      "flowchart TD",
      ...lines(boxesOf(nodes), "  "),
      ...edges.map(([from, to]) => `  ${from} --> ${to}`),
    ].join("\n");
    if (text.length > MOST_TEXT) throw tooLarge(`${grouped(text.length)} characters`);
    return text;
  },
};

/** What Mermaid draws, as GitHub has it. Source: `maxEdges` and `maxTextSize` of its configuration. */
const [MOST_EDGES, MOST_TEXT] = [500, 50_000];

function tooLarge(has: string): OpcounterError {
  return new OpcounterError(
    "option-invalid",
    `Mermaid draws fewer than ${MOST_EDGES} edges and ${grouped(MOST_TEXT)} characters, and this graph has ${has}`,
    { remedy: 'choose a smaller depth, such as { depth: 1 }, or { format: "dot" }' },
  );
}

/** A name in quotes, with every character that Mermaid, Markdown or HTML reads as its number. */
function quoted(name: string): string {
  const shown = visible(name) || " ";
  return shown.replaceAll(/[^\p{L}\p{N} .,/()-]/gu, (mark) => `#${mark.codePointAt(0)};`);
}
