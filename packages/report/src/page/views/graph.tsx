import { select } from "d3-selection";
import { type D3ZoomEvent, type ZoomBehavior, zoom, zoomIdentity, zoomTransform } from "d3-zoom";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { shortly, toNumber } from "../format.ts";
import { pressable } from "../hooks.ts";
import { type Fold, Folding } from "../model/folding.ts";
import { insideOf, type Layout, layOut, type Placed, type Point } from "../model/layout.ts";
import { ScopePath } from "../scope-path.tsx";
import { type Store, useStore } from "../store.ts";

/** The scale at which names can be read; and what stays free around the graph, in pixels. */
const [READABLE, MARGIN] = [0.85, 24];

/** The graph: boxes of scopes that fold, ops in them, and what flows between. */
export function GraphView() {
  const store = useStore();
  const { model, unfolded, selection } = store;
  const folding = useMemo(() => {
    const made = new Folding(model);
    if (unfolded.value.size === 0) unfolded.value = made.atFirst();
    return made;
  }, [model]);
  const selected = selectedFold(folding, store);
  // What is selected is shown, however deep it is.
  useEffect(() => {
    const around = aroundOf(selected);
    if (around.every((id) => unfolded.value.has(id))) return;
    unfolded.value = new Set([...unfolded.value, ...around]);
  }, [selected]);
  const laidOut = useMemo(
    () => layOut(model, folding, unfolded.value),
    [model, folding, unfolded.value],
  );
  const at = selection.value;
  const scope = at === null ? 0 : at.kind === "op" ? model.scopeOf(at.index) : at.index;
  return (
    <>
      <div class="caption">
        <ScopePath scope={scope} onPick={store.selectScope} />
        <p class="hint">Press a box to see it, + to unfold it; drag to pan, scroll to zoom.</p>
      </div>
      <Canvas laidOut={laidOut} folding={folding} selected={selected} />
    </>
  );
}

function selectedFold(folding: Folding, { selection }: Store): Fold | undefined {
  const at = selection.value;
  if (at === null) return undefined;
  return at.kind === "op" ? folding.ofOp(at.index) : folding.ofScope(at.index);
}

function aroundOf(fold: Fold | undefined): string[] {
  const ids: string[] = [];
  for (let at = fold?.parent; at !== undefined; at = at.parent) ids.push(at.id);
  return ids;
}

interface CanvasProps {
  readonly laidOut: Layout;
  readonly folding: Folding;
  readonly selected: Fold | undefined;
}

function Canvas({ laidOut, folding, selected }: CanvasProps) {
  const { unfolded } = useStore();
  const svg = useRef<SVGSVGElement>(null);
  const content = useRef<SVGGElement>(null);
  const view = useZoom(svg, content);
  useEffect(() => view.current?.fit(laidOut, READABLE), [view]);
  // Once for each selection, as soon as it is laid out: then the view is the person's own.
  const shown = useRef<Fold | undefined>(undefined);
  useEffect(() => {
    const center = selected === undefined ? undefined : centerOf(laidOut, selected);
    if (center !== undefined && shown.current !== selected) view.current?.show(center);
    shown.current = center === undefined ? undefined : selected;
  }, [selected, laidOut]);
  const pressedAt = useSteady(laidOut, view);
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Readonly<Record<string, Point>> = {
      ArrowUp: { x: 0, y: 60 },
      ArrowDown: { x: 0, y: -60 },
      ArrowLeft: { x: 60, y: 0 },
      ArrowRight: { x: -60, y: 0 },
    };
    const step = steps[event.key];
    if (step !== undefined) view.current?.pan(step);
    else if (event.key === "+") view.current?.scale(1.3);
    else if (event.key === "-") view.current?.scale(1 / 1.3);
    else if (event.key === "0") view.current?.fit(laidOut, 0);
    else return;
    event.preventDefault();
  };
  return (
    <div class="graph-frame">
      <svg
        ref={svg}
        class="graph"
        role="group"
        aria-label="Graph; arrows pan, + and - zoom, 0 shows all"
        tabindex={0}
        onKeyDown={onKeyDown}
      >
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0 8 4 0 8z" class="arrow-head" />
          </marker>
        </defs>
        <g ref={content} data-content="graph">
          <Inside layout={laidOut} at={{ x: 0, y: 0 }} selected={selected} onToggle={pressedAt} />
        </g>
      </svg>
      <div class="zoom">
        <button type="button" aria-label="Zoom in" onClick={() => view.current?.scale(1.3)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => view.current?.scale(1 / 1.3)}>
          −
        </button>
        <button type="button" onClick={() => view.current?.fit(laidOut, 0)}>
          Show all
        </button>
        <button
          type="button"
          onClick={() => {
            unfolded.value = folding.atFirst();
          }}
        >
          Fold all
        </button>
      </div>
    </div>
  );
}

