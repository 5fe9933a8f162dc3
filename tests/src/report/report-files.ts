import { readFileSync } from "node:fs";
import { type CostReport, count } from "@opcounter/counters";
import { advise, type Graph, GraphBuilder, type TensorType } from "@opcounter/ir";
import {
  type DocumentParts,
  type ReportDocument,
  reportDocument,
  reportHtml,
} from "@opcounter/report";
import { countByOthers } from "../../../packages/cli/src/other-conventions.ts";

/** A graph's reports by every convention, `native` first. */
export function reportsOf(graph: Graph): [CostReport, ...CostReport[]] {
  const first = count(graph);
  return [first, ...countByOthers(graph, first.convention, new Map(), {})];
}

/** The document of a graph, with advice on it. */
export function documentOf(graph: Graph, parts: Partial<DocumentParts> = {}): ReportDocument {
  return reportDocument({ graph, reports: reportsOf(graph), advice: advise(graph), ...parts });
}

/** The page's program, which the set-up of the tests has built. */
const SCRIPT = new URL("../../../packages/cli/dist/cli.report.js", import.meta.url);

export function htmlOf(document: ReportDocument): Promise<string> {
  return reportHtml(document, readFileSync(SCRIPT, "utf8"));
}

/** Layers of eight ops each, in blocks of ten layers: `block12/layer3`. */
export function bigGraph(ops: number): Graph {
  const builder = new GraphBuilder("big", "virtual");
  const type: TensorType = { dtype: "float32", shape: [8, 64] };
  let x = builder.input("x", type);
  for (let layer = 0; builder.opCount < ops; layer++) {
    const scope = [`block${Math.floor(layer / 10)}`, `layer${layer % 10}`];
    const weight = builder.param(`w${layer}`, { dtype: "float32", shape: [1, 64, 64] });
    const attrs = { transposeA: false, transposeB: false };
    const at = (kernel: string, operands: Record<string, number>, extra = {}): number => {
      const [result = 0] = builder.op({ kernel, operands, results: [type], scope, ...extra });
      return result;
    };
    const product = at("BatchMatMul", { a: x, b: weight }, { attrs });
    let y = product;
    for (const kernel of ["Relu", "Neg", "Abs", "Sigmoid", "Exp", "Tanh"]) y = at(kernel, { x: y });
    x = at("Add", { a: y, b: product });
  }
  builder.setResults([x]);
  return builder.build();
}
