import {
  analyse,
  type Call,
  describeOp,
  type Graph,
  type Group,
  inScope,
  type Op,
  type OpId,
  patternGroups,
} from "@opcounter/ir/core";
import type { Convention } from "../conventions/convention.ts";
import { symbolReader } from "../conventions/kernel-symbols.ts";
import type { Expression } from "../expressions/expression.ts";
import { type CountedCall, type CountedOp, isInCall } from "../rules/counted.ts";
import { callToCount } from "../rules/to-count.ts";
import { callSymbols } from "../rules/whole-calls.ts";
import { groupSymbols } from "../rules/whole-groups.ts";
import type { Cost, CostDefinition, OpToCost, Quantities } from "./cost.ts";
import { opToCost } from "./op-to-cost.ts";
import { quantitiesOf } from "./quantities.ts";
import { COST_SYMBOLS, readCosts } from "./read-costs.ts";
import {
  type CostValue,
  noCost,
  type Place,
  uncountedQuantity,
  valueOfExpression,
  valueOfFunction,
} from "./value-of.ts";
import { CostTotals, type CostValues } from "./values.ts";

/** A graph that has been counted, with what costs may want to know of it. */
export interface CountedGraph {
  readonly graph: Graph;
  readonly convention: Convention;
  readonly ops: readonly CountedOp[];
  readonly calls: readonly CountedCall[];
  /** By op: its time in the kernel on the host, where that was measured. */
  readonly opCpuMs: ReadonlyMap<OpId, number> | undefined;
}

/** What a layer's call or a scope costs as a whole. */
export interface CostedWhole {
  readonly scope: readonly string[];
  /** What it stands under among the kernels: `layer:LSTM`, `scope:decoder`. */
  readonly label: string;
  readonly cost: string;
  readonly value: CostValue;
}

/** What the user's own costs are of a graph. */
export interface OwnCosts {
  readonly costs: readonly Cost[];
  /** By op and by cost. What is not there is 0, or is costed with a whole. */
  readonly ofOps: ReadonlyMap<OpId, ReadonlyMap<string, CostValue>>;
  readonly wholes: readonly CostedWhole[];
}

/**
 * Evaluates the costs of a graph that has been counted.
 *
 * @throws OpcounterError where a cost throws, or is no finite number of at least 0.
 */
export type CostEvaluator = (counted: CountedGraph) => OwnCosts;

/**
 * Reads costs, and gives what evaluates them in their order, since each may use those before it. A
 * page without costs loads none of this.
 *
 * @throws OpcounterError as `readCosts`.
 */
export function costEvaluator(definitions: readonly CostDefinition[]): CostEvaluator {
  const costs = readCosts(definitions);
  return (counted) => {
    const evaluation = new Evaluation(counted);
    for (const cost of costs) evaluation.add(cost);
    return { costs, ofOps: evaluation.ofOps, wholes: evaluation.wholes };
  };
}

/** Something that a cost has a value of, with what is inside it. */
interface Part {
  readonly ops: readonly CountedOp[];
  /** Calls that a rule counts as a whole. */
  readonly calls: readonly CountedCall[];
  readonly wholes: readonly CostedWhole[];
  readonly where: string;
}

class Evaluation {
  readonly ofOps = new Map<OpId, Map<string, CostValue>>();
  readonly wholes: CostedWhole[] = [];
  readonly #counted: CountedGraph;
  readonly #byId: ReadonlyMap<OpId, CountedOp>;
  /** The costs that have been evaluated. */
  readonly #known: Cost[] = [];
  /** The ops that the cost has no value of their own for: a layer, group or scope has one. */
  #taken = new Set<OpId>();

  constructor(counted: CountedGraph) {
    this.#counted = counted;
    this.#byId = new Map(counted.ops.map((each) => [each.op.id, each]));
  }

