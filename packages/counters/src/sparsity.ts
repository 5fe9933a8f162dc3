import { type Graph, paramsOf, sizeOf, valueAt } from "@opcounter/ir";
import type { CountedOp } from "./counted.ts";
import { parameterBehind } from "./formula.ts";
import { exact } from "./integer.ts";
import type { SparsityReport } from "./report.ts";

/**
 * MACs that remain when those by a weight of 0 are left out; null where no parameter's zeros were
 * counted. In a convolution or matrix product each weight is multiplied equally often, so an op's
 * share of MACs that remain is its weights' share that is not 0, exactly.
 */
export function sparsityOf(graph: Graph, counted: readonly CountedOp[]): SparsityReport | null {
  const params = paramsOf(graph).filter(({ role }) => role === "weight");
  const known = params.filter(({ zeros }) => zeros !== undefined);
  if (known.length === 0) return null;
  const size = (values: typeof params) =>
    values.reduce((sum, { shape }) => sum + BigInt(sizeOf(shape)), 0n);
  const ops: SparsityReport["ops"][number][] = [];
  let effective = 0n;
  for (const { op, arithmetic } of counted) {
    const macs = arithmetic.macs ?? 0n;
    const id = op.operands["filter"] ?? op.operands["b"];
    const weight = id === undefined ? undefined : parameterBehind(graph, id);
    if (weight?.zeros === undefined || weight.zeros === 0 || macs === 0n) {
      effective += macs;
      continue;
    }
    const elements = BigInt(sizeOf(valueAt(graph, weight.id).shape));
    const effectiveMacs = (macs * (elements - BigInt(weight.zeros))) / elements;
    effective += effectiveMacs;
    ops.push({
      id: op.id,
      scope: op.scope.join("/"),
      weight: weight.name,
      zeros: weight.zeros,
      elements: exact(elements),
      macs: exact(macs),
      effectiveMacs: exact(effectiveMacs),
    });
  }
  return {
    zeros: exact(known.reduce((sum, { zeros = 0 }) => sum + BigInt(zeros), 0n)),
    elements: exact(size(known)),
    unknownElements: exact(size(params) - size(known)),
    effectiveMacs: exact(effective),
    ops,
  };
}
