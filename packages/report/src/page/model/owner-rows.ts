import type { Amount } from "../../document/document.ts";
import { sumOf, toNumber } from "../format.ts";
import type { Quantity } from "./quantities.ts";
import type { ReportModel } from "./report-model.ts";

/** A layer with all its calls, and what they have of each quantity. */
export interface OwnerRow {
  /** Index in the document's `owners`. */
  readonly owner: number;
  readonly ops: number;
  /** One per quantity; null where it is not known of any of its ops. */
  readonly amounts: readonly (Amount | null)[];
}

/** A row for every layer or node, in order of its first call. Rows add up to the totals. */
export function ownerRows(
  model: ReportModel,
  convention: number,
  quantities: readonly Quantity[],
): OwnerRow[] {
  const { owners, ops } = model.document;
  const members = owners.map((): number[] => []);
  ops.owner.forEach((owner, op) => {
    members[owner]?.push(op);
  });
  const wholes = model.convention(convention).wholes;
  const ofScope = new Map(owners.flatMap(({ scopes }, index) => scopes.map((at) => [at, index])));
  return owners.map(({ params }, owner) => {
    const inside = members[owner] ?? [];
    const own = wholes.filter(({ scope }) => ofScope.get(scope) === owner);
    const amounts = quantities.map((quantity) =>
      quantity.id === "params"
        ? params
        : together(quantity, [...inside.map(quantity.ofOp), ...own.map(quantity.ofWhole)]),
    );
    return { owner, ops: inside.length, amounts };
  });
}

/** What parts have together: their sum, or the most that one has. */
function together({ adds }: Quantity, amounts: readonly (Amount | null)[]): Amount | null {
  const known = amounts.filter((amount) => amount !== null);
  if (known.length === 0) return null;
  if (adds) return sumOf(known);
  return known.reduce((most, each) => (toNumber(each) > toNumber(most) ? each : most));
}
