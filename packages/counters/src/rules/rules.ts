import { declaredName, type Graph, type Op, opDialect } from "@opcounter/ir/core";
import type { Convention } from "../conventions/convention.ts";
import { symbolReader } from "../conventions/kernel-symbols.ts";
import { formulaOf } from "../formulas/registry.ts";
import { type CountedCall, enclosing } from "./counted.ts";
import { expressionsFor, type Figures, hasAny, nothing, Rule } from "./figures.ts";
import type { OwnRules } from "./own-rules.ts";
import { layerCalls, wholeCalls } from "./whole-calls.ts";
import { wholeGroups } from "./whole-groups.ts";

/** Which rules count a graph. */
export interface RuleOptions {
  readonly convention: Convention;
  /** Rules of the user's own; undefined where there are none. */
  readonly rules: OwnRules | undefined;
  /** Whether a scope is left out. */
  readonly isIgnored: (scope: readonly string[]) => boolean;
}

/** The rules of one graph. */
export interface Rules {
  /** The layers' calls that are counted as a whole. */
  readonly calls: readonly CountedCall[];
  /** What an op counts; undefined where no rule knows its kernel. */
  readonly figuresOf: (op: Op) => Figures | undefined;
}

/**
 * The rules that count a graph, in this order: the user's own rule for the op, the call or the group
 * that is counted as a whole and has the op inside, the convention's formula for the kernel.
 *
 * @param kept the ops that are not left out.
 * @throws OpcounterError where a rule of the user's own misbehaves.
 */
export function rulesFor(
  graph: Graph,
  kept: readonly Op[],
  { convention, rules, isIgnored }: RuleOptions,
): Rules {
  const ownLayers = rules?.calls(graph, layerCalls(graph, isIgnored)) ?? NOTHING;
  const own = rules?.ops(graph, kept, ownLayers) ?? NOTHING;
  const isTaken = ({ id, scope }: Op) => own.has(id) || isIgnored(scope);
  const calls = wholeCalls(graph, convention, ownLayers, isIgnored, isTaken);
  const callOf = ({ call }: Op) => enclosing(graph, call, calls);
  const groups = wholeGroups(graph, convention, (op) => isTaken(op) || callOf(op) !== undefined);
  const figuresOf = (op: Op): Figures | undefined => {
    const byOwnRule = own.get(op.id);
    if (byOwnRule !== undefined) return byOwnRule;
    const whole = callOf(op);
    if (whole === undefined) return groups.get(op.id) ?? byFormula(graph, op, convention);
    const note = `counted with its layer: ${whole.formula.note}`;
    return { arithmetic: nothing(convention), formula: { by: "whole", note } };
  };
  return { calls: [...calls.values()], figuresOf };
}

const NOTHING: ReadonlyMap<number, never> = new Map<number, never>();

/** By convention and kernel: the rule that counts its ops; null where it has no formula. */
const kernelRules = new WeakMap<Convention, Map<string, Rule<Op> | null>>();

function kernelRule(kernel: string, convention: Convention): Rule<Op> | null {
  let rules = kernelRules.get(convention);
  if (rules === undefined) {
    rules = new Map();
    kernelRules.set(convention, rules);
  }
  let rule = rules.get(kernel);
  if (rule === undefined) {
    rule = formulaOf(kernel) === undefined ? null : newRule(kernel, convention);
    rules.set(kernel, rule);
  }
  return rule;
}

function newRule(kernel: string, convention: Convention): Rule<Op> {
  const { name, sources, symbols } = convention;
  const declared = declaredName(kernel);
  const expressions = expressionsFor(convention, "kernels", declared);
  const source = sources.get(declared) ?? (hasAny(expressions) ? `${name}'s rule` : undefined);
  return new Rule(
    expressions,
    symbolReader(kernel, Object.values(expressions), symbols),
    convention,
    source === undefined
      ? { by: "omitted", note: `${name} does not count ${kernel}` }
      : { by: "formula", note: source },
  );
}

/**
 * Counts an op by its kernel; undefined where the kernel has no formula, or the op says itself that
 * its work is not known.
 */
export function byFormula(graph: Graph, op: Op, convention: Convention): Figures | undefined {
  if (reasonUncounted(op) !== undefined) return undefined;
  return kernelRule(op.kernel, convention)?.figuresOf(graph, op);
}

/** Why the work of a dispatch was not counted when its program was recorded. */
export function reasonUncounted({ kernel, attrs }: Op): string | undefined {
  const { uncounted } = attrs;
  return typeof uncounted === "string" && opDialect(kernel) === "wgsl" ? uncounted : undefined;
}
