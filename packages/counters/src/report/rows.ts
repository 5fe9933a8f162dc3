import {
  type Call,
  type CallValue,
  elementAt,
  forEachOperand,
  type Graph,
  type OpId,
  type TensorType,
  typeOfCallValue,
  type ValueId,
  valueAt,
} from "@opcounter/ir/core";
import type { OwnCosts } from "../costs/own-costs.ts";
import { elementsOf, type Integer, plus } from "../expressions/integer.ts";
import { opAt } from "../op-at.ts";
import type { CountedCall, CountedOp } from "../rules/counted.ts";
import { CostSum, NO_TRAFFIC } from "./cost-sum.ts";
import type { GroupRow, KernelRow, NamedType, ScopeRow } from "./report.ts";

export function typeOf(graph: Graph, value: CallValue): TensorType {
  const { dtype, shape } = typeOfCallValue(graph, value);
  return { dtype, shape };
}

export function namedType(graph: Graph, id: ValueId): NamedType {
  const value = valueAt(graph, id);
  return { name: value.kind === "input" ? value.name : `%${id}`, ...typeOf(graph, id) };
}

/** Adds the user's own costs of an op. */
export function addOwn(sum: CostSum, { ofOps }: OwnCosts, op: OpId): void {
  for (const [name, { value }] of ofOps.get(op) ?? []) sum.addCost(name, value);
}

/** One row per kernel, the dearest first. Layers counted as a whole stand under `layer:` and their class. */
export function kernelRows(
  ops: readonly CountedOp[],
  calls: readonly CountedCall[],
  own: OwnCosts,
): readonly KernelRow[] {
  const sums = new Map<string, { sum: CostSum; ops: number }>();
  const sumOf = (kernel: string) => {
    const entry = sums.get(kernel) ?? { sum: new CostSum(own.costs), ops: 0 };
    sums.set(kernel, entry);
    return entry;
  };
  for (const { op, arithmetic, traffic } of ops) {
    const entry = sumOf(op.kernel);
    entry.ops++;
    entry.sum.add(arithmetic, traffic);
    addOwn(entry.sum, own, op.id);
  }
  for (const { call, arithmetic } of calls) {
    sumOf(`layer:${call.className}`).sum.add(arithmetic, NO_TRAFFIC);
  }
  for (const { label, cost, value } of own.wholes) sumOf(label).sum.addCost(cost, value.value);
  const rows = [...sums].map(([kernel, { sum, ops }]) => ({ kernel, ops, ...sum.total() }));
  const weight = (row: KernelRow) => Number(row.macs ?? 0) * 2 ** 20 + Number(row.flops ?? 0);
  return rows.sort((a, b) => weight(b) - weight(a) || Number(b.bytesRead) - Number(a.bytesRead));
}

/** One row per group that a pass made. Ops that were left out add nothing. */
export function groupRows(
  graph: Graph,
  ops: readonly CountedOp[],
  own: OwnCosts,
): readonly GroupRow[] {
  if (graph.groups.length === 0) return [];
  const counted = new Map(ops.map((entry) => [entry.op.id, entry]));
  return graph.groups.map((group) => {
    const sum = new CostSum(own.costs);
    for (const id of group.ops) {
      const entry = counted.get(id);
      if (entry === undefined) continue;
      sum.add(entry.arithmetic, entry.traffic);
      addOwn(sum, own, id);
    }
    const scope = opAt(graph, elementAt(group.ops, group.ops.length - 1)).scope.join("/");
    return { pattern: group.pattern, scope, ops: group.ops, ...sum.total() };
  });
}

/** The sums of one scope. Before `inOrder`, without what is in the scopes inside. */
class ScopeSum {
  readonly params = new Set<ValueId>();
  /** The scopes directly inside, by name, in the order of execution. */
  readonly inside = new Map<string, ScopeSum>();
  ops = 0;
  /** The last call that has this scope. */
  call: Call | undefined;

  constructor(
    readonly path: readonly string[],
    readonly sum: CostSum,
  ) {}

