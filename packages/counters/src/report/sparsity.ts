import {
  contractionOf,
  type Graph,
  type Op,
  type ParamValue,
  paramsOf,
  type ValueId,
  valueAt,
  workOf,
} from "@opcounter/ir/core";
import { exact, exactSize } from "../expressions/integer.ts";
import { keepsElements, parameterBehind } from "../formulas/parameter-behind.ts";
import type { CountedOp } from "../rules/counted.ts";
import { counted as figureIn } from "./cost-sum.ts";
import type { SparsityReport } from "./report.ts";

/**
 * MACs that remain when those by a weight of 0 are left out; null where no parameter's zeros were
 * counted. In a convolution or matrix product each weight is multiplied equally often, so an op's
 * share of MACs that remain is its weights' share that is not 0, exactly.
 *
 * An op that uses a part of a weight, such as a slice, has some of its zeros, which is not known: it
 * counts in full, and the weight is named. Of a product of two weights the zeros of the one that
 * has more are left out: which of them meet zeros of the other is not known either.
 */
export function sparsityOf(graph: Graph, counted: readonly CountedOp[]): SparsityReport | null {
  const params = paramsOf(graph).filter(({ role }) => role === "weight");
  const known = params.filter(({ zeros }) => zeros !== undefined);
  if (known.length === 0) return null;
  const size = (values: typeof params) =>
    values.reduce((sum, { shape }) => sum + exactSize(shape), 0n);
  const ops: SparsityReport["ops"][number][] = [];
  const inParts = new Set<ParamValue>();
  let effective = 0n;
  for (const { op, arithmetic } of counted) {
    const macs = BigInt(figureIn(arithmetic.macs));
    const factors = factorsOf(op);
    let fewest = macs;
    let row: SparsityReport["ops"][number] | undefined;
    for (const id of factors) {
      const param = parameterBehind(graph, id);
      if (!param?.zeros) continue;
      const elements = exactSize(param.shape);
      const remaining = (macs * (elements - BigInt(param.zeros))) / elements;
      if (remaining >= fewest) continue;
      fewest = remaining;
      row = {
        id: op.id,
        scope: op.scope.join("/"),
        weight: param.name,
        zeros: param.zeros,
        elements: exact(elements),
        macs: exact(macs),
        effectiveMacs: exact(remaining),
      };
    }
    effective += fewest;
    if (row !== undefined) {
      ops.push(row);
    } else if (macs > 0n) {
      for (const id of factors) {
        for (const part of parametersInParts(graph, id)) inParts.add(part);
      }
    }
  }
  return {
    zeros: exact(known.reduce((sum, { zeros = 0 }) => sum + BigInt(zeros), 0n)),
    elements: exact(size(known)),
    unknownElements: exact(size(params) - size(known)),
    effectiveMacs: exact(effective),
    ops,
    usedInParts: [...inParts].map(({ name, zeros = 0 }) => ({ weight: name, zeros })),
  };
}

/** Operands whose elements are each multiplied equally often. */
function factorsOf({ kernel, operands }: Op): ValueId[] {
  const factors = contractionOf(kernel)?.factors ?? [];
  if (factors === "all") return Object.values(operands);
  return factors.flatMap((name) => operands[name] ?? []);
}

/** The parameters with zeros that a value is a part of, or is put together of. */
function parametersInParts(graph: Graph, id: ValueId): ParamValue[] {
  const param = parameterBehind(graph, id);
  if (param !== undefined) return (param.zeros ?? 0) > 0 ? [param] : [];
  const value = valueAt(graph, id);
  const op = value.kind === "result" ? graph.ops[value.op] : undefined;
  if (op === undefined) return [];
  const kind = workOf(op.kernel)?.kind;
  if (!keepsElements(op) && kind !== "selection" && kind !== "assembly") return [];
  return Object.values(op.operands).flatMap((operand) => parametersInParts(graph, operand));
}
