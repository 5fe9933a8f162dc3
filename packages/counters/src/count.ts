import {
  CheckError,
  counted,
  type Graph,
  type Op,
  paramsOf,
  type Recording,
  recordingOf,
  UserError,
} from "@opcounter/ir";
import { inFloat32, roundingWarning } from "./accumulate.ts";
import { boundsOf } from "./bounds.ts";
import type { Convention } from "./conventions/convention.ts";
import { findConvention, NATIVE } from "./conventions/registry.ts";
import { CostSum, costOf, NO_TRAFFIC } from "./cost-sum.ts";
import { type CountedCall, type CountedOp, enclosing } from "./counted.ts";
import { deviceReport } from "./device-report.ts";
import type { Expression } from "./expression.ts";
import { type Figures, figuresOf, nothing } from "./figures.ts";
import { commonSymbols, type Quantity, typedOp } from "./formula.ts";
import { FORMULAS } from "./formulas/registry.ts";
import { exact, exactSize } from "./integer.ts";
import { memoryOf } from "./memory.ts";
import type { CostReport, LayerRow, MemoryReport, OpRow, OwnRule } from "./report.ts";
import { groupRows, kernelRows, namedType, scopeRows, typeOf } from "./rows.ts";
import { type Counters, ownOps, ownRules } from "./rules.ts";
import { scopePattern } from "./scope-pattern.ts";
import { sparsityOf } from "./sparsity.ts";
import { trafficOf } from "./traffic.ts";
import { trainingOf } from "./training.ts";
import {
  hostNodesWarning,
  ignoredWarning,
  integerParamsWarning,
  ownRulesWarning,
  readsWarning,
  sparsityWarning,
} from "./warnings.ts";
import { weightsOf } from "./weights.ts";
import { ownCalls, wholeCalls } from "./whole-calls.ts";
import { wholeGroups } from "./whole-groups.ts";

export interface CountOptions {
  /** A convention's name, `native` by default, or one of the user's own. */
  readonly convention?: string | Convention;
  /** Rules that come before the built-in ones. */
  readonly counters?: Counters;
  /** Scope patterns whose ops are left out; the report's warnings say what that was. */
  readonly ignore?: readonly string[];
  /** Whether kernels that nothing knows how to count are an error. */
  readonly strict?: boolean;
  /**
   * How the totals of MACs and FLOPs are summed up: exactly, or in float32, op by op in order of
   * execution, as tools do that add up float32 tensors. Rows are exact either way.
   */
  readonly accumulate?: "exact" | "float32";
  /**
   * What was seen while the graph was recorded; by default what `trace` left with it. A graph that
   * passes made of it has none of its own.
   */
  readonly recording?: Recording | undefined;
  /** The passes that made the graph, such as `canonicalize,fuse`, for the report to name. */
  readonly passes?: string;
}

/**
 * Counts what a graph costs, op by op.
 *
 * Every total is the sum of the report's rows and exact, past 2^53 too. The graph is not changed.
 *
 * @throws UserError where the convention is unknown or a rule misbehaves; CheckError where, if
 *   `strict`, a kernel is uncounted.
 */
