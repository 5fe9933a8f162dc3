import { visible } from "@opcounter/ir/core";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { exactly, shortly, sumOf, toNumber } from "../format.ts";
import {
  amountOf,
  findRows,
  type OpTableRow,
  rowsOf,
  sortRows,
  textsOf,
} from "../model/op-rows.ts";
import type { Quantity } from "../model/quantities.ts";
import { ScopePath } from "../scope-path.tsx";
import { type Sort, type Store, useStore } from "../store.ts";

const ROW_HEIGHT = 44;
/** The columns' widths in pixels: those that every table has, and one of numbers. */
const [FIXED_WIDTH, NUMBER_WIDTH] = [470, 116];
/** Rows that are drawn beyond the edges, so that a quick scroll shows no gap. */
const BEYOND = 8;
/** Paper has no scroll bar: so many rows are printed. */
const PRINTED = 500;

/** Every op: sorted, searched, and drawn only where one looks, so that 30,000 stay fluid. */
export function OpTable() {
  const store = useStore();
  const { model } = store;
  const convention = store.convention.value;
  const focus = store.focus.value;
  const search = store.search.value;
  const sort = store.sort.value;
  const quantities = store.quantities.value.filter(({ total }) => total !== null);
  const all = useMemo(() => rowsOf(model, convention), [model, convention]);
  const found = useMemo(
    () => findRows(model, convention, all, { focus, search }),
    [model, convention, all, focus, search],
  );
  const rows = useMemo(
    () => sortRows(model, convention, found, sort, store.quantities.value),
    [model, convention, found, sort, store.quantities.value],
  );
  return (
    <>
      <div class="caption">
        {focus !== 0 && <ScopePath scope={focus} onPick={store.enter} />}
        <label class="field grow">
          <span class="hidden">Search</span>
          <input
            type="search"
            placeholder="Search kernels, scopes, shapes"
            value={search}
            onInput={({ currentTarget }) => {
              store.search.value = currentTarget.value;
            }}
          />
        </label>
        <SortPicker quantities={quantities} />
        <p class="sum" aria-live="polite">
          {rows.length === all.length
            ? `${all.length.toLocaleString("en")} rows`
            : `${rows.length.toLocaleString("en")} of ${all.length.toLocaleString("en")} rows`}
        </p>
      </div>
      <Rows rows={rows} quantities={quantities} />
    </>
  );
}

/** The next order when a column is pressed: the largest first, then the smallest. */
function pressed(sort: Sort, by: string, isNumber: boolean): Sort {
  if (sort.by !== by) return { by, descending: isNumber };
  return { by, descending: !sort.descending };
}

/** What marks the column that rows are sorted by, and the one that a narrow screen has room for. */
function markOf({ sort, quantity, quantities }: Store, id: string): string {
  const { by } = sort.value;
  const isQuantity = quantities.value.some((each) => each.id === by);
  const isShown = id === (isQuantity ? by : quantity.value.id);
  return `${id === by ? "sorted" : ""} ${isShown ? "shown" : ""}`;
}

