import type { Shape, TensorType } from "@opcounter/ir";
import { fusedSymbols, UNFUSED } from "./activation.ts";
import { dimensions, formula } from "./formula.ts";
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
function tapSymbols(
  input: Shape,
  output: Shape,
  filter: Shape,
  attrs: ConvolutionAttrs,
): { readonly V: number; readonly Co: number } {
  return { V: validTaps(input, output, filter.slice(0, -2), attrs), Co: filter.at(-1) ?? 1 };
}

/** As `tapSymbols` where each input channel has outputs of its own. */
function depthwiseTapSymbols(
  input: Shape,
  output: Shape,
  filter: Shape,
  attrs: ConvolutionAttrs,
): { readonly V: number; readonly Co: number } {
  const [height = 1, width = 1, channels = 1, multiplier = 1] = filter;
  return { V: validTaps(input, output, [height, width], attrs), Co: channels * multiplier };
}

/** K and Ci of a filter given by its shape, for the kernels that compute a filter's gradient. */
function shapeSymbols(shape: readonly number[]): FilterSymbols {
  return filterSymbols({ dtype: "float32", shape });
}

/** The product of a 2-D convolution's strides. */
function stridesOf({ strides }: ConvolutionAttrs): number {
  return typeof strides === "number" ? strides ** 2 : (strides[0] ?? 1) * (strides[1] ?? 1);
}

const DOT_PRODUCT = "M * (K * Ci)";
const BIAS_AND_ACTIVATION = "b * M + Af * M";

export const convolutionFormulas = [
  formula("Conv2D", {
    symbols: ({ operands, attrs, results: [y] }) => ({
      ...filterSymbols(operands.filter),
      ...tapSymbols(operands.x.shape, y.shape, operands.filter.shape, attrs),
      ...UNFUSED,
    }),
    macs: DOT_PRODUCT,
  }),
  formula("FusedConv2D", {
    symbols: ({ operands, attrs, results: [y] }) => ({
      ...filterSymbols(operands.filter),
      ...tapSymbols(operands.x.shape, y.shape, operands.filter.shape, attrs),
      ...fusedSymbols(operands.bias !== undefined, attrs.activation),
    }),
    macs: DOT_PRODUCT,
    flops: BIAS_AND_ACTIVATION,
    transcendentals: "At * M",
  }),
  formula("DepthwiseConv2dNative", {
    symbols: ({ operands, attrs, results: [y] }) => ({
      ...depthwiseSymbols(operands.filter),
      ...depthwiseTapSymbols(operands.x.shape, y.shape, operands.filter.shape, attrs),
      ...UNFUSED,
    }),
    macs: DOT_PRODUCT,
  }),
  formula("FusedDepthwiseConv2D", {
    symbols: ({ operands, attrs, results: [y] }) => ({
      ...depthwiseSymbols(operands.filter),
      ...depthwiseTapSymbols(operands.x.shape, y.shape, operands.filter.shape, attrs),
      ...fusedSymbols(operands.bias !== undefined, attrs.activation),
    }),
    macs: DOT_PRODUCT,
    flops: BIAS_AND_ACTIVATION,
    transcendentals: "At * M",
  }),
  formula("Conv3D", {
    symbols: ({ operands, attrs, results: [y] }) => ({
      ...filterSymbols(operands.filter),
      ...tapSymbols(operands.x.shape, y.shape, operands.filter.shape, attrs),
      ...UNFUSED,
    }),
    macs: DOT_PRODUCT,
  }),
  // Gradients, and transposed convolution, which is the gradient by the input. Every element of
  // dy meets the whole window and all input channels once: D·K·Ci, D being the elements of dy.
  formula("Conv2DBackpropInput", {
    symbols: ({ operands, attrs }) => ({
      ...filterSymbols(operands.filter),
      ...tapSymbols(attrs.inputShape, operands.dy.shape, operands.filter.shape, attrs),
      D: dimensions(operands.dy),
      strides: stridesOf(attrs),
    }),
    macs: "D * (K * Ci)",
  }),
  formula("Conv2DBackpropFilter", {
    symbols: ({ operands, attrs }) => ({
      ...shapeSymbols(attrs.filterShape),
      ...tapSymbols(operands.x.shape, operands.dy.shape, attrs.filterShape, attrs),
      D: dimensions(operands.dy),
      strides: stridesOf(attrs),
    }),
    macs: "D * (K * Ci)",
  }),
  formula("Conv3DBackpropInputV2", {
    symbols: ({ operands, attrs }) => ({
      ...filterSymbols(operands.filter),
      ...tapSymbols(attrs.inputShape, operands.dy.shape, operands.filter.shape, attrs),
      D: dimensions(operands.dy),
    }),
    macs: "D * (K * Ci)",
  }),
  formula("Conv3DBackpropFilterV2", {
    symbols: ({ operands, attrs }) => ({
      ...shapeSymbols(attrs.filterShape),
      ...tapSymbols(operands.x.shape, operands.dy.shape, attrs.filterShape, attrs),
      D: dimensions(operands.dy),
    }),
    macs: "D * (K * Ci)",
  }),
  formula("DepthwiseConv2dNativeBackpropInput", {
    symbols: ({ operands, attrs }) => ({
      K: filterSymbols(operands.filter).K,
      ...depthwiseTapSymbols(attrs.inputShape, operands.dy.shape, operands.filter.shape, attrs),
      D: dimensions(operands.dy),
    }),
    macs: "D * K",
  }),
  formula("DepthwiseConv2dNativeBackpropFilter", {
    symbols: ({ operands, attrs }) => ({
      K: shapeSymbols(attrs.filterShape).K,
      ...depthwiseTapSymbols(operands.x.shape, operands.dy.shape, attrs.filterShape, attrs),
      channels: attrs.filterShape[2] ?? 1,
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
