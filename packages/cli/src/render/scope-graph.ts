import { type Graph, type Op, valueAt } from "@opcounter/ir";
import { opCost } from "./op-cost.ts";
import type { Found } from "./output-format.ts";

/** A node of a drawing: an op, or a scope with all that is inside. */
export interface DrawnNode {
  readonly id: string;
  readonly name: string;
  /** The scopes around it that are drawn as boxes. */
  readonly scope: readonly string[];
  readonly cost: number;
}

/** What is drawn of a graph. */
export interface Drawing {
  readonly nodes: readonly DrawnNode[];
  /** Pairs of ids, each once. */
  readonly edges: readonly (readonly [from: string, to: string])[];
  /** The cost that the nodes have: `macs`. */
  readonly cost: string;
}

/** The graph as --by says: op by op, or one node for each scope of --depth. */
export function drawingOf({ graph, report, rows }: Found): Drawing {
  const cost = opCost(report, rows.sort);
  const costs = new Map(report.ops.map((row) => [row.id, cost.of(row.cost)]));
  const nodes = new Map<string, { -readonly [K in keyof DrawnNode]: DrawnNode[K] }>();
  const nodeOfOp = graph.ops.map((op) => {
    const key = keyOf(op, rows);
    const node = nodes.get(key) ?? { id: `n${nodes.size}`, ...placeOf(op, rows), cost: 0 };
    node.cost += costs.get(op.id) ?? 0;
    nodes.set(key, node);
    return node.id;
  });
  return { nodes: [...nodes.values()], edges: edgesOf(graph, nodeOfOp), cost: cost.name };
}

function keyOf({ id, scope }: Op, { by, depth }: Found["rows"]): string {
  return by === "op" ? String(id) : JSON.stringify(scope.slice(0, depth));
}

function placeOf({ id, kernel, scope }: Op, { by, depth }: Found["rows"]) {
  if (by === "op") return { name: `%${id} ${kernel}`, scope };
  const path = scope.slice(0, depth);
  return { name: path.at(-1) ?? "(no scope)", scope: path.slice(0, -1) };
}

function edgesOf(graph: Graph, nodeOfOp: readonly string[]): [string, string][] {
  const edges = new Map<string, [string, string]>();
  for (const op of graph.ops) {
    for (const id of Object.values(op.operands)) {
      const value = valueAt(graph, id);
      const from = value.kind === "result" ? nodeOfOp[value.op] : undefined;
      const to = nodeOfOp[op.id];
      if (from !== undefined && to !== undefined && from !== to)
        edges.set(`${from} ${to}`, [from, to]);
    }
  }
  return [...edges.values()];
}

/** A box around the nodes of a scope. */
export interface Box {
  readonly name: string;
  readonly nodes: DrawnNode[];
  readonly boxes: Map<string, Box>;
}

/** The nodes in the boxes of their scopes. */
export function boxesOf(nodes: readonly DrawnNode[]): Box {
  const root: Box = { name: "", nodes: [], boxes: new Map() };
  for (const node of nodes) {
    let box = root;
    for (const name of node.scope) {
      const inside: Box = box.boxes.get(name) ?? { name, nodes: [], boxes: new Map() };
      box.boxes.set(name, inside);
      box = inside;
    }
    box.nodes.push(node);
  }
  return root;
}
