import { shortAmount } from "./numbers.ts";
import type { OutputFormat } from "./output-format.ts";
import { type Box, boxesOf, drawingOf } from "./scope-graph.ts";
import { visible } from "./visible.ts";

/** The graph for Mermaid, which GitHub draws in Markdown; scopes as subgraphs. */
export const mermaidFormat: OutputFormat = {
  takes: ["by", "depth", "sort"],
  report: (found) => {
    const { nodes, edges, cost } = drawingOf(found);
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
    return [
      "flowchart TD",
      ...lines(boxesOf(nodes), "  "),
      ...edges.map(([from, to]) => `  ${from} --> ${to}`),
    ].join("\n");
  },
};

/** A name in quotes, with every character that Mermaid, Markdown or HTML reads as its number. */
function quoted(name: string): string {
  const shown = visible(name) || " ";
  return shown.replaceAll(/[^\p{L}\p{N} .,/()-]/gu, (mark) => `#${mark.codePointAt(0)};`);
}
