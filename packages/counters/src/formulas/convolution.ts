import type { Shape, TensorType } from "@opcounter/ir/core";
import { BIAS_AND_ACTIVATION, FUSED } from "./activation.ts";
import { formula, GRADIENT, lengthOf } from "./formula.ts";

/**
 * Convolutions. Each output element is a dot product over the window and the input channels:
 * K·Ci multiply-accumulate pairs, where
 *   K is the window's size (kernel height × width, × depth in 3-D),
 *   Ci the input channels that one output channel sees: the filter's second-last dimension.
 * Taps that fall on padding count, as in every tool of this field: the kernel computes them.
 */

/** An op with a filter among its operands: `[...window, input channels, output channels]`. */
interface WithFilter {
  readonly operands: { readonly filter: TensorType };
}

/** An op that computes the gradient of a filter, whose shape its attributes have. */
interface OfFilter {
  readonly attrs: { readonly filterShape: Shape };
}

const windowOf = (filter: Shape) => filter.slice(0, -2);
const inputChannels = (filter: Shape) => lengthOf(filter, -2);

const FILTER = {
  K: ({ operands: { filter } }: WithFilter) => windowOf(filter.shape),
  Ci: ({ operands: { filter } }: WithFilter) => inputChannels(filter.shape),
};

/** A depthwise filter is `[height, width, channels, multiplier]`: an output sees one channel. */
const DEPTHWISE = { K: FILTER.K, Ci: () => 1 };

const FILTER_GRADIENT = {
  K: ({ attrs: { filterShape } }: OfFilter) => windowOf(filterShape),
  Ci: ({ attrs: { filterShape } }: OfFilter) => inputChannels(filterShape),
  ...GRADIENT,
};

/** A dilation's filter is `[height, width, channels]`. */
const DILATION = {
  K: ({ operands: { filter } }: WithFilter) => filter.shape.slice(0, 2),
};

const DOT_PRODUCT = "M * (K * Ci)";

export const convolutionFormulas = [
  formula("Conv2D", { symbols: FILTER, macs: DOT_PRODUCT }),
  formula("FusedConv2D", {
    symbols: { ...FILTER, ...FUSED },
    macs: DOT_PRODUCT,
    flops: BIAS_AND_ACTIVATION,
    transcendentals: "At * M",
  }),
  formula("DepthwiseConv2dNative", { symbols: DEPTHWISE, macs: DOT_PRODUCT }),
  formula("FusedDepthwiseConv2D", {
    symbols: { ...DEPTHWISE, ...FUSED },
    macs: DOT_PRODUCT,
    flops: BIAS_AND_ACTIVATION,
    transcendentals: "At * M",
  }),
  formula("Conv3D", { symbols: FILTER, macs: DOT_PRODUCT }),
  // Gradients, and transposed convolution, which is the gradient by the input. Every element of
  // dy meets the whole window and all input channels once: D·K·Ci, D being the elements of dy.
  formula("Conv2DBackpropInput", { symbols: { ...FILTER, ...GRADIENT }, macs: "D * (K * Ci)" }),
  formula("Conv2DBackpropFilter", { symbols: FILTER_GRADIENT, macs: "D * (K * Ci)" }),
  formula("Conv3DBackpropInputV2", { symbols: { ...FILTER, ...GRADIENT }, macs: "D * (K * Ci)" }),
  formula("Conv3DBackpropFilterV2", { symbols: FILTER_GRADIENT, macs: "D * (K * Ci)" }),
  formula("DepthwiseConv2dNativeBackpropInput", {
    symbols: { K: FILTER.K, ...GRADIENT },
    macs: "D * K",
  }),
  formula("DepthwiseConv2dNativeBackpropFilter", {
    symbols: { K: FILTER_GRADIENT.K, ...GRADIENT },
    macs: "D * K",
  }),
  // Morphological dilation: the maximum of x + filter over the window, K sums and K − 1 comparisons.
  formula("Dilation2D", { symbols: DILATION, flops: "K * M + (K - 1) * M" }),
  // Its gradients find the maximum's place again, and add dy there.
  formula("Dilation2DBackpropInput", {
    symbols: { ...DILATION, ...GRADIENT },
    flops: "K * D + (K - 1) * D + D",
  }),
  formula("Dilation2DBackpropFilter", {
    symbols: { ...DILATION, ...GRADIENT },
    flops: "K * D + (K - 1) * D + D",
  }),
];
