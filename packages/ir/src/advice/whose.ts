import { type Analysis, analyse } from "../analysis.ts";
import { type Call, type CallId, formatScope, type Graph, type Op, valueAt } from "../graph.ts";
import { definingOp } from "../patterns/match.ts";
import { recordingOf } from "../recording.ts";

/**
 * Who wrote an op, and so what can be changed about it.
 *
 * - `function`: the user's own code, a layer of the user's own included.
 * - a layer of tf.layers, by its class: its options can be changed, or the layer.
 * - `node`: a node of a GraphModel, whose graph was made elsewhere.
 * - `gradient`: the backward pass of a training step, which TensorFlow.js makes of the forward pass.
 */
export type Author = "function" | "node" | "gradient" | { readonly layer: string };

/** The layers of tf.layers. The user writes other classes. Source: the classes of tfjs-layers 4.22. */
const KNOWN_LAYERS: ReadonlySet<string> = new Set([
  ...["Activation", "ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU"],
  ...["Conv1D", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "DepthwiseConv2D"],
  ...["SeparableConv2D", "Cropping2D", "UpSampling2D", "ZeroPadding2D"],
  ...["MaxPooling1D", "MaxPooling2D", "MaxPooling3D"],
  ...["AveragePooling1D", "AveragePooling2D", "AveragePooling3D"],
  ...["GlobalAveragePooling1D", "GlobalAveragePooling2D"],
  ...["GlobalMaxPooling1D", "GlobalMaxPooling2D"],
  ...["Dense", "Dropout", "SpatialDropout1D", "Embedding", "Flatten", "Masking", "Permute"],
  ...["RepeatVector", "Reshape", "Functional", "Model", "Sequential"],
  ...["Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply"],
  ...["AlphaDropout", "GaussianDropout", "GaussianNoise"],
  ...["BatchNormalization", "LayerNormalization"],
  ...["LSTM", "LSTMCell", "GRU", "GRUCell", "SimpleRNN", "SimpleRNNCell", "ConvLSTM2D"],
  ...["ConvLSTM2DCell", "RNN", "StackedRNNCells", "Bidirectional", "TimeDistributed"],
  ...["CategoryEncoding", "CenterCrop", "RandomWidth", "Rescaling", "Resizing"],
]);

export function authorOf(graph: Graph, op: Op): Author {
  if (isGradient(op, analyse(graph, backwardScopes))) return "gradient";
  const call = callOf(graph, op);
  if (call?.kind === "node") return "node";
  const layer = call !== undefined && KNOWN_LAYERS.has(call.className) ? call : undefined;
  const { className } = maskedLayer(graph, op) ?? layer ?? {};
  return className === undefined ? "function" : { layer: className };
}

/** Whether TensorFlow.js computes gradients in the pass. */
export function takesGradients(graph: Graph): boolean {
  return analyse(graph, backwardScopes).size > 0;
}

/** Whether TensorFlow.js computes gradients of what an op belongs to, and so keeps views of operands. */
export function isTaped(graph: Graph, { scope }: Op): boolean {
  const backward = analyse(graph, backwardScopes);
  return scope.some(
    (name, at) =>
      name === "forward" && backward.has(formatScope([...scope.slice(0, at), "backward"])),
  );
}

function isGradient({ scope }: Op, backward: ReadonlySet<string>): boolean {
  return (
    backward.size > 0 && scope.some((_, at) => backward.has(formatScope(scope.slice(0, at + 1))))
  );
}

/**
 * The scopes that TensorFlow.js opens when it computes gradients. The recording says so of the
 * outermost. Inside a scope of the program's, such as `step`, it is `step/backward`, which comes
 * after `step/forward`, and where ops take what was computed there, or the ones that gradients
 * begin with: the second direction of a program's own RNN takes the same input as the first.
 */
const backwardScopes: Analysis<ReadonlySet<string>> = {
  name: "backward-scopes",
  ignoresGroups: true,
  run(graph) {
    const found = new Set(recordingOf(graph)?.isTraining === true ? ["backward"] : []);
    const forward = new Set<string>();
    for (const { scope, operands } of graph.ops) {
      scope.forEach((name, at) => {
        if (at === 0 || (name !== "forward" && name !== "backward")) return;
        const around = formatScope(scope.slice(0, at));
        if (name === "forward") forward.add(around);
        if (name === "forward" || !forward.has(around)) return;
        const isGradient = Object.values(operands).some((id) => {
          const value = valueAt(graph, id);
          if (value.kind === "constant") return value.data?.every((element) => element === 1);
          const maker = definingOp(graph, id)?.scope ?? [];
          return maker[at] === "forward" && formatScope(maker.slice(0, at)) === around;
        });
        if (isGradient) found.add(formatScope(scope.slice(0, at + 1)));
      });
    }
    return found;
  },
};

/** The layers that compute a mask, and the kernels that it takes. */
const MASKING: ReadonlySet<string> = new Set(["Masking", "Embedding"]);
const MASK_KERNELS: ReadonlySet<string> = new Set(["ZerosLike", "NotEqual", "Any", "Cast"]);

/**
 * The layer whose mask an op computes outside of the layer's call: tfjs asks for it once more right
 * after the call. Source: `execute` in executor.ts of tfjs-layers 4.22.
 */
function maskedLayer(graph: Graph, { id, call, kernel }: Op): Call | undefined {
  const before = graph.ops[id - 1];
  if (before === undefined || !MASK_KERNELS.has(kernel)) return undefined;
  if (before.call === call) return maskedLayer(graph, before);
  const layer = callOf(graph, before);
  const isMasked = layer !== undefined && MASKING.has(layer.className) && layer.parent === call;
  return isMasked ? layer : undefined;
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

/** Whether ops are all that a call computes, or are in none. */
export function areAloneInTheirCall(graph: Graph, ops: readonly Op[]): boolean {
  const [call, ...others] = new Set(ops.map(({ call }) => call));
  if (others.length > 0) return false;
  return call === undefined || analyse(graph, workingOpsOfCalls).get(call) === ops.length;
}

/** The function that makes a layer of a class: `tf.layers.conv2d` for `Conv2D`. */
export function layerFunction(className: string): string {
  const name = `${className.slice(0, 1).toLowerCase()}${className.slice(1)}`;
  return `tf.layers.${name.replace(/(?<=\d)D$/, "d")}`;
}
