import { counted, savedTogether, savingsInWords, visible } from "@opcounter/ir/core";
import type { AdviceEntry, FindingEntry } from "../../document/document.ts";
import { OpLink } from "../detail.tsx";
import { useStore } from "../store.ts";
import { Empty } from "./empty.tsx";

/** The places of one remedy that are shown at first, and the ops that are linked of one place. */
const [PLACES, LINKS] = [5, 8];

/** What can be changed, with the places where, what saves the most first; then what cannot. */
export function Advice() {
  const { advice, findings } = useStore().model.document;
  if (advice.length === 0 && findings.length === 0) {
    return <Empty>Nothing to advise: no pattern that costs more than it must was found.</Empty>;
  }
  const byRemedy = new Map<string, AdviceEntry[]>();
  for (const entry of advice) {
    const places = byRemedy.get(entry.remedy);
    if (places === undefined) byRemedy.set(entry.remedy, [entry]);
    else places.push(entry);
  }
  return (
    <>
      {byRemedy.size > 0 && (
        <ol class="advice">
          {[...byRemedy].map(([remedy, places]) => (
            <li key={remedy}>
              <p class="advice-remedy">{visible(remedy)}</p>
              <Savings places={places} />
              <Places places={places} />
            </li>
          ))}
        </ol>
      )}
      {findings.length > 0 && (
        <>
          <p class="advice-remedy">Found, but without a remedy</p>
          <Places places={findings} />
        </>
      )}
    </>
  );
}

/** What all places save together. */
function Savings({ places }: { readonly places: readonly AdviceEntry[] }) {
  return (
    <p class="facts">
      <span>{counted(places.length, "place")}</span>
      <span>{savingsInWords(savedTogether(places))}</span>
    </p>
  );
}

function Places({ places }: { readonly places: readonly FindingEntry[] }) {
  const more = places.slice(PLACES);
  return (
    <div class="places">
      <ul>
        {places.slice(0, PLACES).map((place, index) => (
          <Place key={String(index)} place={place} />
        ))}
      </ul>
      {more.length > 0 && (
        <details>
          <summary>{counted(more.length, "more place")}</summary>
          <ul>
            {more.map((place, index) => (
              <Place key={String(index)} place={place} />
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Place({ place: { rule, finding, ops } }: { place: FindingEntry }) {
  return (
    <li data-rule={rule}>
      {ops.slice(0, LINKS).map((op) => (
        <OpLink key={op} op={op} />
      ))}
      {ops.length > LINKS && <span class="dim">and {ops.length - LINKS} more</span>}
      <span>{visible(finding)}</span>
    </li>
  );
}