  add({ ops, sum, params }: ScopeSum): void {
    this.ops += ops;
    this.sum.addAll(sum);
    for (const id of params) this.params.add(id);
  }
}

/**
 * A row for every scope and for every scope around it, parents before children and otherwise in
 * the order of execution. Each row includes what is inside it. What runs in no scope has a row at
 * the end, so that the outermost rows add up to the totals.
 */
export function scopeRows(
  graph: Graph,
  ops: readonly CountedOp[],
  calls: readonly CountedCall[],
  own: OwnCosts,
): readonly ScopeRow[] {
  const scopes = new ScopeTree(() => new CostSum(own.costs));
  for (const { op, arithmetic, traffic } of ops) {
    const scope = scopes.at(op.scope);
    scope.ops++;
    scope.sum.add(arithmetic, traffic);
    addOwn(scope.sum, own, op.id);
    forEachOperand(op.operands, (id) => {
      if (graph.values[id]?.kind === "param") scope.params.add(id);
    });
  }
  for (const { call, arithmetic } of calls) scopes.at(call.scope).sum.add(arithmetic, NO_TRAFFIC);
  for (const { scope, cost, value } of own.wholes) scopes.at(scope).sum.addCost(cost, value.value);
  for (const call of graph.calls) {
    const scope = scopes.find(call.scope);
    if (scope !== undefined) scope.call = call;
  }
  return scopes.inOrder().map(({ path, sum, params, ops, call }) => ({
    scope: path.join("/"),
    depth: Math.max(path.length, 1),
    className: call?.className ?? null,
    outputs: call?.results.map((value) => typeOf(graph, value)) ?? [],
    ops,
    params: weights(graph, params),
    ...sum.total(),
  }));
}

/** The scopes that something was counted in. */
class ScopeTree {
  readonly #newSum: () => CostSum;
  /** What runs in no scope. The scopes are inside. */
  readonly #root: ScopeSum;
  /** The ops of a scope, and its call, share the list of its names. */
  readonly #known = new Map<readonly string[], ScopeSum>();

  constructor(newSum: () => CostSum) {
    this.#newSum = newSum;
    this.#root = new ScopeSum([], newSum());
  }

  /** The scope of a path; of the empty path what runs in none. */
  at(path: readonly string[]): ScopeSum {
    let scope = this.#known.get(path);
    if (scope === undefined) {
      scope = this.#along(path);
      this.#known.set(path, scope);
    }
    return scope;
  }

  #along(path: readonly string[]): ScopeSum {
    let scope = this.#root;
    for (const [depth, name] of path.entries()) {
      let inner = scope.inside.get(name);
      if (inner === undefined) {
        inner = new ScopeSum(path.slice(0, depth + 1), this.#newSum());
        scope.inside.set(name, inner);
      }
      scope = inner;
    }
    return scope;
  }

  /** The scope of a path, where anything was counted in it. */
  find(path: readonly string[]): ScopeSum | undefined {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    let scope: ScopeSum | undefined = this.#root;
    for (const name of path) scope = scope?.inside.get(name);
    return scope;
  }

  /**
   * The scopes, with what is inside each. Children come directly after their parent, though
   * execution may return to a scope later.
   */
  inOrder(): ScopeSum[] {
    const ordered: ScopeSum[] = [];
    const visit = (scope: ScopeSum) => {
      ordered.push(scope);
      for (const inner of scope.inside.values()) {
        visit(inner);
        scope.add(inner);
      }
    };
    for (const scope of this.#root.inside.values()) visit(scope);
    const isRootUsed = [...this.#known.values()].includes(this.#root);
    return isRootUsed ? [...ordered, this.#root] : ordered;
  }
}

function weights(graph: Graph, ids: ReadonlySet<ValueId>): Integer {
  let total: Integer = 0;
  for (const id of ids) {
    const value = valueAt(graph, id);
    if (value.kind === "param" && value.role === "weight") {
      total = plus(total, elementsOf(value.shape));
    }
  }
  return total;
}