export function count(graph: Graph, options: CountOptions = {}): CostReport {
  const { counters = {}, ignore = [], strict = false, accumulate = "exact" } = options;
  checkOptions(ignore, accumulate);
  const convention =
    typeof options.convention === "object"
      ? options.convention
      : findConvention(options.convention ?? NATIVE);
  const isIgnored = anyOf(ignore);
  const kept = graph.ops.filter(({ scope }) => !isIgnored(scope));
  const ownLayers = ownCalls(graph, counters, isIgnored);
  const own = ownOps(graph, kept, counters, ownLayers);
  const isTaken = ({ id, scope }: Op) => own.has(id) || isIgnored(scope);
  const calls = wholeCalls(graph, convention, ownLayers, isIgnored, isTaken);
  const isInCall = ({ call }: Op) => enclosing(graph, call, calls) !== undefined;
  const groups = wholeGroups(graph, convention, (op) => isTaken(op) || isInCall(op));
  const uncounted = new Map<string, number>();
  const traffic = trafficOf(graph);
  const ops = kept.map((op) => {
    const counted = countOp(graph, op, { convention, own, calls, groups });
    if (counted !== undefined) return { op, traffic: traffic(op), ...counted };
    uncounted.set(op.kernel, (uncounted.get(op.kernel) ?? 0) + 1);
    const note = `uncounted: no formula for kernel ${op.kernel}`;
    const formula = { by: "uncounted" as const, note };
    return { op, traffic: traffic(op), arithmetic: nothing(convention), formula };
  });
  if (strict && uncounted.size > 0) throw uncountedError(uncounted);
  const recording = options.recording ?? recordingOf(graph);
  const rules = ownRules(counters, [...ops, ...calls.values()]);
  const warnings = [
    ...ownRulesWarning(rules),
    ...ignoredWarning(graph, kept, ignore),
    ...integerParamsWarning(graph),
    ...(recording === undefined ? [] : readsWarning(recording)),
    ...hostNodesWarning(graph),
  ];
  const memory = memoryOf(graph, recording?.memory);
  return assemble(graph, convention, ops, [...calls.values()], {
    recording,
    memory,
    uncounted,
    rules,
    passes: options.passes ?? null,
    warnings,
    accumulate,
  });
}

/** @throws UserError where options are what only a program without types can give. */
function checkOptions(ignore: unknown, accumulate: unknown): void {
  if (!Array.isArray(ignore)) {
    throw new UserError(`ignore is ${String(ignore)}; give scope patterns in a list: ["head/**"].`);
  }
  if (accumulate !== "exact" && accumulate !== "float32") {
    throw new UserError(`accumulate is "${String(accumulate)}"; it is "exact" or "float32".`);
  }
}

/** What is reported beside costs. */
interface Findings {
  readonly recording: Recording | undefined;
  readonly memory: MemoryReport;
  readonly uncounted: ReadonlyMap<string, number>;
  readonly rules: readonly OwnRule[];
  readonly passes: string | null;
  readonly warnings: readonly string[];
  readonly accumulate: "exact" | "float32";
}

function assemble(
  graph: Graph,
  convention: Convention | undefined,
  ops: readonly CountedOp[],
  calls: readonly CountedCall[],
  { recording, memory, uncounted, rules, passes, warnings, accumulate }: Findings,
): CostReport {
  const sum = new CostSum();
  sum.add(nothing(convention), NO_TRAFFIC);
  for (const { arithmetic, traffic } of ops) sum.add(arithmetic, traffic);
  for (const { arithmetic } of calls) sum.add(arithmetic, NO_TRAFFIC);
  const exactCost = sum.total();
  const cost =
    accumulate === "float32" ? { ...exactCost, ...inFloat32(exactCost, ops, calls) } : exactCost;
  // A graph that passes made has other ids than the one that was timed.
  const opCpuMs = recordingOf(graph)?.times?.opCpuMs;
  const rounding = roundingWarning(exactCost, cost);
  const sparsity = convention === undefined ? sparsityOf(graph, ops) : null;
  const totals = { ...paramTotals(graph), ...cost, peakBytes: memory.peakBytes };
  return {
    schemaVersion: 1,
    model: graph.name,
    device: graph.device,
    convention: convention?.name ?? NATIVE,
    passes,
    rules,
    params: totals.params,
    macs: cost.macs,
    flops: cost.flops,
    inputs: graph.inputs.map((id) => namedType(graph, id)),
    totals: { ...totals, ops: ops.length },
    recorded: recording === undefined ? null : deviceReport(graph, recording),
    weights: weightsOf(graph),
    sparsity,
    // A graph that was read from a file has no recording: there the names of scopes are all there is.
    training: (recording?.isTraining ?? true) ? trainingOf(ops, calls) : null,
    memory,
    bounds: convention === undefined ? boundsOf(ops, calls) : null,
    byScope: scopeRows(graph, ops, calls),
    byKernel: kernelRows(ops, calls),
    ops: ops.map((counted) => opRow(graph, counted, opCpuMs)),
    groups: groupRows(graph, ops),
    layers: calls.map(layerRow),
    uncounted: [...uncounted].map(([kernel, count]) => ({ kernel, ops: count })),
    warnings: [...warnings, ...sparsityWarning(sparsity), ...rounding],
  };
}

