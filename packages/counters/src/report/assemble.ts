import {
  type Analysis,
  analyse,
  type Graph,
  notesOf,
  paramsOf,
  recordingOf,
  whenAsked,
} from "@opcounter/ir/core";
import type { Convention } from "../conventions/convention.ts";
import type { Cost } from "../costs/cost.ts";
import type { CostEvaluator, OwnCosts } from "../costs/own-costs.ts";
import { elementsOf, type Integer, plus } from "../expressions/integer.ts";
import type { CountedCall, CountedOp } from "../rules/counted.ts";
import { nothing } from "../rules/figures.ts";
import type { OwnRules } from "../rules/own-rules.ts";
import { inFloat32, roundingWarning } from "./accumulate.ts";
import { boundsOf } from "./bounds.ts";
import { CostSum, NO_TRAFFIC } from "./cost-sum.ts";
import { deviceReport } from "./device.ts";
import { leftOutOf } from "./left-out.ts";
import { memoryOf, peakOf } from "./memory.ts";
import { ownerRows } from "./owners.ts";
import { programWarnings } from "./program-warnings.ts";
import type { CostReport, LayerRow, OpRow } from "./report.ts";
import { addOwn, groupRows, kernelRows, namedType, scopeRows, typeOf } from "./rows.ts";
import { sparsityOf } from "./sparsity.ts";
import { trainingOf, unusedGradientWarning } from "./training.ts";
import {
  hostNodesWarning,
  hostOpsWarning,
  hostValuesWarning,
  ignoredWarning,
  integerParamsWarning,
  ownRulesWarning,
  readsWarning,
  sparsityWarning,
  uncompiledWarning,
} from "./warnings.ts";
import { weightsOf } from "./weights.ts";

/** What was counted of a graph, and by whose rules. */
export interface Counted {
  readonly convention: Convention;
  readonly rules: OwnRules | undefined;
  /** The scope patterns whose ops were left out. */
  readonly ignore: readonly string[];
  readonly accumulate: "exact" | "float32";
  /** The graph as it was recorded. */
  readonly recorded: Graph;
  readonly passes: string | null;
  readonly ops: readonly CountedOp[];
  readonly calls: readonly CountedCall[];
  readonly uncounted: ReadonlyMap<string, number>;
  /** Costs of the user's own, which are computed from what was counted. */
  readonly costs: CostEvaluator | undefined;
}

const NO_COSTS: OwnCosts = { costs: [], ofOps: new Map(), wholes: [] };

/** The report on what was counted. */
export function assemble(graph: Graph, counted: Counted): CostReport {
  const { convention, recorded, ops, calls } = counted;
  const recording = recordingOf(recorded);
  // A graph that passes made has other ids than the one that was timed.
  const opCpuMs = recordingOf(graph)?.times?.opCpuMs;
  const own = counted.costs?.({ graph, convention, ops, calls, opCpuMs }) ?? NO_COSTS;
  const exactCost = totalOf(counted, own);
  const cost =
    counted.accumulate === "float32"
      ? { ...exactCost, ...inFloat32(exactCost, ops, calls) }
      : exactCost;
  // What may be refused is computed above; the rest when it is asked for.
  const report: CostReport = whenAsked<CostReport>({
    schemaVersion: () => 1,
    model: () => graph.name,
    device: () => graph.device,
    convention: () => convention.name,
    passes: () => counted.passes,
    rules: () => counted.rules?.used([...ops, ...calls]) ?? [],
    costs: () => own.costs.map(costColumn),
    params: () => analyse(graph, paramTotals).params,
    macs: () => cost.macs,
    flops: () => cost.flops,
    inputs: () => graph.inputs.map((id) => namedType(graph, id)),
    totals: () => ({
      ...analyse(graph, paramTotals),
      ...cost,
      peakBytes: peakOf(graph, recorded).peakBytes,
      ops: ops.length,
    }),
    recorded: () => (recording === undefined ? null : deviceReport(recorded, recording)),
    weights: () => weightsOf(graph),
    sparsity: () => (convention.countsWhatRuns ? sparsityOf(graph, ops) : null),
    // Of a graph without a recording only the names of its scopes tell.
    training: () => ((recording?.isTraining ?? true) ? trainingOf(ops, calls) : null),
    memory: () => memoryOf(graph, recorded),
    bounds: () => boundsOf(ops, calls, convention),
    byScope: () => scopeRows(graph, ops, calls, own),
    byOwner: () => ownerRows(graph, ops, calls, own),
    byKernel: () => kernelRows(ops, calls, own),
    ops: () => ops.map((op) => opRow(graph, op, own, opCpuMs)),
    groups: () => groupRows(graph, ops, own),
    layers: () => calls.map(layerRow),
    uncounted: () => [...counted.uncounted].map(([kernel, count]) => ({ kernel, ops: count })),
    leftOut: () => leftOutOf(graph, convention, ops, calls),
    warnings: () => [
      ...notesOf(graph),
      ...unusedGradientWarning(graph, ops),
      ...ownRulesWarning(report.rules),
      ...ignoredWarning(graph, ops.length, counted.ignore),
      ...integerParamsWarning(graph),
      ...(recording === undefined ? [] : readsWarning(recording)),
      ...(recording === undefined ? [] : hostValuesWarning(recording)),
      ...hostNodesWarning(graph),
      ...hostOpsWarning(ops),
      ...uncompiledWarning(graph),
      ...programWarnings(graph),
      ...sparsityWarning(report.sparsity),
      ...roundingWarning(exactCost, cost),
    ],
  });
  return report;
}

