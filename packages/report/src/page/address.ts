import { effect } from "@preact/signals";
import type { ReportModel } from "./model/report-model.ts";
import { type Store, VIEWS, type View } from "./store.ts";

/**
 * Keeps the page's address and its state alike: `#op=42`, `#view=ops&scope=features/conv1`. What is
 * as at first is left out. Returns what ends it.
 */
export function linkAddress(store: Store): () => void {
  const initial = { view: store.view.value, quantity: store.quantityId.value };
  return keepAddress(
    () => written(store, initial),
    (parts) => apply(store, parts, initial),
  );
}

/**
 * Keeps the page's address equal to what `write` makes of signals, and has `read` take over an
 * address that a person gives. Returns what ends it.
 */
export function keepAddress(
  write: () => URLSearchParams,
  read: (parts: URLSearchParams) => void,
): () => void {
  const readHash = () => read(new URLSearchParams(location.hash.slice(1)));
  if (location.hash.length > 1) readHash();
  addEventListener("hashchange", readHash);
  const stop = effect(() => {
    const hash = write().toString().replaceAll("%2F", "/").replaceAll("%40", "@");
    // Replaced, and not pushed: going back leaves the report, as a person expects.
    if (hash !== location.hash.slice(1)) history.replaceState(null, "", `#${hash}`);
  });
  return () => {
    removeEventListener("hashchange", readHash);
    stop();
  };
}

/** What the page shows at first. */
interface Initial {
  readonly view: View;
  readonly quantity: string;
}

function written(store: Store, initial: Initial): URLSearchParams {
  const parts = new URLSearchParams();
  if (store.view.value !== initial.view) parts.set("view", store.view.value);
  if (store.quantityId.value !== initial.quantity) parts.set("quantity", store.quantityId.value);
  if (store.convention.value !== 0) parts.set("convention", store.counts.value.name);
  if (store.focus.value !== 0) parts.set("scope", addressOf(store.model, store.focus.value));
  const selection = store.selection.value;
  if (selection?.kind === "op") parts.set("op", String(selection.index));
  return parts;
}

function apply(store: Store, parts: URLSearchParams, initial: Initial): void {
  const { model } = store;
  const view = parts.get("view") ?? "";
  store.view.value = isView(view) ? view : initial.view;
  store.quantityId.value = parts.get("quantity") ?? initial.quantity;
  const convention = parts.get("convention");
  const found = model.document.conventions.findIndex(({ name }) => name === convention);
  store.convention.value = Math.max(0, found);
  store.enter(scopeAt(model, parts.get("scope")));
  const op = Number(parts.get("op") ?? Number.NaN);
  if (Number.isInteger(op) && op >= 0 && op < model.opCount) store.selectOp(op);
}

function isView(name: string): name is View {
  return Object.hasOwn(VIEWS, name);
}

/** A scope's names, each encoded, so that a `/` in one is not taken for the next scope. */
function addressOf(model: ReportModel, scope: number): string {
  return model
    .scopesAround(scope)
    .slice(1)
    .map((at) => encodeURIComponent(model.scopeName(at)))
    .join("/");
}

/** The scope of an address; the root where there is none. */
function scopeAt(model: ReportModel, address: string | null): number {
  let scope = 0;
  for (const part of address?.split("/") ?? []) {
    const inside: number | undefined = model.childScopes[scope]?.find(
      (child) => encodeURIComponent(model.scopeName(child)) === part,
    );
    if (inside === undefined) return 0;
    scope = inside;
  }
  return scope;
}
