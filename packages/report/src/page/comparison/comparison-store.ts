import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type {
  ChangedScope,
  ComparedQuantity,
  ComparisonDocument,
} from "../../document/comparison-document.ts";
import { keepAddress } from "../address.ts";
import type { Theme } from "../themes.tsx";

export const COMPARISON_VIEWS = { scopes: "Scopes", ops: "Ops", totals: "Totals" } as const;
export type ComparisonView = keyof typeof COMPARISON_VIEWS;

/** What is not equal in two reports, and how. */
export type ChangeKind = ChangedScope["change"];
export const CHANGES: readonly ChangeKind[] = ["added", "removed", "changed"];

/** What the page shows of a comparison. */
export class ComparisonStore {
  readonly document: ComparisonDocument;
  readonly view: Signal<ComparisonView> = signal("scopes");
  readonly quantityId: Signal<string>;
  readonly search = signal("");
  /** The changes that are shown: all, or those of one kind. */
  readonly only = signal<ChangeKind | null>(null);
  readonly theme = signal<Theme>("auto");
  /** The quantity that is chosen, and its place among the `deltas`. */
  readonly quantity: ReadonlySignal<ComparedQuantity & { readonly place: number }>;

  constructor(document: ComparisonDocument) {
    this.document = document;
    this.quantityId = signal(firstQuantity(document));
    this.quantity = computed(() => {
      const { quantities } = document;
      const chosen = quantities.findIndex(({ id }) => id === this.quantityId.value);
      const place = Math.max(0, chosen);
      return { ...(quantities[place] ?? { id: "", title: "", unit: "count" }), place };
    });
  }

  /** Whether the choices of the page leave something in. */
  readonly isShown = (change: ChangeKind, ...texts: readonly (string | null)[]): boolean => {
    if (this.only.value !== null && this.only.value !== change) return false;
    const text = texts.join(" ").toLowerCase();
    const words = this.search.value.toLowerCase().split(/\s+/);
    return words.every((word) => text.includes(word));
  };

  /** Keeps the page's address equal to what is shown: `#view=ops&quantity=flops`. */
  linkAddress(): () => void {
    const first = this.quantityId.value;
    return keepAddress(
      () => {
        const parts = new URLSearchParams();
        if (this.view.value !== "scopes") parts.set("view", this.view.value);
        if (this.quantityId.value !== first) parts.set("quantity", this.quantityId.value);
        return parts;
      },
      (parts) => {
        const view = parts.get("view") ?? "";
        this.view.value = isView(view) ? view : "scopes";
        this.quantityId.value = parts.get("quantity") ?? first;
      },
    );
  }
}

function isView(name: string): name is ComparisonView {
  return Object.hasOwn(COMPARISON_VIEWS, name);
}

/** MACs, or else the first that changes; of parameters ops have no change. */
function firstQuantity({ totals, quantities }: ComparisonDocument): string {
  const changed = quantities.filter(({ id }) =>
    totals.some((total) => total.id === id && total.a !== total.b),
  );
  const first = changed.find(({ id }) => id !== "params") ?? changed[0] ?? quantities[0];
  return first?.id ?? "";
}

const Context = createContext<ComparisonStore | undefined>(undefined);
export const ComparisonProvider = Context.Provider;

export function useComparison(): ComparisonStore {
  const store = useContext(Context);
  if (store === undefined) throw new Error("a component of the page is outside its store");
  return store;
}