  add(cost: Cost): void {
    this.#taken = new Set();
    this.#addScopes(cost);
    this.#addLayers(cost);
    this.#addPatterns(cost);
    this.#addGroups(cost);
    for (const counted of this.#counted.ops) {
      if (!this.#taken.has(counted.op.id)) this.#addOp(cost, counted);
    }
    this.#addCalls(cost);
    this.#known.push(cost);
  }

  /** The outermost scopes first; what a scope has a value for takes the scopes inside with it. */
  #addScopes(cost: Cost): void {
    const { scope: value } = cost;
    if (value === undefined) return;
    const { graph } = this.#counted;
    for (const scope of scopesOf(this.#counted.ops)) {
      const part = this.#partOf(scope, inScope(scope).trim(), ({ op }) =>
        isInside(op.scope, scope),
      );
      const subject = (quantities: Quantities) => ({ graph, scope, quantities });
      this.#addWhole(cost, part, scope, `scope:${scope.join("/")}`, () =>
        this.#valueOf(cost, value, part, subject),
      );
    }
  }

  /** The outermost calls first, likewise. A call without ops costs nothing: it may be ignored. */
  #addLayers(cost: Cost): void {
    const { graph } = this.#counted;
    for (const call of graph.calls) {
      const { scope, className } = call;
      const byClass = cost.layers.get(className);
      const value = byClass ?? cost.layer;
      if (call.kind !== "layer" || value === undefined) continue;
      const part = this.#partOf(scope, placeOf(call), ({ op }) =>
        isInCall(graph, op.call, call.id),
      );
      const seen = callToCount(graph, call);
      const subject = (quantities: Quantities) => ({ ...seen, graph, quantities });
      this.#addWhole(cost, part, scope, `layer:${className}`, () =>
        byClass === undefined
          ? this.#valueOf(cost, value, part, subject)
          : valueOfExpression(byClass, callSymbols(graph, call), this.#placeOf(cost, part)),
      );
    }
  }

  #addWhole(
    cost: Cost,
    part: Part,
    scope: readonly string[],
    label: string,
    valueOfPart: () => CostValue | undefined,
  ): void {
    if (part.ops.length === 0 || this.#isTaken(part)) return;
    const value = valueOfPart();
    if (value === undefined) return;
    this.#take(part);
    this.wholes.push({ scope, label, cost: cost.name, value });
  }

  /** Ops that are recognised as one, by the table of patterns. */
  #addPatterns(cost: Cost): void {
    if (cost.patterns.size === 0) return;
    const { graph } = this.#counted;
    for (const group of analyse(graph, patternGroups)) {
      const expression = cost.patterns.get(group.pattern);
      if (expression === undefined) continue;
      this.#addGroup(cost, group, (part) =>
        valueOfExpression(expression, groupSymbols(graph, group), this.#placeOf(cost, part)),
      );
    }
  }

  /** Ops that a pass grouped. */
  #addGroups(cost: Cost): void {
    const { group: value } = cost;
    if (value === undefined) return;
    const { graph } = this.#counted;
    for (const group of graph.groups) {
      const { pattern } = group;
      this.#addGroup(cost, group, (part, { scope }) =>
        this.#valueOf(cost, value, part, (quantities) => {
          const ops = part.ops.map((op) => this.#opAlone(cost, op));
          return { graph, pattern, scope, quantities, ops };
        }),
      );
    }
  }

  /** A group's value stands at its last op. */
  #addGroup(
    cost: Cost,
    { pattern, ops: ids }: Group,
    valueOfPart: (part: Part, last: Op) => CostValue | undefined,
  ): void {
    const ops = ids.flatMap((id) => this.#byId.get(id) ?? []);
    const last = ops.at(-1)?.op;
    // A group with ops that are left out is costed op by op.
    if (last === undefined || ops.length < ids.length) return;
    const where = `at the group ${pattern} that ends at ${describeOp(last)}`;
    const part = { ops, calls: [], wholes: [], where };
    if (this.#isTaken(part)) return;
    const value = valueOfPart(part, last);
    if (value === undefined) return;
    this.#take(part);
    this.#setOp(last.id, cost, value);
  }

  #addOp(cost: Cost, counted: CountedOp): void {
    const { graph } = this.#counted;
    const { op } = counted;
    const part = partOfOp(counted);
    const place = this.#placeOf(cost, part);
    const byKernel = cost.kernels.get(op.kernel);
    if (byKernel !== undefined) {
      const symbols = symbolReader(op.kernel, [byKernel], COST_SYMBOLS)(graph, op);
      this.#setOp(op.id, cost, valueOfExpression(byKernel, symbols, place));
    } else if (cost.op !== undefined) {
      const value = this.#valueOf(cost, cost.op, part, (quantities) =>
        this.#opToCost(counted, quantities),
      );
      if (value === undefined) throw noCost("undefined", place);
      this.#setOp(op.id, cost, value);
    }
  }

  /** What a rule counts as a whole is no op; an expression of ops is one of it, too. */
  #addCalls(cost: Cost): void {
    if (cost.op === undefined || typeof cost.op === "function") return;
    const { graph, ops, calls } = this.#counted;
    for (const counted of calls) {
      const { call } = counted;
      // What a cost has of the layer, or of a scope around it, is all that it has.
      const isTaken = ops.some(
        ({ op }) => this.#taken.has(op.id) && isInCall(graph, op.call, call.id),
      );
      if (isTaken) continue;
      const label = `layer:${call.className}`;
      const wholes = this.wholes.filter((whole) => {
        return whole.label === label && isInside(whole.scope, call.scope);
      });
      const part = { ops: [], calls: [counted], wholes, where: placeOf(call) };
      const { symbols } = this.#quantitiesOf(cost, part);
      const value = valueOfExpression(cost.op, symbols, this.#placeOf(cost, part));
      this.wholes.push({ scope: call.scope, label, cost: cost.name, value });
    }
  }

  /** What is inside a scope, or inside a layer's call, whose scope it is. */
  #partOf(
    scope: readonly string[],
    where: string,
    isInPart: (counted: CountedOp) => boolean,
  ): Part {
    return {
      ops: this.#counted.ops.filter(isInPart),
      calls: this.#counted.calls.filter(({ call }) => isInside(call.scope, scope)),
      wholes: this.wholes.filter((whole) => isInside(whole.scope, scope)),
      where,
    };
  }

  #isTaken({ ops }: Part): boolean {
    return ops.some(({ op }) => this.#taken.has(op.id));
  }

  #take({ ops }: Part): void {
    for (const { op } of ops) this.#taken.add(op.id);
  }

  #setOp(id: OpId, { name }: Cost, value: CostValue): void {
    const values = this.ofOps.get(id) ?? new Map<string, CostValue>();
    values.set(name, value);
    this.ofOps.set(id, values);
  }

  #valueOf<S>(
    cost: Cost,
    value: Expression | ((subject: S) => unknown),
    part: Part,
    subject: (quantities: Quantities) => S,
  ): CostValue | undefined {
    const place = this.#placeOf(cost, part);
    const { symbols, numbers } = this.#quantitiesOf(cost, part);
    return typeof value === "function"
      ? valueOfFunction(value, subject(numbers), place)
      : valueOfExpression(value, symbols, place);
  }

  #placeOf({ name }: Cost, { where }: Part): Place {
    return { cost: name, convention: this.#counted.convention.name, where };
  }

  #quantitiesOf(cost: Cost, part: Part) {
    const place = this.#placeOf(cost, part);
    return quantitiesOf([...part.ops, ...part.calls], this.#costsOf(part), (quantity) =>
      uncountedQuantity(quantity, place),
    );
  }

  /** The costs known of a part. */
  #costsOf({ ops, wholes }: Part): CostValues {
    const totals = new CostTotals(this.#known);
    for (const { op } of ops) {
      for (const [name, { value }] of this.ofOps.get(op.id) ?? []) totals.add(name, value);
    }
    for (const { cost, value } of wholes) totals.add(cost, value.value);
    return totals.values;
  }

  #opAlone(cost: Cost, counted: CountedOp): OpToCost {
    return this.#opToCost(counted, this.#quantitiesOf(cost, partOfOp(counted)).numbers);
  }

  #opToCost(counted: CountedOp, quantities: Quantities): OpToCost {
    const { graph, opCpuMs } = this.#counted;
    return opToCost(graph, counted, quantities, opCpuMs?.get(counted.op.id) ?? null);
  }
}

function partOfOp(counted: CountedOp): Part {
  return { ops: [counted], calls: [], wholes: [], where: `at ${describeOp(counted.op)}` };
}

function placeOf({ className, scope }: Call): string {
  return `at layer ${className}${inScope(scope)}`;
}

/** Every scope and the scopes around it, outer ones first. */
function scopesOf(ops: readonly CountedOp[]): (readonly string[])[] {
  const scopes = new Map<string, readonly string[]>();
  for (const { op } of ops) {
    op.scope.forEach((_, i) => {
      const scope = op.scope.slice(0, i + 1);
      scopes.set(JSON.stringify(scope), scope);
    });
  }
  return [...scopes.values()].sort((a, b) => a.length - b.length);
}

function isInside(scope: readonly string[], outer: readonly string[]): boolean {
  return outer.every((name, depth) => scope[depth] === name);
}
