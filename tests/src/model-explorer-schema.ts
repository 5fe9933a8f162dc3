/**
 * JSON Schemas of what Model Explorer reads: a list of graphs, and node data. Written from the
 * interfaces `Graph`, `GraphNode`, `IncomingEdge`, `MetadataItem`, `KeyValue` and
 * `NodeDataProviderData` that its visualizer publishes (`common/input_graph.ts`,
 * `common/types.ts`); npm has no parser of it. Fields that opcounter does not write are left
 * out, so that one that is misspelt is found.
 */
const string = { type: "string" };

function object(required: Readonly<Record<string, object>>, optional = {}) {
  return {
    type: "object",
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

const list = (items: object) => ({ type: "array", items });
const attributes = list(object({ key: string, value: string }));
const metadata = list(object({ id: string, attrs: attributes }));
const edge = object({
  sourceNodeId: string,
  sourceNodeOutputId: string,
  targetNodeInputId: string,
});
const node = object(
  { id: string, label: string, namespace: string },
  { attrs: attributes, incomingEdges: list(edge), outputsMetadata: metadata },
);

export const MODEL_EXPLORER_GRAPHS = list(object({ id: string, nodes: list(node) }));

export const MODEL_EXPLORER_NODE_DATA = {
  type: "object",
  additionalProperties: object({
    results: { type: "object", additionalProperties: object({ value: { type: "number" } }) },
    gradient: list(object({ stop: { type: "number", minimum: 0, maximum: 1 }, bgColor: string })),
  }),
};
