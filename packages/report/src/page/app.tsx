import { visible } from "@opcounter/ir/core";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Detail } from "./detail.tsx";
import { exactly, shortly } from "./format.ts";
import { Picker, SHOWING } from "./picker.tsx";
import { useStore, VIEWS, type View } from "./store.ts";
import { TabList } from "./tab-list.tsx";
import { Themes } from "./themes.tsx";
import { Advice } from "./views/advice.tsx";
import { FlameGraph } from "./views/flame-graph.tsx";
import { GraphView } from "./views/graph.tsx";
import { Layers } from "./views/layers.tsx";
import { MemoryChart } from "./views/memory.tsx";
import { Notes } from "./views/notes.tsx";
import { OpTable } from "./views/op-table.tsx";
import { RooflinePlot } from "./views/roofline.tsx";
import { Time } from "./views/time.tsx";
import { Treemap } from "./views/treemap.tsx";

const COMPONENTS: Readonly<Record<View, ComponentType>> = {
  map: Treemap,
  flame: FlameGraph,
  ops: OpTable,
  layers: Layers,
  graph: GraphView,
  memory: MemoryChart,
  roofline: RooflinePlot,
  time: Time,
  advice: Advice,
  notes: Notes,
};

export function App() {
  const store = useStore();
  const Shown = COMPONENTS[store.view.value];
  const isOpen = store.selection.value !== null;
  const app = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const close = ({ key }: KeyboardEvent) => {
      if (key === "Escape") store.close();
    };
    // Another window's script may have mounted the report, as the overlay does in a tab.
    const page = app.current?.ownerDocument.defaultView;
    page?.addEventListener("keydown", close);
    return () => page?.removeEventListener("keydown", close);
  }, [store]);
  return (
    <div ref={app} class="app" data-theme={store.theme.value}>
      <Header />
      <Tiles />
      <Tabs />
      <div class={isOpen ? "main open" : "main"}>
        <section
          class="view"
          id="view"
          role="tabpanel"
          tabIndex={-1}
          aria-label={VIEWS[store.view.value]}
          data-view={store.view.value}
        >
          <Shown />
        </section>
        {isOpen && <Detail />}
      </div>
    </div>
  );
}

function Header() {
  const { model, convention, theme } = useStore();
  const { document } = model;
  const inputs = document.inputs.map(({ name, type }) => `${visible(name)} ${type}`).join(", ");
  return (
    <header class="header">
      <div class="title">
        <p class="brand">opcounter</p>
        <h1>{visible(document.model) || "(no name)"}</h1>
        <p class="facts">
          {inputs && <span class="mono">{inputs}</span>}
          <span>{document.device === "virtual" ? "virtual device" : visible(document.device)}</span>
          {document.passes !== null && <span>after {document.passes}</span>}
        </p>
      </div>
      <div class="settings">
        <label class="field">
          <span>Convention</span>
          <select
            name="convention"
            value={String(convention.value)}
            onChange={({ currentTarget }) => {
              convention.value = Number(currentTarget.value);
            }}
          >
            {document.conventions.map(({ name }, index) => (
              <option key={name} value={String(index)}>
                {visible(name)}
              </option>
            ))}
          </select>
        </label>
        <Themes theme={theme} />
      </div>
    </header>
  );
}

/** The totals. A press on one makes it the quantity that views show. */
function Tiles() {
  const store = useStore();
  const shown = store.quantities.value;
  /** In the view that is open, where it can show a quantity; else in the treemap. */
  const show = (id: string) => {
    store.quantityId.value = id;
    if (store.view.value === "ops") store.sort.value = { by: id, descending: true };
    else if (!SHOWING.has(store.view.value)) store.view.value = "map";
  };
  return (
    <ul class="tiles" aria-label="Totals">
      {shown.map(({ id, title, unit, total, description }) => (
        <li key={id}>
          <button
            type="button"
            class="tile"
            data-quantity={id}
            data-total={total ?? undefined}
            disabled={total === null}
            aria-pressed={store.quantity.value.id === id}
            title={`${exactly(total, unit)} – ${description}`}
            onClick={() => show(id)}
          >
            <span class="tile-title">{visible(title)}</span>
            <span class="tile-value">{shortly(total, unit)}</span>
          </button>
        </li>
      ))}
      <li>
        <div class="tile" title="Kernels that ran, in order of execution">
          <span class="tile-title">Ops</span>
          <span class="tile-value">{shortly(store.model.opCount, "count")}</span>
        </div>
      </li>
    </ul>
  );
}

/** The views that have something to show, and those whose empty state says how to get it. */
function useViews(): readonly View[] {
  const { document } = useStore().model;
  const isTimed = document.times !== null || document.account !== null;
  return Object.keys(VIEWS).filter((view): view is View => view !== "time" || isTimed);
}

function Tabs() {
  const store = useStore();
  const { advice } = store.model.document;
  const { warnings } = store.counts.value;
  const counts: Partial<Record<View, number>> = { advice: advice.length, notes: warnings.length };
  return (
    <nav class="bar" aria-label="Views">
      <TabList views={useViews()} titles={VIEWS} shown={store.view} counts={counts} />
      <Picker />
    </nav>
  );
}
