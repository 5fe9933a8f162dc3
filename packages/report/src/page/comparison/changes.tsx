import { visible } from "@opcounter/ir/core";
import type { Deltas } from "../../document/comparison-document.ts";
import { exactChange, shortChange, toNumber } from "../format.ts";
import { CHANGES, type ChangeKind, useComparison } from "./comparison-store.ts";

const MARKS = { added: "+", removed: "−", changed: "~" } as const;

/** What happened to something: a mark to look at, and a word to hear. */
export function Mark({ change }: { readonly change: ChangeKind }) {
  return (
    <span class="mark" data-change={change} title={change}>
      <span aria-hidden="true">{MARKS[change]}</span>
      <span class="hidden">{change}</span>
    </span>
  );
}

interface FilterProps {
  /** What words are looked for in. */
  readonly placeholder: string;
  /** How many there are of each kind. */
  readonly counts: Readonly<Record<ChangeKind, number>>;
}

/** What leaves rows out: words, and kinds of change. */
export function Filter({ placeholder, counts }: FilterProps) {
  const { search, only } = useComparison();
  return (
    <div class="caption">
      <label class="field grow">
        <span class="hidden">Search</span>
        <input
          type="search"
          placeholder={placeholder}
          value={search.value}
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value;
          }}
        />
      </label>
      <fieldset class="themes">
        <legend class="hidden">Changes</legend>
        {[null, ...CHANGES].map((change) => (
          <button
            key={change ?? "all"}
            type="button"
            data-only={change ?? "all"}
            aria-pressed={only.value === change}
            onClick={() => {
              only.value = change;
            }}
          >
            {change === null ? "all" : `${counts[change].toLocaleString("en")} ${change}`}
          </button>
        ))}
      </fieldset>
    </div>
  );
}

/** How many there are of each kind of change. */
export function countChanges(
  all: Iterable<{ readonly change: ChangeKind; readonly count: number }>,
): Record<ChangeKind, number> {
  const counts = { added: 0, removed: 0, changed: 0 };
  for (const { change, count } of all) counts[change] += count;
  return counts;
}

/** The headings of the quantities' columns. */
export function DeltaHeadings() {
  const { document, quantity } = useComparison();
  return (
    <>
      {document.quantities.map(({ id, title }) => (
        <th key={id} scope="col" class={id === quantity.value.id ? "number shown" : "number"}>
          {visible(title)}
        </th>
      ))}
    </>
  );
}

/** How much more of each quantity b has; the one that is chosen with a bar. */
export function DeltaCells({ deltas, most }: { readonly deltas: Deltas; readonly most: number }) {
  const { document, quantity } = useComparison();
  return (
    <>
      {document.quantities.map(({ id, unit }, place) => {
        const delta = deltas[place] ?? null;
        const isShown = id === quantity.value.id;
        const text = delta === null || Number(delta) === 0 ? "" : shortChange(delta, unit);
        return (
          <td
            key={id}
            class={isShown ? "number shown" : "number"}
            title={exactChange(delta, unit)}
            data-delta={delta ?? undefined}
          >
            {text}
            {isShown && <Bar share={most === 0 ? 0 : toNumber(delta) / most} />}
          </td>
        );
      })}
    </>
  );
}

/** To the right for more, to the left for less; `share` is from −1 to 1. */
function Bar({ share }: { readonly share: number }) {
  const length = `${(50 * Math.abs(share)).toFixed(2)}%`;
  return (
    <span class="delta-bar" aria-hidden="true">
      <span
        data-change={share < 0 ? "less" : "more"}
        style={share < 0 ? { right: "50%", width: length } : { left: "50%", width: length }}
      />
    </span>
  );
}

/** The largest change of the chosen quantity: a bar of full length. */
export function mostOf(rows: Iterable<{ readonly deltas: Deltas }>, place: number): number {
  let most = 0;
  for (const { deltas } of rows) most = Math.max(most, Math.abs(toNumber(deltas[place] ?? null)));
  return most;
}
