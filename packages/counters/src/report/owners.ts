import {
  type Call,
  type CallId,
  forEachOperand,
  formatScope,
  type Graph,
  type ParamValue,
  paramsOf,
  type ValueId,
} from "@opcounter/ir/core";
import type { OwnCosts } from "../costs/own-costs.ts";
import { exact, exactSize } from "../expressions/integer.ts";
import type { CountedCall, CountedOp } from "../rules/counted.ts";
import { CostSum, NO_TRAFFIC } from "./cost-sum.ts";
import type { OwnerRow } from "./report.ts";
import { addOwn } from "./rows.ts";

/** The sums of one owner. */
interface OwnerSum {
  readonly scopes: Set<string>;
  readonly className: string | null;
  readonly sum: CostSum;
  readonly owned: Set<ValueId>;
  readonly used: Set<ValueId>;
  calls: number;
  ops: number;
}

/**
 * A row for every layer, in order of its first call, with all its calls together. Every op and every
 * weight is in one row, so rows add up to the totals. A weight belongs to the first layer that lists
 * it; one that no layer lists, to the first that has an op which uses it. Calls are of one layer if
 * they have the same parameters, or, without any, the same scope.
 */
export function ownerRows(
  graph: Graph,
  ops: readonly CountedOp[],
  calls: readonly CountedCall[],
  own: OwnCosts,
): readonly OwnerRow[] {
  const owners = new Map<string, OwnerSum>();
  const ownerOf = new Map<Call | undefined, OwnerSum>();
  const at = (call: Call | undefined): OwnerSum => {
    const owner = ownerOf.get(call) ?? ownerWith(call, keyOf(call));
    ownerOf.set(call, owner);
    return owner;
  };
  const ownerWith = (call: Call | undefined, key: string): OwnerSum => {
    const known = owners.get(key);
    if (known !== undefined) return known;
    const className = call?.className ?? null;
    const sum = new CostSum(own.costs);
    const [owned, used] = [new Set<ValueId>(), new Set<ValueId>()];
    const scopes = new Set<string>();
    const added: OwnerSum = { className, sum, scopes, owned, used, calls: 0, ops: 0 };
    owners.set(key, added);
    return added;
  };
  const callOf = (id: CallId | undefined) => (id === undefined ? undefined : graph.calls[id]);
  const free = new Map(paramsOf(graph).map((param) => [param.id, param]));
  const take = (owner: OwnerSum, id: ValueId) => {
    owner.used.add(id);
    if (free.delete(id)) owner.owned.add(id);
  };
  for (const call of graph.calls) for (const id of call.params) take(at(call), id);
  for (const { op, arithmetic, traffic } of ops) {
    const owner = at(callOf(op.call));
    owner.ops++;
    owner.sum.add(arithmetic, traffic);
    addOwn(owner.sum, own, op.id);
  }
  for (const { op } of ops) {
    forEachOperand(op.operands, (id) => {
      if (free.has(id)) take(at(callOf(op.call)), id);
    });
  }
  for (const { call, arithmetic } of calls) at(call).sum.add(arithmetic, NO_TRAFFIC);
  for (const { scope, cost, value } of own.wholes) {
    const path = formatScope(scope);
    const call = graph.calls.findLast((call) => formatScope(call.scope) === path);
    at(call).sum.addCost(cost, value.value);
  }
  for (const id of [...free.keys()]) take(at(undefined), id);
  for (const call of graph.calls) {
    const owner = ownerOf.get(call) ?? owners.get(keyOf(call));
    if (owner === undefined) continue;
    owner.calls++;
    owner.scopes.add(formatScope(call.scope));
  }
  const params = new Map(paramsOf(graph).map((param) => [param.id, param]));
  return [...owners.values()].map(({ scopes, className, sum, owned, used, calls, ops }) => {
    const shared = [...used].filter((id) => !owned.has(id));
    return {
      owner: [...scopes][0] ?? "",
      className,
      scopes: [...scopes],
      calls,
      ops,
      params: elementsOf([...owned], params),
      sharedParams: elementsOf(shared, params),
      ...sum.total(),
    };
  });
}

/** What tells one layer from another. */
function keyOf(call: Call | undefined): string {
  if (call === undefined) return "";
  const { className, params, scope } = call;
  return `${className} ${params.length > 0 ? params.join() : `/${formatScope(scope)}`}`;
}

/** The elements of the weights among them. */
function elementsOf(ids: readonly ValueId[], params: ReadonlyMap<ValueId, ParamValue>) {
  const weights = ids.flatMap((id) => params.get(id) ?? []).filter(({ role }) => role === "weight");
  return exact(weights.reduce((sum, { shape }) => sum + exactSize(shape), 0n));
}