/** What decides how an op is counted. */
interface Rules {
  readonly convention: Convention | undefined;
  /** What rules of the user's own count, by op. */
  readonly own: ReadonlyMap<number, Figures>;
  /** What is counted as a whole: layers' calls, by call, and recognised groups, by op. */
  readonly calls: ReadonlyMap<number, CountedCall>;
  readonly groups: ReadonlyMap<number, Figures>;
}

/** Counts one op; undefined where nothing knows how. */
function countOp(
  graph: Graph,
  op: Op,
  { convention, own, calls, groups }: Rules,
): Figures | undefined {
  const byOwnRule = own.get(op.id);
  if (byOwnRule !== undefined) return byOwnRule;
  const whole = enclosing(graph, op.call, calls);
  if (whole !== undefined) {
    const note = `counted with its layer: ${whole.formula.note}`;
    return { arithmetic: nothing(convention), formula: { by: "whole", note } };
  }
  const group = groups.get(op.id);
  if (group !== undefined) return group;
  const formula = FORMULAS.get(op.kernel);
  if (formula === undefined) return undefined;
  const symbols = { ...commonSymbols(graph, op), ...formula.symbols(typedOp(graph, op)) };
  if (convention === undefined) {
    const note = formula.status === "bound" ? `upper bound: ${formula.source}` : formula.source;
    return figuresOf(formula.expressions, symbols, convention, { by: "formula", note });
  }
  const expressions = expressionsOf(convention, op.kernel);
  return figuresOf(
    expressions,
    symbols,
    convention,
    expressions[convention.unit] === undefined
      ? { by: "omitted", note: `${convention.name} does not count ${op.kernel}` }
      : { by: "formula", note: `${convention.name}'s rule` },
  );
}

/** What a convention says of a kernel. */
function expressionsOf(
  convention: Convention,
  kernel: string,
): Readonly<Partial<Record<Quantity, Expression>>> {
  const figure = convention.kernels.get(kernel);
  const transcendentals = convention.transcendentals?.get(kernel);
  return {
    ...(figure === undefined ? {} : { [convention.unit]: figure }),
    ...(transcendentals === undefined ? {} : { transcendentals }),
  };
}

function paramTotals(graph: Graph) {
  let params = 0n;
  let trainableParams = 0n;
  let statistics = 0n;
  for (const { shape, role, trainable } of paramsOf(graph)) {
    const size = exactSize(shape);
    if (role === "statistic") statistics += size;
    else params += size;
    if (role === "weight" && trainable) trainableParams += size;
  }
  return {
    params: exact(params),
    trainableParams: exact(trainableParams),
    statistics: exact(statistics),
  };
}

function opRow(
  graph: Graph,
  { op, arithmetic, traffic, formula }: CountedOp,
  opCpuMs: ReadonlyMap<number, number> | undefined,
): OpRow {
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
    cost: costOf(arithmetic, traffic),
    formula,
    dispatches: op.dispatches,
    cpuTimeMs: opCpuMs?.get(op.id) ?? null,
  };
}

function layerRow({ call, arithmetic, formula }: CountedCall): LayerRow {
  const { macs, flops, transcendentals } = costOf(arithmetic, NO_TRAFFIC);
  return {
    scope: call.scope.join("/"),
    className: call.className,
    cost: { macs, flops, transcendentals },
    formula,
  };
}

function anyOf(patterns: readonly string[]): (scope: readonly string[]) => boolean {
  const tests = patterns.map(scopePattern);
  return (scope) => tests.some((test) => test(scope));
}

function uncountedError(uncounted: ReadonlyMap<string, number>): CheckError {
  const kernels = [...uncounted]
    .map(([kernel, ops]) => `${kernel} (${counted(ops, "op")})`)
    .join(", ");
  return new CheckError(
    `Nothing knows how to count ${kernels}; give a rule by kernel name, or count without strict.`,
  );
}
