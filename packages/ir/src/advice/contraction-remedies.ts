import type { Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { type Epilogue, isRelu6 } from "./epilogue.ts";
import { areAloneInTheirCall, authorOf, layerFunction } from "./whose.ts";

/** How to have a contraction do what follows it. */
export interface Remedy {
  readonly text: string;
  /** The part of the epilogue that it then does. */
  readonly fuses: Epilogue;
  /** How many reshapes the fused function makes that the contraction's does not. */
  readonly addedViews: number;
}

/** What the user can do, in the words of what has the op; undefined where it is not known. */
export function remedyFor(graph: Graph, contraction: Op, epilogue: Epilogue): Remedy | undefined {
  const fuses = withinReach(graph, contraction, epilogue);
  if (fuses.bias === undefined && fuses.activation === undefined) return undefined;
  const author = authorOf(graph, contraction);
  if (author === "node" || author === "gradient") return undefined;
  if (author === "function") {
    // tf.fused.matMul reshapes both operands to three dimensions, and its result back.
    const addedViews = contraction.kernel === "BatchMatMul" ? 3 : 0;
    const { activation, clip } = fuses;
    const isClip = activation !== undefined && isRelu6(activation);
    const relu6 = clip !== undefined || isClip ? ", clipByValue(0, 6) as relu6" : "";
    const text = `Use ${fusedFunction(contraction)}, which takes the bias and the activation${relu6}.`;
    return { text, fuses, addedViews };
  }
  return forLayer(graph, author.layer, contraction, fuses);
}

/** An activation in a layer of its own can be moved only where the layer does nothing else. */
function withinReach(graph: Graph, contraction: Op, epilogue: Epilogue): Epilogue {
  const { bias, activation, clip } = epilogue;
  const isIn = (...ops: Op[]) =>
    ops.every(({ call }) => call === contraction.call) || areAloneInTheirCall(graph, ops);
  const takesBias = bias !== undefined && isIn(bias.add);
  const reaches = bias === undefined || takesBias;
  if (activation !== undefined && clip !== undefined && reaches) {
    if (isIn(activation, clip)) return epilogue;
  }
  const takesActivation = activation !== undefined && isIn(activation) && reaches;
  return { ...(takesBias && { bias }), ...(takesActivation && { activation }) };
}

function fusedFunction({ kernel }: Op): string {
  if (kernel.includes("MatMul")) return "tf.fused.matMul";
  return kernel.includes("Depthwise") ? "tf.fused.depthwiseConv2d" : "tf.fused.conv2d";
}

/** The layers that could be written with a fused function, and the function that does the rest. */
const OWN_LAYERS: Readonly<Record<string, string>> = {
  Conv1D: "tf.fused.conv2d, with a filter of height 1,",
  Conv2D: "tf.fused.conv2d",
  DepthwiseConv2D: "tf.fused.depthwiseConv2d",
  SeparableConv2D: "tf.depthwiseConv2d and then tf.fused.conv2d",
};

function forLayer(
  graph: Graph,
  layer: string,
  contraction: Op,
  fuses: Epilogue,
): Remedy | undefined {
  const { bias, activation, clip } = fuses;
  const name = layerFunction(layer);
  const isOwnBias = bias !== undefined && bias.add.call === contraction.call;
  if (layer === "Dense" && isOwnBias) {
    const text =
      "Leave the activation out of tf.layers.dense and put it into a layer after it, such as tf.layers.softmax or tf.layers.activation: tf.layers.dense adds its bias in the product's kernel only where it fuses the activation too, and it fuses only linear, relu and elu.";
    return { text, fuses: { bias }, addedViews: 0 };
  }
  const isOption = activation !== undefined && clip === undefined;
  const option = isOption ? OPTIONS[activation.kernel] : undefined;
  const isNext = activation !== undefined && activation.call !== contraction.call;
  if (option !== undefined && isNext && bias === undefined && takesOption(layer)) {
    const text = `Give ${name} the option activation: "${option}", and leave out the layer after it.`;
    return { text, fuses, addedViews: 0 };
  }
  const functions = OWN_LAYERS[layer];
  if (functions === undefined || !isImage(graph, contraction)) return undefined;
  const text = `Write a layer of your own that calls ${functions} with the bias and the activation${clip === undefined ? "" : ", relu6"}: ${name} ${limitOf(layer)}.`;
  return { text, fuses, addedViews: 0 };
}

/** The activations that tf.layers.dense and tf.layers.conv2d fuse, by their kernels. */
const OPTIONS: Readonly<Record<string, string>> = { Relu: "relu", Elu: "elu" };

function takesOption(layer: string): boolean {
  return layer === "Dense" || layer === "Conv2D";
}

function limitOf(layer: string): string {
  return takesOption(layer) ? "fuses only linear, relu and elu" : "fuses neither";
}

function isImage(graph: Graph, { operands: { x } }: Op): boolean {
  return x !== undefined && valueAt(graph, x).shape.length === 4;
}
