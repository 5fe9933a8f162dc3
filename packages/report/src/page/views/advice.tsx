import { counted, visible } from "@opcounter/ir/core";
import type { AdviceEntry } from "../../document/document.ts";
import { OpLink } from "../detail.tsx";
import { shortly } from "../format.ts";
import { useStore } from "../store.ts";
import { Empty } from "./empty.tsx";

/** The places of one remedy that are shown at first, and the ops that are linked of one place. */
const [PLACES, LINKS] = [5, 8];

/** What could be changed, with the places where, what saves the most first. */
export function Advice() {
  const { advice } = useStore().model.document;
  if (advice.length === 0) {
    return <Empty>Nothing to advise: no pattern that costs more than it must was found.</Empty>;
  }
  const byRemedy = new Map<string, AdviceEntry[]>();
  for (const entry of advice) {
    const places = byRemedy.get(entry.remedy);
    if (places === undefined) byRemedy.set(entry.remedy, [entry]);
    else places.push(entry);
  }
  return (
    <ol class="advice">
      {[...byRemedy].map(([remedy, places]) => (
        <li key={remedy}>
          <p class="advice-remedy">{visible(remedy)}</p>
          <Savings places={places} />
          <Places places={places} />
        </li>
      ))}
    </ol>
  );
}

interface PlacesProps {
  readonly places: readonly AdviceEntry[];
}

/** What all places save together. */
function Savings({ places }: PlacesProps) {
  const sum = (of: keyof AdviceEntry["saves"]) =>
    places.reduce((total, { saves }) => total + saves[of], 0);
  const [bytes, dispatches, ops] = [sum("bytes"), sum("dispatches"), sum("ops")];
  return (
    <p class="facts">
      <span>{counted(places.length, "place")}</span>
      {bytes > 0 && <span>saves {shortly(bytes, "bytes")} of traffic</span>}
      {dispatches > 0 && <span>{counted(dispatches, "dispatch", "dispatches")} fewer</span>}
      {ops > 0 && <span>{counted(ops, "op")} fewer</span>}
    </p>
  );
}

function Places({ places }: PlacesProps) {
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

function Place({ place: { rule, finding, ops } }: { place: AdviceEntry }) {
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
