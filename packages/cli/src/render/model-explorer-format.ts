import type { Cost } from "@opcounter/counters";
import { formatType, type Graph, type Op, type Value, valueAt } from "@opcounter/ir";
import { opCost } from "./op-cost.ts";
import type { OutputFormat } from "./output-format.ts";

/**
 * The graph for Google's Model Explorer, with the costs of each op among its attributes. Source: its
 * graph_builder.py.
 */
export const modelExplorerFormat: OutputFormat = {
  takes: [],
  report: ({ report, graph }) => {
    const costs = new Map(report.ops.map(({ id, cost }) => [id, cost]));
    const given = graph.values.filter(({ kind }) => kind !== "result");
    const nodes = [
      ...given.map((value) => givenNode(value)),
      ...graph.ops.map((op) => opNode(graph, op, costs.get(op.id))),
    ];
    // A list of graphs is what its loader of JSON reads.
    return JSON.stringify([{ id: report.model, nodes }]);
  },
};

/**
 * A cost of each op as node data of the same graph: MACs, or what --sort names. Source: Model
 * Explorer's node_data_builder.py.
 */
export const nodeDataFormat: OutputFormat = {
  takes: ["sort"],
  report: ({ report, rows }) => {
    const cost = opCost(report, rows.sort);
    const results = Object.fromEntries(
      report.ops.map((op) => [nodeOfOp(op.id), { value: cost.of(op.cost) }]),
    );
    const gradient = [
      { stop: 0, bgColor: "#ffffff" },
      { stop: 1, bgColor: "#e8590c" },
    ];
    // No literal: a model may be called __proto__.
    return JSON.stringify(Object.fromEntries([[report.model, { results, gradient }]]));
  },
};

function nodeOfOp(id: number): string {
  return `op${id}`;
}

function nodeOf(value: Value): string {
  return value.kind === "result" ? nodeOfOp(value.op) : `value${value.id}`;
}

function attrs(entries: readonly (readonly [key: string, value: unknown])[]) {
  return entries.map(([key, value]) => ({
    key,
    value: typeof value === "string" ? value : JSON.stringify(value),
  }));
}

function givenNode(value: Value) {
  return {
    id: nodeOf(value),
    label: "name" in value ? value.name : value.kind,
    namespace: value.kind === "input" ? "" : `${value.kind}s`,
    attrs: attrs([["kind", value.kind]]),
    outputsMetadata: [{ id: "0", attrs: attrs([["type", formatType(value)]]) }],
  };
}

function opNode(graph: Graph, op: Op, cost: Cost | undefined) {
  return {
    id: nodeOfOp(op.id),
    label: op.kernel,
    namespace: op.scope.join("/"),
    attrs: attrs([
      ["placement", op.placement],
      ...Object.entries(op.attrs),
      ...costsOf(cost).map(([name, value]) => [name, String(value)] as const),
    ]),
    incomingEdges: Object.entries(op.operands).map(([name, id]) => {
      const value = valueAt(graph, id);
      const output = value.kind === "result" ? value.index : 0;
      return {
        sourceNodeId: nodeOf(value),
        sourceNodeOutputId: `${output}`,
        targetNodeInputId: name,
      };
    }),
    outputsMetadata: op.results.map((id, place) => ({
      id: String(place),
      attrs: attrs([["type", formatType(valueAt(graph, id))]]),
    })),
  };
}

function costsOf(cost: Cost | undefined): [string, unknown][] {
  if (cost === undefined) return [];
  const { costs, ...basic } = cost;
  return Object.entries({ ...basic, ...costs }).filter(([, value]) => value !== null);
}
