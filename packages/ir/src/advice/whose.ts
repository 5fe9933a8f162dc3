import { type Analysis, analyse } from "../analysis.ts";
import type { Call, CallId, Graph, Op } from "../graph.ts";

/**
 * Who wrote an op, and so what can be changed about it.
 *
 * - `function`: the user's own code, a layer of the user's own included.
 * - a layer of tf.layers, by its class: its options can be changed, or the layer.
 * - `node`: a node of a GraphModel, whose graph was made elsewhere.
 */
export type Author = "function" | "node" | { readonly layer: string };

/** The layers of tf.layers whose kernels an advice can change. The user writes other classes. */
const KNOWN_LAYERS: ReadonlySet<string> = new Set([
  ...[
    "Dense",
    "Conv1D",
    "Conv2D",
    "SeparableConv2D",
    "DepthwiseConv2D",
    "Conv2DTranspose",
    "Conv3D",
  ],
  ...[
    "BatchNormalization",
    "LayerNormalization",
    "Softmax",
    "Activation",
    "ReLU",
    "ELU",
    "Permute",
  ],
  ...["LSTM", "LSTMCell", "GRU", "GRUCell", "SimpleRNN", "SimpleRNNCell", "ConvLSTM2D"],
  ...["ConvLSTM2DCell", "RNN", "StackedRNNCells", "Bidirectional", "TimeDistributed", "Dot"],
]);

export function authorOf(graph: Graph, op: Op): Author {
  const call = callOf(graph, op);
  if (call === undefined) return "function";
  if (call.kind === "node") return "node";
  return KNOWN_LAYERS.has(call.className) ? { layer: call.className } : "function";
}

/** The innermost call that an op belongs to. */
export function callOf(graph: Graph, { call }: Op): Call | undefined {
  return call === undefined ? undefined : graph.calls[call];
}

/** How many ops each call has itself, views left out. */
const workingOpsOfCalls: Analysis<ReadonlyMap<CallId, number>> = {
  name: "working-ops-of-calls",
  run(graph) {
    const counts = new Map<CallId, number>();
    for (const { call, placement } of graph.ops) {
      if (call !== undefined && placement !== "view") counts.set(call, (counts.get(call) ?? 0) + 1);
    }
    return counts;
  },
};

/** Whether an op is all that its call computes, or is in no call. */
export function isAloneInItsCall(graph: Graph, { call }: Op): boolean {
  return call === undefined || analyse(graph, workingOpsOfCalls).get(call) === 1;
}

/** The function that makes a layer of a class: `tf.layers.conv2d` for `Conv2D`. */
export function layerFunction(className: string): string {
  const name = `${className.slice(0, 1).toLowerCase()}${className.slice(1)}`;
  return `tf.layers.${name.replace(/(?<=\d)D$/, "d")}`;
}
