import type { CostReport } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { amount } from "./counts.ts";
import type { Owner } from "./document.ts";
import type { Scopes } from "./scopes.ts";

/** The layers and nodes of a report, and which of them each op is of. */
export function ownersOf(
  graph: Graph,
  { byOwner }: CostReport,
  scopes: Scopes,
): { owners: Owner[]; owner: number[] } {
  const owners = byOwner.map((row) => ({
    scope: scopes.ofJoined(row.owner),
    className: row.className,
    scopes: row.scopes.map((scope) => scopes.ofJoined(scope)),
    calls: row.calls,
    params: amount(row.params),
    sharedParams: amount(row.sharedParams),
  }));
  const ofScope = new Map(owners.flatMap((row, index) => row.scopes.map((at) => [at, index])));
  const ofNone = byOwner.findIndex(({ owner }) => owner === "");
  const owner = graph.ops.map(({ call }) => {
    const scope = call === undefined ? undefined : graph.calls[call]?.scope;
    return scope === undefined ? ofNone : (ofScope.get(scopes.of(scope)) ?? ofNone);
  });
  return { owners, owner };
}