/** On narrow screens, which have no room for every column's heading. */
function SortPicker({ quantities }: { quantities: readonly Quantity[] }) {
  const { sort } = useStore();
  return (
    <label class="field narrow-only">
      <span>Sort</span>
      <select
        name="sort"
        value={sort.value.by}
        onChange={({ currentTarget }) => {
          const by = currentTarget.value;
          sort.value = { by, descending: by !== "order" };
        }}
      >
        <option value="order">in order of execution</option>
        {quantities.map(({ id, title }) => (
          <option key={id} value={id}>
            {visible(title)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface RowsProps {
  readonly rows: readonly OpTableRow[];
  readonly quantities: readonly Quantity[];
}

function Rows({ rows, quantities }: RowsProps) {
  const store = useStore();
  const frame = useRef<HTMLDivElement>(null);
  const [first, last] = useVisibleRows(frame, rows.length);
  const shown = rows.slice(first, last);
  const scrollTo = (row: number) => {
    const { current } = frame;
    if (current === null) return;
    const top = row * ROW_HEIGHT;
    const bottom = top + 2.5 * ROW_HEIGHT;
    if (top < current.scrollTop) current.scrollTop = top;
    else if (bottom > current.scrollTop + current.clientHeight - ROW_HEIGHT) {
      current.scrollTop = bottom - current.clientHeight + ROW_HEIGHT;
    }
  };
  const selection = store.selection.value;
  // Of a layer that is counted as a whole the scope is shown, which other rows may have, too.
  const [pressedWhole, setPressedWhole] = useState(-1);
  const scopeOfWhole = (whole: number) =>
    store.model.convention(store.convention.value).wholes[whole]?.scope ?? 0;
  const select = ({ kind, index }: OpTableRow) => {
    setPressedWhole(kind === "whole" ? index : -1);
    if (kind === "op") store.selectOp(index);
    else store.selectScope(scopeOfWhole(index));
  };
  const isSelected = ({ kind, index }: OpTableRow) => {
    if (kind === "op") return selection?.kind === "op" && selection.index === index;
    const isShown = selection?.kind === "scope" && selection.index === scopeOfWhole(index);
    return isShown && pressedWhole === index;
  };
  useEffect(() => {
    const at = selection === null ? -1 : rows.findIndex(isSelected);
    if (at !== -1) scrollTo(at);
  }, [rows, selection]);
  /** Arrows go from op to op, as in a list. */
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const at = rows.findIndex(isSelected);
    const to = Math.min(rows.length - 1, Math.max(0, at === -1 ? 0 : at + by));
    const row = rows[to];
    if (row !== undefined) select(row);
    scrollTo(to);
  };
  return (
    <div
      class="table-frame"
      ref={frame}
      tabIndex={0}
      role="region"
      aria-label="Ops"
      onKeyDown={onKeyDown}
    >
      <table
        class="ops"
        aria-rowcount={rows.length}
        style={{ "--least": `${FIXED_WIDTH + NUMBER_WIDTH * quantities.length}px` }}
      >
        <Headings quantities={quantities} />
        <tbody>
          <tr style={{ height: `${first * ROW_HEIGHT}px` }} class="space" />
          {shown.map((row, index) => (
            <Row
              key={`${row.kind}${row.index}`}
              row={row}
              place={first + index}
              isSelected={isSelected(row)}
              select={select}
              quantities={quantities}
            />
          ))}
          <tr style={{ height: `${(rows.length - last) * ROW_HEIGHT}px` }} class="space" />
        </tbody>
        <Sums rows={rows} quantities={quantities} />
      </table>
      {rows.length === 0 && <p class="empty">No op has all of these words.</p>}
    </div>
  );
}

/** The rows that the scrolled element shows, and some beyond; on paper the first of all. */
function useVisibleRows(frame: { readonly current: HTMLDivElement | null }, count: number) {
  const [range, setRange] = useState({ top: 0, height: 800, prints: false });
  useEffect(() => {
    const { current } = frame;
    if (current === null) return;
    // On paper the element is as high as its rows, which must not draw them all.
    const read = () =>
      setRange(({ prints }) => ({
        top: current.scrollTop,
        height: Math.min(current.clientHeight, screen.height),
        prints,
      }));
    const print = ({ type }: Event) =>
      setRange((before) => ({ ...before, prints: type === "beforeprint" }));
    read();
    const observer = new ResizeObserver(read);
    observer.observe(current);
    current.addEventListener("scroll", read, { passive: true });
    const page = current.ownerDocument.defaultView;
    page?.addEventListener("beforeprint", print);
    page?.addEventListener("afterprint", print);
    return () => {
      observer.disconnect();
      current.removeEventListener("scroll", read);
      page?.removeEventListener("beforeprint", print);
      page?.removeEventListener("afterprint", print);
    };
  }, [frame]);
  if (range.prints) return [0, Math.min(count, PRINTED)] as const;
  const first = Math.max(0, Math.floor(range.top / ROW_HEIGHT) - BEYOND);
  const shown = Math.ceil(range.height / ROW_HEIGHT) + 2 * BEYOND;
  const start = Math.min(first, Math.max(0, count - shown));
  return [start, Math.min(count, start + shown)] as const;
}

function Headings({ quantities }: { quantities: readonly Quantity[] }) {
  const store = useStore();
  const { sort } = store;
  const heading = (by: string, title: string, kind: string, isNumber: boolean) => {
    const isSorted = sort.value.by === by;
    const direction = sort.value.descending ? "descending" : "ascending";
    return (
      <th
        key={by}
        scope="col"
        class={`${kind} ${markOf(store, by)}`}
        aria-sort={isSorted ? direction : "none"}
      >
        <button
          type="button"
          data-sort={by}
          onClick={() => {
            sort.value = pressed(sort.value, by, isNumber);
          }}
        >
          {visible(title)}
          <span class="arrow" aria-hidden="true">
            {isSorted ? (sort.value.descending ? "↓" : "↑") : ""}
          </span>
        </button>
      </th>
    );
  };
  return (
    <thead>
      <tr>
        {heading("order", "#", "id", false)}
        {heading("kernel", "Kernel and scope", "what", false)}
        {heading("result", "Result", "result", false)}
        {quantities.map(({ id, title }) => heading(id, title, "number", true))}
      </tr>
    </thead>
  );
}

interface RowProps {
  readonly row: OpTableRow;
  readonly place: number;
  readonly isSelected: boolean;
  readonly select: (row: OpTableRow) => void;
  readonly quantities: readonly Quantity[];
}

function Row({ row, place, isSelected, select, quantities }: RowProps) {
  const store = useStore();
  const { model } = store;
  const convention = store.convention.value;
  const { title, scope, result, note } = textsOf(model, convention, row);
  const sorted = store.sort.value.by;
  const family = row.kind === "op" ? model.kernel(row.index).family : "contraction";
  return (
    <tr
      class={isSelected ? "selected" : ""}
      aria-rowindex={place + 1}
      data-row={`${row.kind}${row.index}`}
      onClick={() => select(row)}
    >
      <td class="id">{row.kind === "op" ? row.index : ""}</td>
      <td class="what">
        <button type="button" class="row-button" data-family={family} onClick={() => select(row)}>
          {title}
          {note && <span class="tag">{note}</span>}
        </button>
        <span class="row-scope" title={scope}>
          <bdi>{scope}</bdi>
        </span>
      </td>
      <td class="result mono" title={result}>
        {result}
      </td>
      {quantities.map((quantity) => {
        const { id, unit, total } = quantity;
        const amount = amountOf(model, convention, quantity, row);
        const share = Number(total) === 0 ? 0 : toNumber(amount) / Number(total);
        return (
          <td
            key={id}
            class={`number ${markOf(store, id)} ${toNumber(amount) === 0 ? "zero" : ""}`}
            title={exactly(amount, unit)}
            style={sorted === id ? { "--share": `${(100 * share).toFixed(2)}%` } : {}}
          >
            {toNumber(amount) === 0 ? (amount === null ? "" : "0") : shortly(amount, unit)}
          </td>
        );
      })}
    </tr>
  );
}

/** What the shown rows have together. Of all rows, that is the total less what no op uses. */
function Sums({ rows, quantities }: RowsProps) {
  const store = useStore();
  const convention = store.convention.value;
  const sums = useMemo(
    () =>
      quantities.map((quantity) => ({
        ...quantity,
        sum: quantity.adds
          ? sumOf(rows.map((row) => amountOf(store.model, convention, quantity, row) ?? 0))
          : null,
      })),
    [store.model, convention, rows, quantities.map(({ id }) => id).join()],
  );
  return (
    <tfoot>
      <tr>
        <td class="id" />
        <th class="what" scope="row">
          Sum
        </th>
        <td class="result" />
        {sums.map(({ id, unit, sum }) => (
          <td
            key={id}
            class={`number ${markOf(store, id)}`}
            data-sum={id}
            data-value={sum ?? undefined}
            title={sum === null ? "parts do not add up" : exactly(sum, unit)}
          >
            {sum === null ? "" : shortly(sum, unit)}
          </td>
        ))}
      </tr>
    </tfoot>
  );
}
