import type { Signal } from "@preact/signals";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** The choice of colours: the system's, or light or dark. */
export function Themes({ theme }: { readonly theme: Signal<Theme> }) {
  return (
    <fieldset class="themes">
      <legend class="hidden">Colours</legend>
      {THEMES.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={theme.value === each}
          onClick={() => {
            theme.value = each;
          }}
        >
          {each}
        </button>
      ))}
    </fieldset>
  );
}