function costColumn({ name, unit, description, total, op, layer, group, scope }: Cost) {
  const values = [op, layer, group, scope].filter((value) => value !== undefined);
  const isExpression = values.every((value) => typeof value === "object");
  return { name, unit, description, total, isExpression };
}

function totalOf({ convention, ops, calls }: Counted, own: OwnCosts) {
  const sum = new CostSum(own.costs);
  sum.add(nothing(convention), NO_TRAFFIC);
  for (const { op, arithmetic, traffic } of ops) {
    sum.add(arithmetic, traffic);
    addOwn(sum, own, op.id);
  }
  for (const { arithmetic } of calls) sum.add(arithmetic, NO_TRAFFIC);
  for (const { cost, value } of own.wholes) sum.addCost(cost, value.value);
  return sum.total();
}

/** The elements of a graph's parameters, by what they are. */
const paramTotals: Analysis<
  Pick<CostReport["totals"], "params" | "trainableParams" | "statistics" | "slots">
> = {
  name: "param-totals",
  run: (graph) => {
    let params: Integer = 0;
    let trainableParams: Integer = 0;
    let statistics: Integer = 0;
    let slots: Integer = 0;
    for (const { shape, role, trainable } of paramsOf(graph)) {
      const size = elementsOf(shape);
      if (role === "statistic") statistics = plus(statistics, size);
      else if (role === "slot") slots = plus(slots, size);
      else params = plus(params, size);
      if (role === "weight" && trainable) trainableParams = plus(trainableParams, size);
    }
    return { params, trainableParams, statistics, slots };
  },
};

function opRow(
  graph: Graph,
  { op, arithmetic, traffic, formula }: CountedOp,
  own: OwnCosts,
  opCpuMs: ReadonlyMap<number, number> | undefined,
): OpRow {
  const sum = new CostSum(own.costs);
  sum.add(arithmetic, traffic);
  addOwn(sum, own, op.id);
  const provenances = [...(own.ofOps.get(op.id) ?? [])].flatMap(([name, { formula }]) =>
    formula === undefined ? [] : [[name, formula] as const],
  );
  return {
    id: op.id,
    kernel: op.kernel,
    scope: op.scope.join("/"),
    placement: op.placement,
    inputs: Object.fromEntries(
      Object.entries(op.operands).map(([name, id]) => [name, typeOf(graph, id)]),
    ),
    attrs: op.attrs,
    outputs: op.results.map((id) => typeOf(graph, id)),
    cost: sum.total(),
    formula:
      provenances.length === 0 ? formula : { ...formula, costs: Object.fromEntries(provenances) },
    dispatches: op.dispatches,
    cpuTimeMs: opCpuMs?.get(op.id) ?? null,
  };
}

function layerRow({ call, arithmetic, formula }: CountedCall): LayerRow {
  const { macs, flops, transcendentals } = arithmetic;
  return {
    scope: call.scope.join("/"),
    className: call.className,
    cost: { macs, flops, transcendentals },
    formula,
  };
}
