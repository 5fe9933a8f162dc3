import { counted, visible } from "@opcounter/ir/core";
import type { AdviceEntry, Savings } from "../../document/document.ts";
import { OpLink } from "../detail.tsx";
import { milliseconds, shortly } from "../format.ts";
import { useStore } from "../store.ts";
import { Empty } from "./empty.tsx";

/** The places of one remedy that are shown at first, and the ops that are linked of one place. */
const [PLACES, LINKS] = [5, 8];

/** What could be changed, with the places where, what saves the most first; then what has no remedy. */
export function Advice() {
  const { advice } = useStore().model.document;
  if (advice.length === 0) {
    return <Empty>Nothing to advise: no pattern that costs more than it must was found.</Empty>;
  }
  const byRemedy = new Map<string | null, AdviceEntry[]>();
  for (const entry of advice) {
    const places = byRemedy.get(entry.remedy);
    if (places === undefined) byRemedy.set(entry.remedy, [entry]);
    else places.push(entry);
  }
  return (
    <ol class="advice">
      {[...byRemedy].map(([remedy, places]) => (
        <li key={remedy}>
          <p class="advice-remedy">
            {remedy === null ? "Found, but without a remedy" : visible(remedy)}
          </p>
          <Saved places={places} />
          <Places places={places} />
        </li>
      ))}
    </ol>
  );
}

interface PlacesProps {
  readonly places: readonly AdviceEntry[];
}

/** Each saving with its words, the most telling first. */
const SAVINGS: readonly (readonly [keyof Savings, (amount: number) => string])[] = [
  ["milliseconds", (amount) => `about ${milliseconds(amount)}`],
  ["hostOps", (amount) => counted(amount, "kernel on the host", "kernels on the host")],
  ["waits", (amount) => counted(amount, "wait for the GPU", "waits for the GPU")],
  ["bytesUploaded", (amount) => `${shortly(amount, "bytes")} uploaded`],
  ["dispatches", (amount) => counted(amount, "dispatch", "dispatches")],
  ["ops", (amount) => counted(amount, "op")],
  ["bytesRead", (amount) => `${shortly(amount, "bytes")} read`],
  ["bytesWritten", (amount) => `${shortly(amount, "bytes")} written`],
];

/** What all places save together, and what they cost more. */
function Saved({ places }: PlacesProps) {
  const sum = (of: keyof Savings) =>
    places.reduce((total, { saves }) => total + (saves?.[of] ?? 0), 0);
  return (
    <p class="facts">
      <span>{counted(places.length, "place")}</span>
      {SAVINGS.map(([name, words]) => {
        const amount = sum(name);
        if (amount === 0) return null;
        const text = words(Math.abs(amount));
        return <span key={name}>{amount > 0 ? `saves ${text}` : `costs ${text} more`}</span>;
      })}
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
