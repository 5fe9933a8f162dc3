import { counted, type Graph, OpcounterError } from "@opcounter/ir/core";
import type { Convention } from "./conventions/convention.ts";
import type { CostEvaluator } from "./costs/own-costs.ts";
import { assemble } from "./report/assemble.ts";
import type { CostReport } from "./report/report.ts";
import { CountedOp } from "./rules/counted.ts";
import { nothing } from "./rules/figures.ts";
import type { OwnRules } from "./rules/own-rules.ts";
import { reasonUncounted, rulesFor } from "./rules/rules.ts";
import { scopePattern } from "./rules/scope-pattern.ts";
import { trafficIn } from "./traffic.ts";

/** How a graph is counted, whatever the convention. */
export interface CountingOptions {
  /** Rules that come before the built-in ones; see `ownRules`. */
  readonly rules?: OwnRules | undefined;
  /** What evaluates the quantities of the user's own; see `costEvaluator`. */
  readonly costs?: CostEvaluator | undefined;
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
   * The graph as it was recorded, where passes made another of it; by default the graph itself. The
   * report tells of its recording.
   */
  readonly recorded?: Graph;
  /** The passes that made the graph, such as `canonicalize,fuse`, for the report to name. */
  readonly passes?: string;
}

/**
 * Counts a graph by one convention. This is `count` without the list of the built-in conventions and
 * without what reads rules and costs of the user's own, so that a page that has none loads none.
 *
 * @throws OpcounterError where a rule or a cost of the user's own misbehaves, and "kernel-uncounted"
 *   where, if `strict`, nothing knows how to count a kernel.
 */
export function countBy(
  convention: Convention,
  graph: Graph,
  options: CountingOptions = {},
): CostReport {
  const { rules, costs, ignore = [], strict = false, accumulate = "exact" } = options;
  checkOptions(ignore, accumulate);
  const isIgnored = anyOf(ignore);
  const kept = ignore.length === 0 ? graph.ops : graph.ops.filter(({ scope }) => !isIgnored(scope));
  const { calls, figuresOf } = rulesFor(graph, kept, { convention, rules, isIgnored });
  const uncounted = new Map<string, number>();
  const trafficOf = trafficIn(graph);
  const ops = kept.map((op) => {
    const figures = figuresOf(op);
    if (figures !== undefined) return new CountedOp(op, trafficOf(op), figures);
    uncounted.set(op.kernel, (uncounted.get(op.kernel) ?? 0) + 1);
    const reason = reasonUncounted(op) ?? `no formula for kernel ${op.kernel}`;
    const note = `uncounted: ${reason}`;
    const formula = { by: "uncounted" as const, note };
    return new CountedOp(op, trafficOf(op), { arithmetic: nothing(convention), formula });
  });
  if (strict && uncounted.size > 0) throw uncountedError(uncounted);
  return assemble(graph, {
    convention,
    rules,
    ignore,
    accumulate,
    recorded: options.recorded ?? graph,
    passes: options.passes ?? null,
    ops,
    calls,
    uncounted,
    costs,
  });
}

/** @throws OpcounterError where options are what only a program without types can give. */
function checkOptions(ignore: unknown, accumulate: unknown): void {
  if (!Array.isArray(ignore)) {
    throw new OpcounterError("option-invalid", `ignore is ${String(ignore)}`, {
      remedy: 'give scope patterns in a list: ["head/**"]',
    });
  }
  if (accumulate !== "exact" && accumulate !== "float32") {
    throw new OpcounterError("option-invalid", `accumulate is "${String(accumulate)}"`, {
      remedy: 'it must be "exact" or "float32"',
    });
  }
}

function anyOf(patterns: readonly string[]): (scope: readonly string[]) => boolean {
  const tests = patterns.map(scopePattern);
  return (scope) => tests.some((test) => test(scope));
}

function uncountedError(uncounted: ReadonlyMap<string, number>): OpcounterError {
  const kernels = [...uncounted]
    .map(([kernel, ops]) => `${kernel} (${counted(ops, "op")})`)
    .join(", ");
  return new OpcounterError("kernel-uncounted", `Nothing knows how to count ${kernels}`, {
    remedy: "give a rule by kernel name, or count without strict",
  });
}
