import {
  type Call,
  type CallValue,
  elementAt,
  type Graph,
  type OpId,
  type TensorType,
  typeOfCallValue,
  type ValueId,
  valueAt,
} from "@opcounter/ir/core";
import type { OwnCosts } from "../costs/own-costs.ts";
import { exact, exactSize } from "../expressions/integer.ts";
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

/** The sums of one scope. */
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
    // An op may be inside a dozen scopes: what is the same for each is found once.
    const params = Object.values(op.operands).filter((id) => graph.values[id]?.kind === "param");
    for (const scope of scopes.around(op.scope)) {
      scope.ops++;
      scope.sum.add(arithmetic, traffic);
      addOwn(scope.sum, own, op.id);
      for (const id of params) scope.params.add(id);
    }
  }
  for (const { call, arithmetic } of calls) {
    for (const scope of scopes.around(call.scope)) scope.sum.add(arithmetic, NO_TRAFFIC);
  }
  for (const { scope: path, cost, value } of own.wholes) {
    for (const scope of scopes.around(path)) scope.sum.addCost(cost, value.value);
  }
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
  #isRootUsed = false;
  /** The ops of a scope share the list of its names. */
  readonly #known = new Map<readonly string[], readonly ScopeSum[]>();

  constructor(newSum: () => CostSum) {
    this.#newSum = newSum;
    this.#root = new ScopeSum([], newSum());
  }

  /** The scopes around a path and the path itself; of the empty path only that. */
  around(path: readonly string[]): readonly ScopeSum[] {
    let sums = this.#known.get(path);
    if (sums === undefined) {
      sums = this.#along(path);
      this.#known.set(path, sums);
    }
    return sums;
  }

  #along(path: readonly string[]): readonly ScopeSum[] {
    if (path.length === 0) {
      this.#isRootUsed = true;
      return [this.#root];
    }
    let scope = this.#root;
    return path.map((name, depth) => {
      let inner = scope.inside.get(name);
      if (inner === undefined) {
        inner = new ScopeSum(path.slice(0, depth + 1), this.#newSum());
        scope.inside.set(name, inner);
      }
      scope = inner;
      return inner;
    });
  }

  /** The scope of a path, where anything was counted in it. */
  find(path: readonly string[]): ScopeSum | undefined {
    let scope: ScopeSum | undefined = this.#root;
    for (const name of path) scope = scope?.inside.get(name);
    return scope;
  }

  /** Children directly after their parent, though execution may return to a scope later. */
  inOrder(): ScopeSum[] {
    const ordered: ScopeSum[] = [];
    const visit = ({ inside }: ScopeSum) => {
      for (const scope of inside.values()) {
        ordered.push(scope);
        visit(scope);
      }
    };
    visit(this.#root);
    return this.#isRootUsed ? [...ordered, this.#root] : ordered;
  }
}

function weights(graph: Graph, ids: ReadonlySet<ValueId>) {
  let total = 0n;
  for (const id of ids) {
    const value = valueAt(graph, id);
    if (value.kind === "param" && value.role === "weight") total += exactSize(value.shape);
  }
  return exact(total);
}
