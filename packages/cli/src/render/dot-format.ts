import { shortAmount } from "./numbers.ts";
import type { OutputFormat } from "./output-format.ts";
import { type Box, boxesOf, drawingOf } from "./scope-graph.ts";
import { visible } from "./visible.ts";

/** The graph for Graphviz, scopes as clusters. Source: "The DOT Language". */
export const dotFormat: OutputFormat = {
  takes: ["by", "depth", "sort"],
  report: (found) => {
    const { nodes, edges, cost } = drawingOf(found);
    let clusters = 0;
    const lines = ({ nodes, boxes }: Box, indent: string): string[] => [
      ...nodes.map(({ id, name, cost: value }) => {
        const label = quoted(name, `${shortAmount(value)} ${cost}`);
        return `${indent}${id} [label=${label}];`;
      }),
      ...[...boxes.values()].flatMap((box) => [
        `${indent}subgraph cluster${clusters++} {`,
        `${indent}  label=${quoted(box.name)};`,
        ...lines(box, `${indent}  `),
        `${indent}}`,
      ]),
    ];
    return [
      `digraph ${quoted(found.report.model)} {`,
      "  node [shape=box];",
      ...lines(boxesOf(nodes), "  "),
      ...edges.map(([from, to]) => `  ${from} -> ${to};`),
      "}",
    ].join("\n");
  },
};

/** A string of DOT in which no escape of a name does anything; each text is a line of its own. */
function quoted(...lines: readonly string[]): string {
  return `"${lines.map((line) => visible(line).replaceAll(/[\\"]/g, "\\$&")).join("\\n")}"`;
}