/** The ways to move over the drawing. */
interface ViewControl {
  /** Shows all of a layout, or its top where that would be smaller than the least scale. */
  readonly fit: (layout: Layout, leastScale: number) => void;
  readonly show: (center: Point) => void;
  readonly pan: (by: Point) => void;
  readonly scale: (by: number) => void;
}

function useZoom(
  svg: { readonly current: SVGSVGElement | null },
  content: { readonly current: SVGGElement | null },
) {
  const control = useRef<ViewControl>(null);
  if (control.current === null) {
    control.current = { fit: nothing, show: nothing, pan: nothing, scale: nothing };
  }
  useEffect(() => {
    if (svg.current === null) return;
    const drawing = select(svg.current);
    const behavior = zoom<SVGSVGElement, unknown>()
      .scaleExtent([0.02, 3])
      .on("zoom", ({ transform }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        content.current?.setAttribute("transform", transform.toString());
      });
    drawing.call(behavior).on("dblclick.zoom", null);
    control.current = controlOf(svg.current, behavior);
    const stopPrinting = whilePrinting(svg.current);
    return () => {
      drawing.on(".zoom", null);
      stopPrinting();
    };
  }, []);
  return control;
}

/** Prints what the screen shows of a drawing, as wide as the paper. Returns what ends it. */
function whilePrinting(svg: SVGSVGElement): () => void {
  const page = svg.ownerDocument.defaultView;
  const before = () => svg.setAttribute("viewBox", `0 0 ${svg.clientWidth} ${svg.clientHeight}`);
  const after = () => svg.removeAttribute("viewBox");
  page?.addEventListener("beforeprint", before);
  page?.addEventListener("afterprint", after);
  return () => {
    page?.removeEventListener("beforeprint", before);
    page?.removeEventListener("afterprint", after);
  };
}

function nothing(): void {}

/** A box that was pressed, and where its corner was. */
interface Pressed {
  readonly fold: Fold;
  readonly before: Point | undefined;
}

/** Keeps a box where it is on the screen while it is folded or unfolded. Returns what to call before. */
function useSteady(laidOut: Layout, view: { readonly current: ViewControl | null }) {
  const pressed = useRef<Pressed | undefined>(undefined);
  useEffect(() => {
    if (pressed.current === undefined) return;
    const { fold, before } = pressed.current;
    const after = cornerOf(laidOut, fold);
    pressed.current = undefined;
    if (before === undefined || after === undefined) return;
    view.current?.pan({ x: before.x - after.x, y: before.y - after.y });
  }, [laidOut]);
  return (fold: Fold) => {
    pressed.current = { fold, before: cornerOf(laidOut, fold) };
  };
}

function controlOf(
  element: SVGSVGElement,
  behavior: ZoomBehavior<SVGSVGElement, unknown>,
): ViewControl {
  const drawing = select(element);
  const size = () => ({ width: element.clientWidth, height: element.clientHeight });
  return {
    fit: (layout, leastScale) => {
      const { width, height } = size();
      const across = (width - 2 * MARGIN) / Math.max(1, layout.width);
      const down = (height - 2 * MARGIN) / Math.max(1, layout.height);
      const scale = Math.min(1, Math.max(leastScale, Math.min(across, down)));
      const x = (width - layout.width * scale) / 2;
      const y = Math.max(MARGIN, (height - layout.height * scale) / 2);
      drawing.call(behavior.transform, zoomIdentity.translate(x, y).scale(scale));
    },
    show: ({ x, y }) => {
      drawing.call(behavior.scaleTo, Math.max(0.9, zoomTransform(element).k));
      drawing.call(behavior.translateTo, x, y);
    },
    pan: ({ x, y }) => drawing.call(behavior.translateBy, x, y),
    scale: (by) => drawing.call(behavior.scaleBy, by),
  };
}

function cornerOf(layout: Layout, fold: Fold): Point | undefined {
  return find(layout, fold)?.corner;
}

function centerOf(layout: Layout, fold: Fold): Point | undefined {
  const found = find(layout, fold);
  if (found === undefined) return undefined;
  const { corner, box } = found;
  return { x: corner.x + box.width / 2, y: corner.y + box.height / 2 };
}

