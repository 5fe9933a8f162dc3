import { type HierarchyRectangularNode, hierarchy, treemap } from "d3-hierarchy";
import { useLayoutEffect, useRef } from "preact/hooks";
import { exactly, percent, shortly } from "../format.ts";
import { pressable, useWidth } from "../hooks.ts";
import { Legend } from "../legend.tsx";
import type { Quantity } from "../model/quantities.ts";
import { familiesIn, type TreeNode } from "../model/tree.ts";
import { ScopePath } from "../scope-path.tsx";
import { useStore } from "../store.ts";
import { Empty, NoSum } from "./empty.tsx";

/** The parts of one scope that are drawn at most; the smallest others are drawn as one. */
const MOST_PARTS = 400;
/** The levels that are drawn, and the areas at most: below that, a level is left out. */
const [LEVELS, MOST_AREAS] = [3, 500];
/** The height of the line that names a scope with parts inside. */
const HEADER = 20;

/** A part as it is drawn: a node of the tree, or several small ones together. */
interface Part {
  readonly node: TreeNode;
  readonly name: string;
  readonly parts: readonly Part[];
  /** How many small nodes it stands for. */
  readonly merged: number;
}

/** What each scope has of the quantity, as areas: some levels of it, into which one can go. */
export function Treemap() {
  const store = useStore();
  const { ref, width } = useWidth();
  const quantity = store.quantity.value;
  if (!quantity.adds) return <NoSum quantity={quantity} />;
  const focus = store.focus.value;
  const root = store.tree.value.scope(focus);
  // As much as a screen shows at once.
  const height = width < 600 ? 520 : Math.min(640, Math.max(400, innerHeight - 350));
  return (
    <>
      <div class="caption">
        <ScopePath scope={focus} onPick={store.enter} />
        <p class="sum">
          {exactly(root?.value ?? 0, quantity.unit)} <span class="dim">{quantity.title}</span>
        </p>
      </div>
      <div class="frame" ref={ref} style={{ height: `${height}px` }}>
        {root === undefined || root.value === 0 ? (
          <Empty>Nothing here has any {quantity.title}.</Empty>
        ) : (
          width > 0 && <Cells root={root} width={width} height={height} quantity={quantity} />
        )}
      </div>
      {root !== undefined && <Legend families={new Set(familiesIn(root))} />}
    </>
  );
}

interface CellsProps {
  readonly root: TreeNode;
  readonly width: number;
  readonly height: number;
  readonly quantity: Quantity;
}

function Cells({ root, width, height, quantity }: CellsProps) {
  const store = useStore();
  const laidOut = layOut(root, width, height);
  const total = Number(quantity.total);
  const first = useRef<HTMLDivElement>(null);
  const isEntered = useRef(false);
  const press = ({ node, merged }: Part) => {
    if (merged > 0) store.view.value = "ops";
    else if (node.kind === "op") store.selectOp(node.index);
    else if (node.kind === "scope") {
      isEntered.current = true;
      store.enter(node.index);
    }
  };
  // The area that was pressed is gone, and with it the place that a keyboard is at.
  useLayoutEffect(() => {
    if (isEntered.current) first.current?.focus({ preventScroll: true });
    isEntered.current = false;
  }, [root]);
  const selection = store.selection.value;
  return (
    <>
      {laidOut.descendants().map((cell, place) => {
        const { node, name, merged } = cell.data;
        if (cell.depth === 0) return null;
        const value = shortly(node.value, quantity.unit);
        const [w, h] = [cell.x1 - cell.x0, cell.y1 - cell.y0];
        const isSelected = selection?.kind === node.kind && selection.index === node.index;
        const share = percent(node.value, total);
        return (
          <div
            key={`${cell.depth}-${node.kind}-${node.index}-${merged}-${name}`}
            ref={place === 1 ? first : null}
            class={`cell ${cell.children === undefined ? "leaf" : "group"} ${isSelected ? "selected" : ""}`}
            data-family={node.family}
            data-depth={cell.depth}
            data-value={node.value}
            title={`${name}: ${exactly(node.value, quantity.unit)}, ${share}`}
            style={{
              // Of the frame, which is narrower on paper.
              left: `${(100 * cell.x0) / width}%`,
              top: `${cell.y0}px`,
              width: `${(100 * w) / width}%`,
              height: `${h}px`,
            }}
            {...pressable(`${name} ${value}, ${share}`, () => press(cell.data))}
          >
            {(cell.children === undefined ? w > 44 && h > 18 : hasHeader(cell)) && (
              <span class="cell-name">
                {name}
                {cell.children !== undefined && w > 150 && <span class="cell-value"> {value}</span>}
              </span>
            )}{" "}
            {cell.children === undefined && w > 54 && h > 36 && (
              <span class="cell-value">{value}</span>
            )}
          </div>
        );
      })}
    </>
  );
}

function layOut(root: TreeNode, width: number, height: number): HierarchyRectangularNode<Part> {
  const whole: Part = { node: root, name: root.name, parts: bounded(root), merged: 0 };
  const nodes = hierarchy(whole, ({ parts }) => parts)
    .sum(({ node, parts }) => (parts.length === 0 ? node.value : 0))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const layout = treemap<Part>()
    .size([width, height])
    .paddingTop((cell) => (hasHeader(cell) ? HEADER : 0));
  return layout(nodes);
}

/** Whether there is room for the line that names what the parts are of. */
function hasHeader({ depth, x0, x1, y0, y1 }: HierarchyRectangularNode<Part>): boolean {
  return depth > 0 && y1 - y0 > 3 * HEADER && x1 - x0 > 44;
}

/** As many levels as stay within the number of areas that a person can tell apart. */
function bounded(root: TreeNode): Part[] {
  for (let levels = LEVELS; levels > 1; levels--) {
    const parts = partsOf(root, levels);
    if (parts.reduce((sum, part) => sum + areasOf(part), 0) <= MOST_AREAS) return parts;
  }
  return partsOf(root, 1);
}

function areasOf({ parts }: Part): number {
  return parts.reduce((sum, part) => sum + areasOf(part), 1);
}

/** What is inside a scope, as deep as is drawn. A scope around one thing alone is passed over. */
function partsOf(node: TreeNode, depth: number): Part[] {
  if (depth === 0) return [];
  const sorted = [...node.children].sort((a, b) => b.value - a.value);
  const parts = sorted.slice(0, MOST_PARTS).map((child): Part => {
    const { shown, name } = onlyChild(child);
    return { node: shown, name, parts: partsOf(shown, depth - 1), merged: 0 };
  });
  const small = sorted.slice(MOST_PARTS);
  if (small.length === 0) return parts;
  const value = small.reduce((sum, each) => sum + each.value, 0);
  const first = small[0] ?? node;
  const name = `${small.length} more`;
  return [
    ...parts,
    { node: { ...first, value, children: [] }, name, parts: [], merged: small.length },
  ];
}

/** Goes down while a scope holds one scope alone: `features` of `features/conv1` says little. */
function onlyChild(node: TreeNode): { shown: TreeNode; name: string } {
  let [shown, name] = [node, node.name];
  for (;;) {
    const [only, ...others] = shown.children;
    if (only === undefined || others.length > 0) return { shown, name };
    if (only.kind === "op") {
      return { shown: { ...only, name }, name };
    }
    shown = only;
    name = `${name}/${only.name}`;
  }
}
