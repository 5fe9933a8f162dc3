import { visible } from "@opcounter/ir/core";
import { useState } from "preact/hooks";
import type { ChangedScope } from "../../document/comparison-document.ts";
import { More } from "../more.tsx";
import { Empty } from "../views/empty.tsx";
import { countChanges, DeltaCells, DeltaHeadings, Filter, Mark, mostOf } from "./changes.tsx";
import { useComparison } from "./comparison-store.ts";

/** How many rows are drawn at first, and with each press for more. */
const ROWS = 300;

/** The scopes that are not equal, as a tree that folds. */
export function ScopeChanges() {
  const store = useComparison();
  const { scopes } = store.document;
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(() => firstUnfolded(scopes));
  const [most, setMost] = useState(ROWS);
  const counts = countChanges(scopes.map(({ change }) => ({ change, count: 1 })));
  if (scopes.length === 0) return <Empty>No scope differs.</Empty>;
  const isFiltered = store.search.value !== "" || store.only.value !== null;
  const rows = scopes
    .map((scope, index) => ({ ...scope, index }))
    .filter(({ change, a, b, parent }) =>
      // What is looked for is shown wherever it is.
      isFiltered ? store.isShown(change, a, b) : isUnfolded(scopes, unfolded, parent),
    );
  const parents = new Set(scopes.map(({ parent }) => parent));
  const toggle = (index: number) => {
    const next = new Set(unfolded);
    if (!next.delete(index)) next.add(index);
    setUnfolded(next);
  };
  const largest = mostOf(rows, store.quantity.value.place);
  return (
    <>
      <Filter placeholder="Search scopes" counts={counts} />
      <div class="scroll" tabIndex={0} role="region" aria-label="Scopes">
        <table class="list columns">
          <thead>
            <tr>
              <th scope="col">scope</th>
              <DeltaHeadings />
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map(({ index, ...scope }) => (
              <tr key={index} data-scope={scope.b ?? scope.a}>
                <th scope="row" style={{ paddingLeft: `${18 * depthOf(scopes, index)}px` }}>
                  <Mark change={scope.change} />
                  {!isFiltered && (
                    <span class="fold-place">
                      {parents.has(index) && (
                        <Fold
                          name={nameOf(scope)}
                          isUnfolded={unfolded.has(index)}
                          toggle={() => toggle(index)}
                        />
                      )}
                    </span>
                  )}
                  <span>{visible(isFiltered ? nameOf(scope) : shortName(scopes, scope))}</span>
                </th>
                <DeltaCells deltas={scope.deltas} most={largest} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <Empty>No scope has all of these words.</Empty>}
      <More count={rows.length - most} show={() => setMost(most + ROWS)} />
    </>
  );
}

interface FoldProps {
  readonly name: string;
  readonly isUnfolded: boolean;
  readonly toggle: () => void;
}

function Fold({ name, isUnfolded, toggle }: FoldProps) {
  return (
    <button
      type="button"
      class="fold"
      aria-expanded={isUnfolded}
      aria-label={`What is inside ${visible(name)}`}
      onClick={toggle}
    />
  );
}

/** At first the outermost scopes that changed are open. */
function firstUnfolded(scopes: readonly ChangedScope[]): Set<number> {
  return new Set(
    scopes.flatMap(({ change, parent }, index) =>
      change === "changed" && parent === -1 ? [index] : [],
    ),
  );
}

/** Whether a scope and all that are around it are unfolded. */
function isUnfolded(
  scopes: readonly ChangedScope[],
  unfolded: ReadonlySet<number>,
  scope: number,
): boolean {
  for (let at = scope; at !== -1; at = scopes[at]?.parent ?? -1) {
    if (!unfolded.has(at)) return false;
  }
  return true;
}

function depthOf(scopes: readonly ChangedScope[], scope: number): number {
  let depth = 0;
  for (let at = scopes[scope]?.parent ?? -1; at !== -1; at = scopes[at]?.parent ?? -1) depth++;
  return depth;
}

/** Its path, or both of them where it was renamed. */
function nameOf({ a, b }: ChangedScope): string {
  return a === null || b === null || a === b ? (b ?? a ?? "") : `${a} → ${b}`;
}

/** The same without what the scope around it has already. */
function shortName(scopes: readonly ChangedScope[], scope: ChangedScope): string {
  const around = scopes[scope.parent];
  const inside = (path: string | null, outer: string | null | undefined) =>
    path !== null && outer != null && path.startsWith(`${outer}/`)
      ? path.slice(outer.length + 1)
      : path;
  return nameOf({ ...scope, a: inside(scope.a, around?.a), b: inside(scope.b, around?.b) });
}
