import type { Signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

interface TabListProps<View extends string> {
  readonly views: readonly View[];
  readonly titles: Readonly<Record<View, string>>;
  readonly shown: Signal<View>;
  /** What stands beside a title: how many there are inside; none where it is 0. */
  readonly counts: Readonly<Partial<Record<View, number>>>;
}

/** The choice of the view; arrows go from one to the next. */
export function TabList<View extends string>(props: TabListProps<View>) {
  const { views, titles, shown, counts } = props;
  const list = useRef<HTMLDivElement>(null);
  // A narrow screen has no room for all of them. The page itself stays where it is.
  useLayoutEffect(() => {
    const tab = list.current?.querySelector(`[data-tab="${shown.value}"]`);
    if (list.current == null || tab == null) return;
    const [around, inside] = [list.current.getBoundingClientRect(), tab.getBoundingClientRect()];
    const before = Math.min(0, inside.left - around.left);
    const beyond = Math.max(0, inside.right - around.right);
    list.current.scrollLeft += before + beyond;
  }, [shown.value]);
  const step = (by: number, list: HTMLElement) => {
    const next = views[(views.indexOf(shown.value) + by + views.length) % views.length];
    if (next === undefined) return;
    shown.value = next;
    list.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  return (
    <div
      ref={list}
      class="tabs"
      role="tablist"
      onKeyDown={({ key, currentTarget }) => {
        if (key === "ArrowRight") step(1, currentTarget);
        if (key === "ArrowLeft") step(-1, currentTarget);
      }}
    >
      {views.map((view) => (
        <button
          key={view}
          type="button"
          role="tab"
          data-tab={view}
          aria-selected={shown.value === view}
          aria-controls="view"
          tabIndex={shown.value === view ? 0 : -1}
          onClick={() => {
            shown.value = view;
          }}
        >
          {titles[view]}
          <Count of={counts[view] ?? 0} />
        </button>
      ))}
    </div>
  );
}

function Count({ of }: { readonly of: number }) {
  return of === 0 ? null : <span class="count">{of.toLocaleString("en")}</span>;
}
