import { Graph, layout } from "@dagrejs/dagre";
import type { Fold, Folding } from "./folding.ts";
import type { ReportModel } from "./report-model.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box where it is drawn: its upper left corner, within the box around it. */
export interface Placed extends Point {
  readonly fold: Fold;
  readonly width: number;
  readonly height: number;
  /** What is inside, where it is unfolded. */
  readonly inside: Layout | undefined;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Placed[];
  readonly edges: readonly { readonly key: string; readonly points: readonly Point[] }[];
}

const NODE = { height: 40, least: 110, most: 260, perCharacter: 7.2, around: 26, toggle: 26 };
const HEADER = 28;
const PADDING = 14;

/** The edges that each unfolded box draws among its parts, as pairs of ids; `in` and `out` are its own. */
type Edges = ReadonlyMap<string, ReadonlySet<string>>;
const [IN, OUT] = ["in", "out"];

/** Lays the graph out, each unfolded box by itself and from the innermost outwards. */
export function layOut(
  model: ReportModel,
  folding: Folding,
  unfolded: ReadonlySet<string>,
): Layout {
  const edges = edgesOf(model, folding, unfolded);
  const place = (fold: Fold): Layout => {
    const graph = new Graph();
    graph.setGraph({ rankdir: "TB", nodesep: 22, ranksep: 30, marginx: 0, marginy: 0 });
    graph.setDefaultEdgeLabel(() => ({}));
    const insides = new Map<string, Layout>();
    for (const child of fold.children) {
      const inside = unfolded.has(child.id) && child.kind !== "op" ? place(child) : undefined;
      if (inside !== undefined) insides.set(child.id, inside);
      graph.setNode(child.id, inside === undefined ? sizeOf(child) : around(child, inside));
    }
    for (const edge of edges.get(fold.id) ?? []) {
      const [from = "", to = ""] = edge.split(" ");
      for (const end of [from, to]) {
        if (!graph.hasNode(end)) graph.setNode(end, { width: 8, height: 2 });
      }
      graph.setEdge(from, to);
    }
    keepEnds(graph, fold);
    layout(graph);
    return read(graph, fold, insides);
  };
  return place(folding.root);
}

/** What flows in comes first and what flows out last: edges that are not drawn hold them there. */
function keepEnds(graph: Graph, { children }: Fold): void {
  const [first, last] = [children[0]?.id, children.at(-1)?.id];
  const hold = (from: string, to: string) => {
    if (!graph.hasEdge(from, to)) graph.setEdge(from, to, { hidden: true, weight: 0 });
  };
  if (graph.hasNode(IN) && first !== undefined) hold(IN, first);
  if (graph.hasNode(OUT) && last !== undefined) hold(last, OUT);
}

function read(graph: Graph, fold: Fold, insides: ReadonlyMap<string, Layout>): Layout {
  const drawn = graph.edges().filter((edge) => graph.edge(edge)["hidden"] !== true);
  const nodes = fold.children.map((child) => {
    const { x = 0, y = 0, width, height } = graph.node(child.id);
    return { fold: child, x: x - width / 2, y: y - height / 2, width, height };
  });
  const edges = drawn.map((edge) => ({
    key: `${edge.v} ${edge.w}`,
    points: graph.edge(edge).points ?? [],
  }));
  // An edge may go round the boxes, beyond what dagre takes for the graph's size.
  const points = edges.flatMap((edge) => edge.points);
  const ends = nodes.map(({ x, y, width, height }) => ({ x: x + width, y: y + height }));
  const all = [...points, ...nodes, ...ends];
  const least = (of: (point: Point) => number) => all.reduce((to, at) => Math.min(to, of(at)), 0);
  const most = (of: (point: Point) => number) => all.reduce((to, at) => Math.max(to, of(at)), 0);
  const [left, top] = [least(({ x }) => x), least(({ y }) => y)];
  const moved = <T extends Point>(point: T): T => ({
    ...point,
    x: point.x - left,
    y: point.y - top,
  });
  return {
    width: most(({ x }) => x) - left,
    height: most(({ y }) => y) - top,
    boxes: nodes.map((node) => ({ ...moved(node), inside: insides.get(node.fold.id) })),
    edges: edges.map(({ key, points }) => ({ key, points: points.map(moved) })),
  };
}

function sizeOf({ name, kind }: Fold) {
  const around = NODE.around + (kind === "op" ? 0 : NODE.toggle);
  const wanted = name.length * NODE.perCharacter + around;
  return { width: Math.min(NODE.most, Math.max(NODE.least, wanted)), height: NODE.height };
}

function around(fold: Fold, { width, height }: Layout) {
  return {
    width: Math.max(sizeOf(fold).width + 20, width + 2 * PADDING),
    height: height + HEADER + PADDING,
  };
}

/** Where the inside of a box begins. */
export function insideOf({ width, inside }: Placed): Point {
  return { x: (width - (inside?.width ?? 0)) / 2, y: HEADER };
}

/**
 * Each use of a value as an edge between two parts of the innermost box around both. On its way
 * out of and into other unfolded boxes it is an edge to `out` and from `in`.
 */
function edgesOf(model: ReportModel, folding: Folding, unfolded: ReadonlySet<string>): Edges {
  const edges = new Map<string, Set<string>>();
  const add = (box: Fold | undefined, from: string, to: string) => {
    if (box === undefined || !unfolded.has(box.id)) return;
    const known = edges.get(box.id);
    if (known === undefined) edges.set(box.id, new Set([`${from} ${to}`]));
    else known.add(`${from} ${to}`);
  };
  model.document.ops.operands.forEach((operands, op) => {
    for (const [, value] of operands) {
      const maker = model.makerOf(value);
      let to = folding.ofOp(op);
      let from = maker === undefined ? undefined : folding.ofOp(maker);
      if (from === undefined || to === undefined) continue;
      while (from.parent !== to.parent) {
        if (from.depth >= to.depth) {
          add(from.parent, from.id, OUT);
          from = from.parent ?? from;
        } else {
          add(to.parent, IN, to.id);
          to = to.parent ?? to;
        }
      }
      if (from !== to) add(from.parent, from.id, to.id);
    }
  });
  return edges;
}
