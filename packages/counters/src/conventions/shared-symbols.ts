import type { Shape, TensorType } from "@opcounter/ir/core";
import { isComputedFrom } from "../formulas/computed-from.ts";
import { lengthOf, type OpInGraph } from "../formulas/formula.ts";
import { parameterBehind } from "../formulas/parameter-behind.ts";
import { sidesOf } from "../formulas/pooling.ts";
import type { KernelSymbols } from "./kernel-symbols.ts";

/**
 * Symbols that several tools' conventions use and no formula of opcounter's own does. An op's are
 * computed only where the convention's text for its kernel has them.
 */

interface WithFilter {
  readonly operands: { readonly filter: TensorType };
}
interface OfFilter {
  readonly attrs: { readonly filterShape: Shape };
}
interface WithActivation {
  readonly attrs: { readonly activation: string };
}

/** Output channels of a filter `[...window, input channels, output channels]`. */
const OUTPUTS = {
  Co: ({ operands: { filter } }: WithFilter) => lengthOf(filter.shape, -1),
};
const OUTPUTS_OF_GRADIENT = {
  Co: ({ attrs: { filterShape } }: OfFilter) => lengthOf(filterShape, -1),
};

/** Of a depthwise filter `[height, width, channels, multiplier]`: each channel has outputs of its own. */
const depthwiseOutputs = (filter: Shape) => lengthOf(filter, 2) * lengthOf(filter, 3);
const DEPTHWISE_OUTPUTS = {
  Co: ({ operands: { filter } }: WithFilter) => depthwiseOutputs(filter.shape),
};
const DEPTHWISE_OUTPUTS_OF_GRADIENT = {
  Co: ({ attrs: { filterShape } }: OfFilter) => depthwiseOutputs(filterShape),
};

/** Which activation a kernel carries: tools differ in these. */
const carries =
  (...activations: readonly string[]) =>
  ({ attrs: { activation } }: WithActivation) =>
    activations.includes(activation) ? 1 : 0;
const ACTIVATIONS = {
  relu: carries("relu", "relu6"),
  leaky: carries("leakyrelu"),
  prelu: carries("prelu"),
  elu: carries("elu"),
  relu6: carries("relu6"),
  sigmoid: carries("sigmoid"),
};

/** Whether a batch's own mean normalizes it, as in training; else it is one learned before. */
const STATISTICS = {
  computed: (_: unknown, { graph, op }: OpInGraph) => {
    const { x, mean } = op.operands;
    return x !== undefined && mean !== undefined && isComputedFrom(graph, mean, x) ? 1 : 0;
  },
};

/** Whether the right operand is a weight, as a linear module's is. */
const WEIGHT = {
  w: (_: unknown, { graph, op }: OpInGraph) => {
    const right = op.operands["b"];
    return right !== undefined && parameterBehind(graph, right) !== undefined ? 1 : 0;
  },
};

export const SHARED_SYMBOLS = {
  Conv2D: OUTPUTS,
  FusedConv2D: { ...OUTPUTS, ...ACTIVATIONS },
  Conv3D: OUTPUTS,
  Conv2DBackpropInput: OUTPUTS,
  Conv2DBackpropFilter: OUTPUTS_OF_GRADIENT,
  Conv3DBackpropInputV2: OUTPUTS,
  Conv3DBackpropFilterV2: OUTPUTS_OF_GRADIENT,
  DepthwiseConv2dNative: DEPTHWISE_OUTPUTS,
  FusedDepthwiseConv2D: { ...DEPTHWISE_OUTPUTS, ...ACTIVATIONS },
  DepthwiseConv2dNativeBackpropInput: DEPTHWISE_OUTPUTS,
  DepthwiseConv2dNativeBackpropFilter: DEPTHWISE_OUTPUTS_OF_GRADIENT,
  FusedBatchNorm: STATISTICS,
  BatchMatMul: WEIGHT,
  _FusedMatMul: { ...WEIGHT, ...ACTIVATIONS },
  /** Whether one window is the whole image: global pooling. */
  AvgPool: {
    global: ({ operands: { x }, attrs, results: [y] }) => {
      const isWhole = sidesOf({ attrs }, 2).every((side, axis) => {
        return side === x.shape[axis + 1] && y.shape[axis + 1] === 1;
      });
      return isWhole ? 1 : 0;
    },
  },
  /** Whether it is over the two axes of an image, with channels last or first. */
  Mean: {
    global: ({ operands: { x }, attrs: { axis } }) => {
      const axes = (typeof axis === "number" ? [axis] : (axis ?? []))
        .map((axis) => (axis < 0 ? axis + x.shape.length : axis))
        .sort();
      const isImage = x.shape.length === 4 && ["1,2", "2,3"].includes(axes.join());
      return isImage ? 1 : 0;
    },
  },
} as const satisfies KernelSymbols;