/** A box with its upper left corner in the whole drawing. */
function find(layout: Layout, wanted: Fold): { corner: Point; box: Placed } | undefined {
  for (const box of layout.boxes) {
    if (box.fold === wanted) return { corner: { x: box.x, y: box.y }, box };
    const found = box.inside === undefined ? undefined : find(box.inside, wanted);
    if (found === undefined) continue;
    const inner = insideOf(box);
    const { x, y } = found.corner;
    return { box: found.box, corner: { x: box.x + inner.x + x, y: box.y + inner.y + y } };
  }
  return undefined;
}

interface InsideProps {
  readonly layout: Layout;
  readonly at: Point;
  readonly selected: Fold | undefined;
  readonly onToggle: (fold: Fold) => void;
}

function Inside({ layout, at, selected, onToggle }: InsideProps) {
  return (
    <g transform={`translate(${at.x},${at.y})`}>
      {layout.boxes.map((box) => (
        <Box key={box.fold.id} box={box} selected={selected} onToggle={onToggle} />
      ))}
      {layout.edges.map(({ key, points }) => (
        <path key={key} class="edge" d={curve(points)} marker-end="url(#arrow)" />
      ))}
    </g>
  );
}

interface BoxProps extends Pick<InsideProps, "selected" | "onToggle"> {
  readonly box: Placed;
}

function Box({ box, selected, onToggle }: BoxProps) {
  const store = useStore();
  const { model, unfolded } = store;
  const { fold, width, height, inside } = box;
  const amount = shownAmount(store, fold);
  const family = fold.kind === "op" ? model.kernel(fold.index).family : undefined;
  const className = fold.kind === "scope" ? model.className(fold.index) : "";
  const press = () => {
    if (fold.kind === "op") store.selectOp(fold.index);
    else if (fold.kind === "scope") store.selectScope(fold.index);
    else toggle();
  };
  const toggle = () => {
    onToggle(fold);
    const next = new Set(unfolded.value);
    if (!next.delete(fold.id)) next.add(fold.id);
    unfolded.value = next;
  };
  const label = shortened(fold.name, width - (fold.kind === "op" ? 20 : 40));
  const below = amount || className;
  const says = below === "" ? fold.name : `${fold.name} ${below}`;
  const kind = `${fold.kind} ${inside === undefined ? "folded" : "unfolded"}`;
  return (
    <g transform={`translate(${box.x},${box.y})`} data-fold={fold.id} class={`box ${kind}`}>
      <g {...pressable(says, press)}>
        <title>{says}</title>
        <rect
          class={`box-area ${fold === selected ? "selected" : ""}`}
          data-family={family}
          width={width}
          height={height}
          rx={5}
        />
      </g>
      <text x={10} y={inside === undefined ? 17 : 18} class="box-name">
        {label}
      </text>
      {inside === undefined && (
        <text x={10} y={32} class="box-below">
          {begun(below, width - (fold.kind === "op" ? 20 : 40))}
        </text>
      )}
      {inside !== undefined && (
        <Inside layout={inside} at={insideOf(box)} selected={selected} onToggle={onToggle} />
      )}
      {fold.kind !== "op" && (
        <g
          class="toggle"
          data-toggle={fold.id}
          transform={`translate(${width - 24},4)`}
          {...pressable(`${inside === undefined ? "Unfold" : "Fold"} ${fold.name}`, toggle)}
        >
          <rect width={20} height={20} rx={4} />
          <text x={10} y={15} text-anchor="middle">
            {inside === undefined ? "+" : "−"}
          </text>
        </g>
      )}
    </g>
  );
}

/** What a box has of the quantity that is shown, where it has any. */
function shownAmount(store: Store, fold: Fold): string {
  const quantity = store.quantity.value;
  if (!quantity.adds || fold.kind === "run") return "";
  const value =
    fold.kind === "op"
      ? toNumber(quantity.ofOp(fold.index))
      : (store.tree.value.scope(fold.index)?.value ?? 0);
  return value === 0 ? "" : shortly(value, quantity.unit);
}

const CHARACTER = 6.9;

/** The end of a name says more than its begin: `…/conv1/kernel`. */
function shortened(name: string, width: number): string {
  const fits = Math.floor(width / CHARACTER);
  return name.length <= fits ? name : `…${name.slice(name.length - fits + 1)}`;
}

function begun(text: string, width: number): string {
  const fits = Math.floor(width / (CHARACTER - 0.7));
  return text.length <= fits ? text : `${text.slice(0, fits - 1)}…`;
}

/** A smooth line through the points of a layout's edge. */
function curve(points: readonly Point[]): string {
  const [first, ...others] = points;
  if (first === undefined) return "";
  const parts = [`M${first.x} ${first.y}`];
  others.forEach((point, index) => {
    const next = others[index + 1];
    if (next === undefined) parts.push(`L${point.x} ${point.y}`);
    else parts.push(`Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`);
  });
  return parts.join("");
}
