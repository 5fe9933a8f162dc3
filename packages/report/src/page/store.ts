import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ConventionCounts } from "../document/document.ts";
import { type Quantity, quantitiesOf } from "./model/quantities.ts";
import type { ReportModel } from "./model/report-model.ts";
import { Tree } from "./model/tree.ts";
import type { Theme } from "./themes.tsx";

export const VIEWS = {
  map: "Treemap",
  flame: "Flame graph",
  ops: "Ops",
  layers: "Layers",
  graph: "Graph",
  memory: "Memory",
  roofline: "Roofline",
  time: "Time",
  advice: "Advice",
  notes: "Notes",
} as const;
export type View = keyof typeof VIEWS;

/** What is looked at in detail. */
export interface Selection {
  readonly kind: "op" | "scope";
  readonly index: number;
}

/** How the ops are ordered: by a quantity's id, or by `order`, `kernel`, `scope` or `result`. */
export interface Sort {
  readonly by: string;
  readonly descending: boolean;
}

/** What the page shows of its document, and the actions that change it. */
export class Store {
  readonly model: ReportModel;
  readonly view: Signal<View>;
  readonly convention = signal(0);
  readonly quantityId: Signal<string>;
  readonly selection = signal<Selection | null>(null);
  /** The scope that the treemap and the flame graph begin at, and that the ops are of. */
  readonly focus = signal(0);
  readonly search = signal("");
  readonly sort = signal<Sort>({ by: "order", descending: false });
  readonly theme = signal<Theme>("auto");
  /** The scopes and runs of ops that the graph shows unfolded, by their ids there. */
  readonly unfolded = signal<ReadonlySet<string>>(new Set());

  readonly counts: ReadonlySignal<ConventionCounts>;
  readonly quantities: ReadonlySignal<readonly Quantity[]>;
  /** The quantity that is chosen, or the first where the convention lacks it. */
  readonly quantity: ReadonlySignal<Quantity>;
  readonly tree: ReadonlySignal<Tree>;
  readonly #trees = new WeakMap<Quantity, Tree>();

  constructor(model: ReportModel) {
    this.model = model;
    this.view = signal("map");
    this.quantityId = signal(firstQuantity(model));
    this.counts = computed(() => model.convention(this.convention.value));
    this.quantities = computed(() => quantitiesOf(model, this.counts.value));
    this.quantity = computed(() => {
      const [first, ...others] = this.quantities.value;
      if (first === undefined) throw new RangeError("a document has quantities");
      const isChosen = ({ id, total }: Quantity) => id === this.quantityId.value && total !== null;
      return others.find(isChosen) ?? first;
    });
    this.tree = computed(() => this.treeOf(this.quantity.value));
  }

  /** The tree of one of the `quantities`, made when it is first asked for. */
  treeOf(quantity: Quantity): Tree {
    const known = this.#trees.get(quantity);
    if (known !== undefined) return known;
    const made = new Tree(this.model, quantity, this.convention.value);
    this.#trees.set(quantity, made);
    return made;
  }

  readonly selectOp = (op: number): void => {
    this.selection.value = { kind: "op", index: op };
  };

  readonly selectScope = (scope: number): void => {
    this.selection.value = { kind: "scope", index: scope };
  };

  /** Shows a scope from within, in the view that is open. */
  readonly enter = (scope: number): void => {
    this.focus.value = scope;
    this.selection.value = scope === 0 ? null : { kind: "scope", index: scope };
  };

  readonly close = (): void => {
    this.selection.value = null;
  };
}

/** MACs, where the model has any; else FLOPs. */
function firstQuantity(model: ReportModel): string {
  return Number(model.convention(0).macs.total ?? 0) > 0 ? "macs" : "flops";
}

const Context = createContext<Store | undefined>(undefined);
export const StoreProvider = Context.Provider;

export function useStore(): Store {
  const store = useContext(Context);
  if (store === undefined) throw new Error("a component of the page is outside its store");
  return store;
}
