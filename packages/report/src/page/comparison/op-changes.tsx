import { visible } from "@opcounter/ir/core";
import { useState } from "preact/hooks";
import type { ChangedKind, Deltas } from "../../document/comparison-document.ts";
import { sumOf } from "../format.ts";
import { More } from "../more.tsx";
import { Empty } from "../views/empty.tsx";
import { countChanges, DeltaCells, DeltaHeadings, Filter, Mark, mostOf } from "./changes.tsx";
import { useComparison } from "./comparison-store.ts";

/** How many ops of one kind are drawn at first, and with each press for more. */
const OPS = 100;

/** The ops that are not equal, by how they differ; a kind opens to list its ops. */
export function OpChanges() {
  const store = useComparison();
  const { kinds, quantities } = store.document;
  const [open, setOpen] = useState<ReadonlySet<ChangedKind>>(new Set());
  if (kinds.length === 0) return <Empty>No op differs.</Empty>;
  const counts = countChanges(kinds.map(({ change, ops }) => ({ change, count: ops.length })));
  const rows = kinds.flatMap((kind) => {
    const { change, kernel } = kind;
    const ops = kind.ops.filter(({ scope, why }) => store.isShown(change, kernel, scope, why));
    if (ops.length === 0) return [];
    return { kind, ops, deltas: quantities.map((_, place) => together(ops, place)) };
  });
  const most = mostOf(rows, store.quantity.value.place);
  const toggle = (kind: ChangedKind) => {
    const next = new Set(open);
    if (!next.delete(kind)) next.add(kind);
    setOpen(next);
  };
  return (
    <>
      <Filter placeholder="Search kernels, scopes, shapes" counts={counts} />
      <div class="scroll" tabIndex={0} role="region" aria-label="Ops">
        <table class="list columns">
          <thead>
            <tr>
              <th scope="col">ops</th>
              <DeltaHeadings />
            </tr>
          </thead>
          {rows.map(({ kind, ops, deltas }) => (
            <tbody key={`${kind.change} ${kind.kernel} ${kind.why}`}>
              <tr data-kind={`${kind.change} ${kind.kernel}`}>
                <th scope="row">
                  <Mark change={kind.change} />
                  <button
                    type="button"
                    class="link"
                    aria-expanded={open.has(kind)}
                    onClick={() => toggle(kind)}
                  >
                    {ops.length.toLocaleString("en")} {visible(kind.kernel)}
                  </button>
                  {kind.why !== "" && <p class="why">{visible(kind.why)}</p>}
                </th>
                <DeltaCells deltas={deltas} most={most} />
              </tr>
              {open.has(kind) && <OpRows kind={{ ...kind, ops }} most={most} />}
            </tbody>
          ))}
        </table>
      </div>
      {rows.length === 0 && <Empty>No op has all of these words.</Empty>}
    </>
  );
}

function OpRows({ kind, most }: { readonly kind: ChangedKind; readonly most: number }) {
  const { quantities } = useComparison().document;
  const [shown, setShown] = useState(OPS);
  return (
    <>
      {kind.ops.slice(0, shown).map(({ id, scope, why, deltas }, index) => (
        <tr key={String(index)} class="inner" data-op={id}>
          <th scope="row">
            {id !== null && <span class="dim mono">%{id} </span>}
            <span>{visible(scope)}</span>
            {why !== "" && <p class="why">{visible(why)}</p>}
          </th>
          <DeltaCells deltas={deltas} most={most} />
        </tr>
      ))}
      {kind.ops.length > shown && (
        <tr class="inner">
          <td colSpan={quantities.length + 1}>
            <More count={kind.ops.length - shown} show={() => setShown(shown + OPS)} />
          </td>
        </tr>
      )}
    </>
  );
}

/** What ops have more together; null where that is not known of one. */
function together(ops: readonly { readonly deltas: Deltas }[], place: number) {
  const deltas = ops.map(({ deltas }) => deltas[place] ?? null);
  const known = deltas.filter((delta) => delta !== null);
  return known.length < deltas.length ? null : sumOf(known);
}
