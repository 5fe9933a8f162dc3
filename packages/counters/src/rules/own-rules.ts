import {
  type Call,
  describeOp,
  type Graph,
  inScope,
  type Op,
  OpcounterError,
  type OpcounterErrorOptions,
  reasonOf,
} from "@opcounter/ir/core";
import type { Convention } from "../conventions/convention.ts";
import { exact, type Integer } from "../expressions/integer.ts";
import type { Quantity } from "../formulas/formula.ts";
import { checkParts } from "../known-parts.ts";
import type { Arithmetic } from "../report/cost-sum.ts";
import type { OpFormula, OwnRule } from "../report/report.ts";
import { CountedCall, enclosing } from "./counted.ts";
import type { Figures } from "./figures.ts";
import { scopePattern } from "./scope-pattern.ts";
import { type CallToCount, callToCount, type OpToCount, opToCount } from "./to-count.ts";

/** What a rule returns: integers of at least 0. What it leaves out is 0. */
export type RuleResult = Readonly<Partial<Record<Quantity, number | bigint>>>;
export type OpRule = (op: OpToCount) => RuleResult;
export type CallRule = (call: CallToCount) => RuleResult;

/**
 * Rules of the user's own, which come before the built-in ones. Where several fit an op, a rule by
 * scope pattern wins over one by layer class, and that over one by kernel name; of several scope
 * patterns that fit, the last one counts.
 */
export interface Counters {
  /** By kernel name. */
  readonly kernels?: Readonly<Record<string, OpRule>>;
  /** By layer class. The rule counts the whole call; the ops inside count nothing of their own. */
  readonly layers?: Readonly<Record<string, CallRule>>;
  /** By scope pattern, such as `decoder/**`; see `scopePattern`. Applied op by op. */
  readonly scopes?: Readonly<Record<string, OpRule>>;
}

const PARTS = Object.keys({
  ...{ kernels: true, layers: true, scopes: true },
} satisfies Record<keyof Counters, true>);

/** What a report calls a rule of the user's own. */
const NAME_OF_RULE = {
  scope: (pattern: string) => `scope pattern ${pattern}`,
  layer: (className: string) => `layer class ${className}`,
  kernel: (kernel: string) => `kernel ${kernel}`,
} as const;

/** What a report says of an op or a layer that a rule of the user's own counted. */
function byOwnRule(ownRule: string): OpFormula {
  return { by: "rule", note: `rule for ${ownRule}`, ownRule };
}

/** Rules of the user's own, ready to be applied to a graph; `ownRules` makes them. */
export interface OwnRules {
  /**
   * What rules by layer class count as a whole, by call. A call that lies in a scope with a rule is
   * not there: that rule counts its ops.
   *
   * @throws OpcounterError "rule-failed", and so does `ops`.
   */
  calls(graph: Graph, calls: readonly Call[]): ReadonlyMap<number, CountedCall>;
  /**
   * What rules by scope pattern and kernel name count, by op.
   *
   * @param calls the calls that rules by layer class count, ops inside included.
   */
  ops(
    graph: Graph,
    ops: readonly Op[],
    calls: ReadonlyMap<number, CountedCall>,
  ): ReadonlyMap<number, Figures>;
  /** The rules that were given, each with how often it counted something. */
  used(counted: readonly { readonly formula: OpFormula }[]): OwnRule[];
}

/**
 * Makes rules of the user's own ready. They are made apart, so that a page that has none loads none
 * of this.
 *
 * @param convention the one they are used with. A figure that it has not is null, whatever a rule
 *   returns: else a row would have it, and the total would not.
 */
