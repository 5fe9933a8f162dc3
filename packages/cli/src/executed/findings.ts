import { type AdviceFinding, elementAt, type Graph, valueAt } from "@opcounter/ir";
import type { ExecutedOp, ExecutedReport } from "./report.ts";

/** Fewer of all products are not worth a line, and neither is a smaller share of an op's. */
const LEAST_OF_ALL = 0.005;
const LEAST_OF_OP = 0.1;

/** Ops whose shaders multiply far more than the op asks for, the worst first, as `advise` says it. */
export function executedFindings(graph: Graph, { ops, total }: ExecutedReport): AdviceFinding[] {
  const alike = new Map<string, ExecutedOp[]>();
  for (const op of ops) {
    const waste = op.waste.find(({ cause }) => cause === "padding");
    if (waste === undefined || waste.amount < LEAST_OF_OP) continue;
    const key = `${op.scope} ${sentenceOf(graph, op, waste.reason)}`;
    alike.set(key, [...(alike.get(key) ?? []), op]);
  }
  return [...alike.values()]
    .filter((same) => paddingOf(same) / total.products >= LEAST_OF_ALL)
    .sort((a, b) => paddingOf(b) - paddingOf(a))
    .map((same) => {
      const first = elementAt(same, 0);
      const reason = first.waste.find(({ cause }) => cause === "padding")?.reason ?? "";
      const times = same.length === 1 ? "" : `${same.length} times: `;
      return {
        rule: "padded-tiles",
        finding: `${times}${sentenceOf(graph, first, reason)}`,
        scope: elementAt(graph.ops, first.id).scope,
        ops: same.map(({ id }) => id),
      };
    });
}

function paddingOf(ops: readonly ExecutedOp[]): number {
  return ops.reduce((sum, { products, macs }) => sum + products - Number(macs), 0);
}

function sentenceOf(graph: Graph, op: ExecutedOp, reason: string): string {
  const perMac = (op.products / Number(op.macs)).toFixed(2);
  const programs = [...new Set(op.each.map(({ program }) => program))].join(" and ");
  const found = `${programs} executes ${perMac} products for each MAC: ${reason}.`;
  return hasOneRow(graph, op) ? `${found} ${BATCH}` : found;
}

const BATCH =
  "It has one row, and a tile has room for eight: up to eight inputs in one batch cost no more.";

/** Whether it is a matrix product with one row. */
function hasOneRow(graph: Graph, { id, kernel }: ExecutedOp): boolean {
  if (kernel !== "_FusedMatMul" && kernel !== "BatchMatMul") return false;
  const { shape } = valueAt(graph, elementAt(elementAt(graph.ops, id).results, 0));
  return shape.slice(0, -1).every((dimension) => dimension === 1);
}
