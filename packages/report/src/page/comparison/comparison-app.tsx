import { visible } from "@opcounter/ir/core";
import type { ComponentType } from "preact";
import type { TotalChange } from "../../document/comparison-document.ts";
import { exactly, percentMore, shortChange, shortly } from "../format.ts";
import { QuantityPicker } from "../picker.tsx";
import { TabList } from "../tab-list.tsx";
import { Themes } from "../themes.tsx";
import { Empty } from "../views/empty.tsx";
import { COMPARISON_VIEWS, type ComparisonView, useComparison } from "./comparison-store.ts";
import { OpChanges } from "./op-changes.tsx";
import { ScopeChanges } from "./scope-changes.tsx";
import { TotalChanges } from "./total-changes.tsx";

const COMPONENTS: Readonly<Record<ComparisonView, ComponentType>> = {
  scopes: ScopeChanges,
  ops: OpChanges,
  totals: TotalChanges,
};

export function ComparisonApp() {
  const { document, theme, view } = useComparison();
  const { kinds, scopes } = document;
  const ops = kinds.reduce((count, kind) => count + kind.ops.length, 0);
  const isEqual = ops === 0 && document.totals.every(({ a, b }) => a === b);
  const Shown = isEqual && view.value !== "totals" ? NothingDiffers : COMPONENTS[view.value];
  return (
    <div class="app" data-theme={theme.value}>
      <Header />
      <Tiles />
      <nav class="bar" aria-label="Views">
        <TabList
          views={["scopes", "ops", "totals"]}
          titles={COMPARISON_VIEWS}
          shown={view}
          counts={{ scopes: scopes.length, ops }}
        />
        <Picker />
      </nav>
      <div class="main">
        <section
          class="view"
          id="view"
          role="tabpanel"
          aria-label={COMPARISON_VIEWS[view.value]}
          data-view={view.value}
        >
          <Shown />
        </section>
      </div>
    </div>
  );
}

function NothingDiffers() {
  const { equal } = useComparison().document;
  return (
    <Empty>
      Nothing differs: {equal.ops.toLocaleString("en")} ops and {equal.scopes.toLocaleString("en")}{" "}
      scopes are equal, and so is every total.
    </Empty>
  );
}

function Header() {
  const { document, theme } = useComparison();
  const { a, b, equal } = document;
  const both = (name: string, before: string | null, after: string | null) =>
    before === after ? (
      before !== null && (
        <span>
          {name} {visible(before)}
        </span>
      )
    ) : (
      <span>
        {name} {visible(before ?? "none")} <Arrow /> {visible(after ?? "none")}
      </span>
    );
  return (
    <header class="header">
      <div class="title">
        <p class="brand">opcounter compare</p>
        <h1>
          {visible(a.model)}
          {a.model !== b.model && (
            <>
              {" "}
              <Arrow /> {visible(b.model)}
            </>
          )}
        </h1>
        <p class="facts">
          {both("convention", a.convention, b.convention)}
          {both("device", a.device, b.device)}
          {both("passes", a.passes, b.passes)}
          <span>
            {equal.ops.toLocaleString("en")} ops and {equal.scopes.toLocaleString("en")} scopes are
            equal
          </span>
        </p>
      </div>
      <div class="settings">
        <Themes theme={theme} />
      </div>
    </header>
  );
}

/** Drawn: not every font has it. */
function Arrow() {
  return (
    <svg class="becomes" viewBox="0 0 16 10" role="img" aria-label="to">
      <path d="M1 5h13M10 1l4 4-4 4" />
    </svg>
  );
}

/** The totals and their changes. A press on one that scopes have makes it the one that is shown. */
function Tiles() {
  const store = useComparison();
  const { totals, quantities } = store.document;
  const shown = totals.filter(({ a, b }) => Number(a ?? 0) !== 0 || Number(b ?? 0) !== 0);
  return (
    <ul class="tiles changes" aria-label="Totals">
      {shown.map((total) => (
        <li key={total.id}>
          {quantities.some(({ id }) => id === total.id) ? (
            <button
              type="button"
              class="tile"
              data-quantity={total.id}
              data-delta={total.delta ?? undefined}
              aria-pressed={store.quantity.value.id === total.id}
              title={inFull(total)}
              onClick={() => {
                store.quantityId.value = total.id;
                if (store.view.value === "totals") store.view.value = "scopes";
              }}
            >
              <TileContent total={total} />
            </button>
          ) : (
            <div class="tile" data-quantity={total.id} title={inFull(total)}>
              <TileContent total={total} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function inFull({ a, b, unit }: TotalChange): string {
  return `${exactly(a, unit)} → ${exactly(b, unit)}`;
}

function TileContent({ total }: { readonly total: TotalChange }) {
  const { title, unit, a, b, delta, percent } = total;
  const isEqual = a === b;
  return (
    <>
      <span class="tile-title">{visible(title)}</span>
      <span class="tile-value">{shortly(b, unit)}</span>
      <span class="tile-change" data-change={isEqual ? "none" : signOf(delta)}>
        {isEqual ? "equal" : `${shortChange(delta, unit)}  ${percentMore(percent)}`}
      </span>
    </>
  );
}

/** Whether b has more or less. */
function signOf(delta: TotalChange["delta"]): "more" | "less" | "none" {
  if (delta === null || Number(delta) === 0) return "none";
  return Number(delta) > 0 ? "more" : "less";
}

/** The choice of the quantity that is shown, which a narrow screen has only one of. */
function Picker() {
  const store = useComparison();
  if (store.view.value === "totals") return null;
  return (
    <QuantityPicker
      quantities={store.document.quantities}
      chosen={store.quantity.value.id}
      onPick={(id) => {
        store.quantityId.value = id;
      }}
    />
  );
}
