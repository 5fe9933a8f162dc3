import { hierarchy, partition } from "d3-hierarchy";
import { exactly, percent } from "../format.ts";
import { pressable, useWidth } from "../hooks.ts";
import { Legend } from "../legend.tsx";
import { familiesIn, type TreeNode } from "../model/tree.ts";
import { ScopePath } from "../scope-path.tsx";
import { useStore } from "../store.ts";
import { Empty, NoSum } from "./empty.tsx";

const ROW = 24;
/** What is narrower, in pixels, is not drawn: nobody sees it, and a big model has thousands. */
const NARROWEST = 0.8;

/** Scopes as nested bars in order of execution; a bar's length is its amount of the quantity. */
export function FlameGraph() {
  const store = useStore();
  const { ref, width } = useWidth();
  const quantity = store.quantity.value;
  if (!quantity.adds) return <NoSum quantity={quantity} />;
  const root = store.tree.value.scope(store.focus.value);
  return (
    <>
      <div class="caption">
        <ScopePath scope={store.focus.value} onPick={store.enter} />
        <p class="sum">
          {exactly(root?.value ?? 0, quantity.unit)} <span class="dim">{quantity.title}</span>
        </p>
      </div>
      <div class="frame flame" ref={ref}>
        {root === undefined || root.value === 0 ? (
          <Empty>Nothing here has any {quantity.title}.</Empty>
        ) : (
          width > 0 && <Bars root={root} width={width} />
        )}
      </div>
      {root !== undefined && <Legend families={new Set(familiesIn(root))} />}
    </>
  );
}

function Bars({ root, width }: { root: TreeNode; width: number }) {
  const store = useStore();
  const { unit, total } = store.quantity.value;
  const nodes = hierarchy(root, ({ children }) => children).sum(({ value, children }) =>
    children.length === 0 ? value : 0,
  );
  const bars = partition<TreeNode>()
    .size([width, (nodes.height + 1) * ROW])(nodes)
    .descendants()
    .filter(({ x0, x1 }) => x1 - x0 >= NARROWEST);
  const deepest = bars.reduce((most, { depth }) => Math.max(most, depth), 0);
  const selection = store.selection.value;
  return (
    <div class="bars" style={{ height: `${(deepest + 1) * ROW}px` }}>
      {bars.map((bar) => {
        const { kind, index, name, value, family } = bar.data;
        const says = `${name}: ${exactly(value, unit)}, ${percent(value, Number(total))}`;
        const isSelected = selection?.kind === kind && selection.index === index;
        return (
          <div
            key={`${kind}-${index}-${name}`}
            class={`flame-bar ${kind} ${isSelected ? "selected" : ""}`}
            data-family={family}
            data-depth={bar.depth}
            data-value={value}
            title={says}
            style={{
              // Of the frame, which is narrower on paper.
              left: `${(100 * bar.x0) / width}%`,
              top: `${bar.depth * ROW}px`,
              width: `${(100 * (bar.x1 - bar.x0)) / width}%`,
            }}
            {...pressable(says, () => {
              if (kind === "op") store.selectOp(index);
              else if (kind === "scope") store.enter(index);
            })}
          >
            {bar.x1 - bar.x0 > 30 && name}
          </div>
        );
      })}
    </div>
  );
}
