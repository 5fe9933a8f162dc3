import {
  type CallValue,
  elementAt,
  type Graph,
  type OpId,
  paramsOf,
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
interface ScopeSum {
  readonly path: readonly string[];
  readonly sum: CostSum;
  readonly params: Set<ValueId>;
  ops: number;
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
  const scopes = new Map<string, ScopeSum>();
  // The ops of a scope share the list of its names.
  const known = new Map<readonly string[], readonly ScopeSum[]>();
  const around = (path: readonly string[]) => {
    let sums = known.get(path);
    if (sums === undefined) {
      sums = sumsAround(path);
      known.set(path, sums);
    }
    return sums;
  };
  const sumsAround = (path: readonly string[]) =>
    prefixes(path).map((prefix) => {
      const key = keyOf(prefix);
      const known = scopes.get(key);
      if (known !== undefined) return known;
      const added = {
        path: prefix,
        sum: new CostSum(own.costs),
        params: new Set<ValueId>(),
        ops: 0,
      };
      scopes.set(key, added);
      return added;
    });
  const isParam = new Set(paramsOf(graph).map(({ id }) => id));
  for (const { op, arithmetic, traffic } of ops) {
    for (const scope of around(op.scope)) {
      scope.ops++;
      scope.sum.add(arithmetic, traffic);
      addOwn(scope.sum, own, op.id);
      for (const id of Object.values(op.operands)) if (isParam.has(id)) scope.params.add(id);
    }
  }
  for (const { call, arithmetic } of calls) {
    for (const scope of around(call.scope)) scope.sum.add(arithmetic, NO_TRAFFIC);
  }
  for (const { scope: path, cost, value } of own.wholes) {
    for (const scope of around(path)) scope.sum.addCost(cost, value.value);
  }
  const callOf = new Map(graph.calls.map((call) => [keyOf(call.scope), call]));
  return inTreeOrder([...scopes.values()]).map(({ path, sum, params, ops }) => {
    const scope = path.join("/");
    const call = callOf.get(keyOf(path));
    return {
      scope,
      depth: Math.max(path.length, 1),
      className: call?.className ?? null,
      outputs: call?.results.map((value) => typeOf(graph, value)) ?? [],
      ops,
      params: weights(graph, params),
      ...sum.total(),
    };
  });
}

/** The scopes around a path and the path itself; of the empty path only that. */
function prefixes(path: readonly string[]): (readonly string[])[] {
  return path.length === 0 ? [path] : path.map((_, i) => path.slice(0, i + 1));
}

/** Children directly after their parent, though execution may return to a scope later. */
function inTreeOrder(scopes: readonly ScopeSum[]): ScopeSum[] {
  const children = new Map<string, ScopeSum[]>();
  for (const scope of scopes) {
    if (scope.path.length === 0) continue;
    const parent = keyOf(scope.path.slice(0, -1));
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [scope]);
    else siblings.push(scope);
  }
  const ordered: ScopeSum[] = [];
  const visit = (path: readonly string[]) => {
    for (const scope of children.get(keyOf(path)) ?? []) {
      ordered.push(scope);
      visit(scope.path);
    }
  };
  visit([]);
  return [...ordered, ...scopes.filter(({ path }) => path.length === 0)];
}

/** A scope path as a key: no two paths share one, whatever characters their names have. */
function keyOf(path: readonly string[]): string {
  return JSON.stringify(path);
}

function weights(graph: Graph, ids: ReadonlySet<ValueId>) {
  let total = 0n;
  for (const id of ids) {
    const value = valueAt(graph, id);
    if (value.kind === "param" && value.role === "weight") total += exactSize(value.shape);
  }
  return exact(total);
}
