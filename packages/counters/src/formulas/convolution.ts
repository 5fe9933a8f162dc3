import type { TensorType } from "@opcounter/ir";
import { dimensions, formula } from "../formula.ts";
import { fusedSymbols, UNFUSED } from "./activation.ts";
import { type ConvolutionAttrs, validTaps } from "./valid-taps.ts";

/**
 * Convolutions. Each output element is a dot product over the window and the input channels:
 * K·Ci multiply-accumulate pairs, where
 *   K is the window's size (kernel height × width, × depth in 3-D),
 *   Ci the input channels that one output channel sees: the filter's second-last dimension.
 * Taps that fall on padding count, as in every tool of this field: the kernel computes them.
 */

interface FilterSymbols {
  readonly K: readonly number[];
  readonly Ci: number;
}

/** K and Ci of a filter `[...window, inputChannels, outputChannels]`. */
function filterSymbols(filter: TensorType): FilterSymbols {
  return { K: filter.shape.slice(0, -2), Ci: filter.shape.at(-2) ?? 1 };
}

/** K of a filter `[height, width, channels, multiplier]` that sees one channel an output. */
function depthwiseSymbols(filter: TensorType): FilterSymbols {
  return { K: filterSymbols(filter).K, Ci: 1 };
}

/** V and Co, for tools that leave out the taps on padding; see `validTaps`. */
function tapSymbols(x: TensorType, filter: TensorType, attrs: ConvolutionAttrs) {
  return { V: validTaps(x, filter, attrs), Co: filter.shape.at(-1) ?? 1 };
}

/** As `tapSymbols` where each input channel has outputs of its own. */
function depthwiseTapSymbols(x: TensorType, filter: TensorType, attrs: ConvolutionAttrs) {
  const channels = (filter.shape[2] ?? 1) * (filter.shape[3] ?? 1);
  return { V: validTaps(x, filter, attrs), Co: channels };
}

/** K and Ci of a filter given by its shape, for the kernels that compute a filter's gradient. */
function shapeSymbols(shape: readonly number[]): FilterSymbols {
  return filterSymbols({ dtype: "float32", shape });
}

const DOT_PRODUCT = "M * (K * Ci)";
const BIAS_AND_ACTIVATION = "b * M + Af * M";

export const convolutionFormulas = [
  formula("Conv2D", {
    symbols: ({ operands, attrs }) => ({
      ...filterSymbols(operands.filter),
      ...tapSymbols(operands.x, operands.filter, attrs),
      ...UNFUSED,
    }),
    macs: DOT_PRODUCT,
  }),
  formula("FusedConv2D", {
    symbols: ({ operands, attrs }) => ({
      ...filterSymbols(operands.filter),
      ...tapSymbols(operands.x, operands.filter, attrs),
      ...fusedSymbols(operands.bias !== undefined, attrs.activation),
    }),
    macs: DOT_PRODUCT,
    flops: BIAS_AND_ACTIVATION,
    transcendentals: "At * M",
  }),
  formula("DepthwiseConv2dNative", {
    symbols: ({ operands, attrs }) => ({
      ...depthwiseSymbols(operands.filter),
      ...depthwiseTapSymbols(operands.x, operands.filter, attrs),
      ...UNFUSED,
    }),
    macs: DOT_PRODUCT,
  }),
  formula("FusedDepthwiseConv2D", {
    symbols: ({ operands, attrs }) => ({
      ...depthwiseSymbols(operands.filter),
      ...depthwiseTapSymbols(operands.x, operands.filter, attrs),
      ...fusedSymbols(operands.bias !== undefined, attrs.activation),
    }),
    macs: DOT_PRODUCT,
    flops: BIAS_AND_ACTIVATION,
    transcendentals: "At * M",
  }),
  formula("Conv3D", {
    symbols: ({ operands }) => ({ ...filterSymbols(operands.filter), ...UNFUSED }),
    macs: DOT_PRODUCT,
  }),
  // Gradients, and transposed convolution, which is the gradient by the input. Every element of
  // dy meets the whole window and all input channels once: D·K·Ci, D being the elements of dy.
  formula("Conv2DBackpropInput", {
    symbols: ({ operands }) => ({
      ...filterSymbols(operands.filter),
      Co: operands.filter.shape.at(-1) ?? 1,
      D: dimensions(operands.dy),
    }),
    macs: "D * (K * Ci)",
  }),
  formula("Conv2DBackpropFilter", {
    symbols: ({ operands, attrs }) => ({
      ...shapeSymbols(attrs.filterShape),
      D: dimensions(operands.dy),
    }),
    macs: "D * (K * Ci)",
  }),
  formula("Conv3DBackpropInputV2", {
    symbols: ({ operands }) => ({ ...filterSymbols(operands.filter), D: dimensions(operands.dy) }),
    macs: "D * (K * Ci)",
  }),
  formula("Conv3DBackpropFilterV2", {
    symbols: ({ operands, attrs }) => ({
      ...shapeSymbols(attrs.filterShape),
      D: dimensions(operands.dy),
    }),
    macs: "D * (K * Ci)",
  }),
  formula("DepthwiseConv2dNativeBackpropInput", {
    symbols: ({ operands }) => ({
      K: filterSymbols(operands.filter).K,
      D: dimensions(operands.dy),
    }),
    macs: "D * K",
  }),
  formula("DepthwiseConv2dNativeBackpropFilter", {
    symbols: ({ operands, attrs }) => ({
      K: shapeSymbols(attrs.filterShape).K,
      D: dimensions(operands.dy),
    }),
    macs: "D * K",
  }),
  // Morphological dilation: the maximum of x + filter over the window, K sums and K − 1 comparisons.
  formula("Dilation2D", {
    symbols: ({ operands: { filter } }) => windowOfDilation(filter),
    flops: "K * M + (K - 1) * M",
  }),
  // Its gradients find the maximum's place again, and add dy there.
  formula("Dilation2DBackpropInput", {
    symbols: ({ operands: { filter, dy } }) => ({ ...windowOfDilation(filter), D: dimensions(dy) }),
    flops: "K * D + (K - 1) * D + D",
  }),
  formula("Dilation2DBackpropFilter", {
    symbols: ({ operands: { filter, dy } }) => ({ ...windowOfDilation(filter), D: dimensions(dy) }),
    flops: "K * D + (K - 1) * D + D",
  }),
];

/** K of a dilation's filter `[height, width, channels]`. */
function windowOfDilation(filter: TensorType): { K: readonly number[] } {
  return { K: filter.shape.slice(0, 2) };
}
