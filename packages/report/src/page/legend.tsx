import type { Family } from "../document/document.ts";

export const FAMILY_TITLES: Readonly<Record<Family, string>> = {
  contraction: "Contractions",
  elementwise: "Elementwise",
  movement: "Data movement",
  dispatch: "Dispatches",
  other: "Reductions and others",
};

/** What the colours mean. */
export function Legend({ families }: { families: ReadonlySet<Family> }) {
  return (
    <ul class="legend" aria-label="Colours">
      {Object.entries(FAMILY_TITLES)
        .filter(([family]) => [...families].some((each) => each === family))
        .map(([family, title]) => (
          <li key={family}>
            <span class="swatch" data-family={family} aria-hidden="true" />
            {title}
          </li>
        ))}
    </ul>
  );
}
