import { visible } from "@opcounter/ir/core";
import { useMemo, useState } from "preact/hooks";
import { exactly, shortly, sumOf, toNumber } from "../format.ts";
import { type OwnerRow, ownerRows } from "../model/owner-rows.ts";
import type { Quantity } from "../model/quantities.ts";
import { More } from "../more.tsx";
import { useStore } from "../store.ts";
import { Empty } from "./empty.tsx";

/** How many rows are drawn at first, and with each press for more. */
const ROWS = 300;

/** Layers and nodes, each with all its calls, wherever they are. */
export function Layers() {
  const store = useStore();
  const { model } = store;
  const convention = store.convention.value;
  const quantities = store.quantities.value.filter(({ total }) => total !== null);
  const [isSorted, setSorted] = useState(false);
  const [most, setMost] = useState(ROWS);
  const rows = useMemo(
    () => ownerRows(model, convention, quantities),
    [model, convention, store.quantities.value],
  );
  const chosen = quantities.findIndex(({ id }) => id === store.quantity.value.id);
  const amountOf = ({ amounts }: OwnerRow) => toNumber(amounts[chosen] ?? null);
  const sorted = isSorted ? rows.toSorted((a, b) => amountOf(b) - amountOf(a)) : rows;
  if (rows.length === 0) return <Empty>No layer or node is known.</Empty>;
  const heading = ({ id, title }: Quantity) => (
    <th
      key={id}
      scope="col"
      class={classOf(id, store.quantity.value)}
      aria-sort={isSorted && id === store.quantity.value.id ? "descending" : "none"}
    >
      <button
        type="button"
        class="sort"
        onClick={() => {
          store.quantityId.value = id;
          setSorted(true);
        }}
      >
        {visible(title)}
      </button>
    </th>
  );
  return (
    <>
      <p class="hint">
        Each weight is of the layer that lists it first, each op of the innermost layer around it.
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Layers">
        <table class="list columns" data-owners={rows.length}>
          <thead>
            <tr>
              <th scope="col" aria-sort={isSorted ? "none" : "ascending"}>
                <button type="button" class="sort" onClick={() => setSorted(false)}>
                  Layer
                </button>
              </th>
              <th scope="col" class="number">
                Ops
              </th>
              {quantities.map(heading)}
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, most).map((row) => (
              <Row key={row.owner} row={row} quantities={quantities} />
            ))}
          </tbody>
          <Sums rows={rows} quantities={quantities} />
        </table>
      </div>
      <More count={rows.length - most} show={() => setMost(most + ROWS)} />
    </>
  );
}

function classOf(id: string, shown: Quantity): string {
  return id === shown.id ? "number shown" : "number";
}

interface RowProps {
  readonly row: OwnerRow;
  readonly quantities: readonly Quantity[];
}

function Row({ row, quantities }: RowProps) {
  const store = useStore();
  const { model } = store;
  const owner = model.document.owners[row.owner];
  if (owner === undefined) return null;
  const { scope, className, calls, sharedParams } = owner;
  return (
    <tr data-owner={row.owner}>
      <th scope="row">
        {scope === 0 ? (
          <span class="dim">of no layer</span>
        ) : (
          <button type="button" class="link" onClick={() => store.selectScope(scope)}>
            {model.scopePath(scope)}
          </button>
        )}
        {className !== null && <span class="tag">{visible(className)}</span>}
        {calls > 1 && <span class="dim"> {calls.toLocaleString("en")} calls</span>}
        {toNumber(sharedParams) > 0 && (
          <span class="dim"> shares {shortly(sharedParams, "count")} parameters of others</span>
        )}
      </th>
      <td class="number">{row.ops.toLocaleString("en")}</td>
      {quantities.map(({ id, unit }, place) => {
        const amount = row.amounts[place] ?? null;
        return (
          <td
            key={id}
            class={classOf(id, store.quantity.value)}
            title={exactly(amount, unit)}
            data-amount={amount ?? undefined}
          >
            {toNumber(amount) === 0 ? "" : shortly(amount, unit)}
          </td>
        );
      })}
    </tr>
  );
}

/** What all rows have together: the total, but for what no op uses. */
function Sums({
  rows,
  quantities,
}: {
  rows: readonly OwnerRow[];
  quantities: RowProps["quantities"];
}) {
  const store = useStore();
  return (
    <tfoot>
      <tr>
        <th scope="row">Sum</th>
        <td class="number">{rows.reduce((sum, { ops }) => sum + ops, 0).toLocaleString("en")}</td>
        {quantities.map(({ id, unit, adds }, place) => {
          const sum = adds ? sumOf(rows.map(({ amounts }) => amounts[place] ?? 0)) : null;
          return (
            <td
              key={id}
              class={classOf(id, store.quantity.value)}
              title={sum === null ? "parts do not add up" : exactly(sum, unit)}
              data-owner-sum={id}
              data-value={sum ?? undefined}
            >
              {sum === null ? "" : shortly(sum, unit)}
            </td>
          );
        })}
      </tr>
    </tfoot>
  );
}