export function ownRules(counters: Counters, { costs }: Pick<Convention, "costs">): OwnRules {
  checkParts("plugin-invalid", "counters", counters, PARTS);
  const { scopes = {}, layers = {}, kernels = {} } = counters;
  const scopeRule = lastFitting(scopes);
  const arithmeticOf = (figures: Record<Quantity, Integer>): Arithmetic => ({
    macs: costs.macs === undefined ? null : figures.macs,
    flops: costs.flops === undefined ? null : figures.flops,
    transcendentals: costs.transcendentals === undefined ? null : figures.transcendentals,
  });
  return {
    calls: (graph, calls) => {
      const counted = new Map<number, CountedCall>();
      for (const call of calls) {
        const rule = ownProperty(layers, call.className);
        if (rule === undefined || scopeRule(call.scope) !== undefined) continue;
        // A call inside one that is counted as a whole is counted with it.
        if (enclosing(graph, call.parent, counted) !== undefined) continue;
        const name = NAME_OF_RULE.layer(call.className);
        const what = `for ${name}${inScope(call.scope)}`;
        const arithmetic = arithmeticOf(applyRule(rule, callToCount(graph, call), what));
        counted.set(call.id, new CountedCall(call, { arithmetic, formula: byOwnRule(name) }));
      }
      return counted;
    },
    ops: (graph, ops, calls) => {
      const counted = new Map<number, Figures>();
      if (Object.keys(scopes).length + Object.keys(kernels).length === 0) return counted;
      for (const op of ops) {
        const [pattern, byScope] = scopeRule(op.scope) ?? [];
        const isCounted = enclosing(graph, op.call, calls) !== undefined;
        const rule = byScope ?? (isCounted ? undefined : ownProperty(kernels, op.kernel));
        if (rule === undefined) continue;
        const by =
          pattern === undefined ? NAME_OF_RULE.kernel(op.kernel) : NAME_OF_RULE.scope(pattern);
        const what = `for ${by} at ${describeOp(op)}`;
        const arithmetic = arithmeticOf(applyRule(rule, opToCount(graph, op), what));
        counted.set(op.id, { arithmetic, formula: byOwnRule(by) });
      }
      return counted;
    },
    used: (counted) => {
      const names = [
        ...Object.keys(scopes).map(NAME_OF_RULE.scope),
        ...Object.keys(layers).map(NAME_OF_RULE.layer),
        ...Object.keys(kernels).map(NAME_OF_RULE.kernel),
      ];
      const times = new Map(names.map((name) => [name, 0]));
      if (times.size === 0) return [];
      for (const { formula } of counted) {
        const { ownRule } = formula;
        if (ownRule !== undefined) times.set(ownRule, (times.get(ownRule) ?? 0) + 1);
      }
      return [...times].map(([rule, times]) => ({ rule, times }));
    },
  };
}

/** The last of the rules by scope pattern that fits a scope, with its pattern. */
function lastFitting(
  scopes: NonNullable<Counters["scopes"]>,
): (scope: readonly string[]) => readonly [pattern: string, rule: OpRule] | undefined {
  const rules = Object.entries(scopes).map(([pattern, rule]) => {
    return { fits: scopePattern(pattern), entry: [pattern, rule] as const };
  });
  return (scope) => rules.findLast(({ fits }) => fits(scope))?.entry;
}

function ownProperty<T>(record: Readonly<Record<string, T>> | undefined, name: string) {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/**
 * Calls a user's rule and checks what it returns.
 *
 * @param what the rule and what it was given, for the message.
 * @throws OpcounterError where the rule throws, or returns anything but integers of at least 0.
 */
function applyRule<T>(
  rule: (subject: T) => RuleResult,
  subject: T,
  what: string,
): Record<Quantity, Integer> {
  let result: unknown;
  try {
    result = rule(subject);
  } catch (error) {
    throw failed(`${what} threw: ${reasonOf(error)}`, { cause: error });
  }
  if (result instanceof Promise) {
    // What it rejects with must not end the program.
    result.catch(() => undefined);
    throw failed(`${what} is asynchronous`, {
      remedy: "it must return what it counts, not a promise of it",
    });
  }
  if (typeof result !== "object" || result === null || Array.isArray(result)) {
    throw failed(`${what} returned ${describe(result)}`, {
      remedy: "it must return an object such as { macs: 12, flops: 24 }",
    });
  }
  const quantity = (name: Quantity): Integer => integerOf(Reflect.get(result, name), name, what);
  const unknown = Object.keys(result).find((name) => !isQuantity(name));
  if (unknown !== undefined) {
    throw failed(
      `${what} returned "${unknown}", which is none of macs, flops and transcendentals.`,
    );
  }
  return {
    macs: quantity("macs"),
    flops: quantity("flops"),
    transcendentals: quantity("transcendentals"),
  };
}

function failed(how: string, options?: OpcounterErrorOptions): OpcounterError {
  return new OpcounterError("rule-failed", `The counting rule ${how}`, options);
}

function isQuantity(name: string): name is Quantity {
  return name === "macs" || name === "flops" || name === "transcendentals";
}

function integerOf(value: unknown, name: Quantity, what: string): Integer {
  if (value === undefined) return 0;
  const isWhole =
    typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));
  if (!isWhole || value < 0) {
    throw failed(`${what} returned ${name} = ${describe(value)}`, {
      remedy: "it must be an integer of at least 0, and a bigint beyond 2^53",
    });
  }
  return exact(BigInt(value));
}

function describe(value: unknown): string {
  return typeof value === "object" || typeof value === "function" || value === undefined
    ? String(value === null ? "null" : typeof value)
    : String(value);
}
