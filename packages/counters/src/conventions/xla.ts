import type { KernelName, Shape, TensorType } from "@opcounter/ir/core";
import { declared } from "./convention.ts";
import { each } from "./each.ts";
import { resizeProducts, resizeWeights } from "./resize-by-products.ts";
import { type ConvolutionAttrs, validTaps } from "./valid-taps.ts";

/** Kernels that are one elementwise instruction of XLA: it counts one operation per element. */
const ARITHMETIC = [
  ...(["Abs", "Add", "BitwiseAnd", "Ceil", "ClipByValue", "ComplexAbs", "Equal", "Floor"] as const),
  ...(["Greater", "GreaterEqual", "IsFinite", "IsNan", "Less", "LessEqual"] as const),
  ...(["LogicalAnd", "LogicalNot", "LogicalOr", "Maximum", "Minimum", "Multiply", "Neg"] as const),
  ...(["Mod", "NotEqual", "RealDiv", "Reciprocal", "Relu", "Round", "Select", "Sign"] as const),
  ...(["Square", "Step", "Sub"] as const),
] satisfies readonly KernelName[];

/** Kernels that are one transcendental instruction. */
const TRANSCENDENTAL = [
  ...(["Atan", "Atan2", "Cos", "Erf", "Exp", "Expm1", "Log", "Log1p", "Pow", "Rsqrt"] as const),
  ...(["Sin", "Sqrt", "Tan", "Tanh"] as const),
] satisfies readonly KernelName[];

/** A reduction of N elements to M; one of no elements joins nothing. */
const JOINED = "max(N - M, 0)";
/** V: taps on padding left out; see `validTaps`. */
const taps = (input: Shape, output: Shape, filter: Shape, attrs: ConvolutionAttrs) =>
  validTaps(input, output, filter.slice(0, -2), attrs);

interface Convolution {
  readonly operands: { readonly x: TensorType; readonly filter: TensorType };
  readonly attrs: ConvolutionAttrs;
  readonly results: readonly [TensorType, ...TensorType[]];
}
interface InputGradient {
  readonly operands: { readonly dy: TensorType; readonly filter: TensorType };
  readonly attrs: ConvolutionAttrs & { readonly inputShape: Shape };
}
interface FilterGradient {
  readonly operands: { readonly x: TensorType; readonly dy: TensorType };
  readonly attrs: ConvolutionAttrs & { readonly filterShape: Shape };
}

const FORWARD = {
  V: ({ operands: { x, filter }, attrs, results: [y] }: Convolution) =>
    taps(x.shape, y.shape, filter.shape, attrs),
};
const BY_INPUT = {
  V: ({ operands: { dy, filter }, attrs }: InputGradient) =>
    taps(attrs.inputShape, dy.shape, filter.shape, attrs),
};
const BY_FILTER = {
  V: ({ operands: { x, dy }, attrs }: FilterGradient) =>
    taps(x.shape, dy.shape, attrs.filterShape, attrs),
};

/** XLA leaves out the taps of a convolution that fall on padding: V counts the others. */
const VALID_TAPS = "2 * V * Ci * Co";
const DEPTHWISE_VALID_TAPS = "2 * V * Co";
/** A fused bias and activation, as the kernels of their own count. */
const FUSED = "(b + relu + relu6 + 3 * leaky + 3 * prelu + 5 * elu + 3 * sigmoid) * M";

/** A cast that keeps the type is none. */
const CAST = {
  changes: (op: {
    readonly operands: { readonly x: TensorType };
    readonly results: readonly [TensorType, ...TensorType[]];
  }) => (op.operands.x.dtype === op.results[0].dtype ? 0 : 1),
};

/**
 * What a kernel is where it is no instruction of XLA's: what JAX 0.11.2 lowers it to, where it has
 * such a function, and else the instructions of its definition. Flops and transcendentals.
 */
export const LOWERED = {
  flops: {
    // Of one comparison and one choice each; JAX also guards the exponential of elu by both.
    ...each("3 * M", ["LeakyRelu", "Prelu"]),
    Elu: "5 * M",
    Selu: "6 * M",
    Relu6: "2 * M",
    // 1 / (1 + e⁻ˣ).
    Sigmoid: "3 * M",
    // log(eˣ + e⁰): a maximum, and the logarithm of 1 + e^−|x| beside it, unless x is no number.
    Softplus: "6 * M",
    // By atan2, exponentials and logarithms, with a branch where numbers are large or small.
    ...{ Acos: "3 * M", Asin: "5 * M", Acosh: "9 * M", Asinh: "11 * M", Atanh: "6 * M" },
    ...{ Cosh: "3 * M", Sinh: "10 * M" },
    // The maxima of the rows, compared with −∞, then differences, sums and quotients.
    Softmax: "4 * N - R",
    // A difference and a product, a scale and an offset where there are; per channel a sum.
    FusedBatchNorm: "(2 + s + offset) * N + C",
    // A window of squares over the channels, padding included; then as the formula of LRN.
    LRN: "2 * radius * N + 4 * N",
    // Indices travel with the values: five comparisons, two choices, and logic between them.
    ...each(`9 * ${JOINED}`, ["ArgMax", "ArgMin"]),
    // A comparison with every class, and its conversion.
    OneHot: "2 * M",
    Cast: "changes * M",
    ScatterNd: "updates",
    ResizeBilinear: "2 * products + weighting",
    CropAndResize: "bilinear * 9 * M",
    Dilation2D: "K * M + (K - 1) * M",
  },
  transcendentals: {
    ...each("M", ["Elu", "Selu", "Sigmoid"]),
    ...each("2 * M", ["Acos", "Asin", "Atanh", "Cosh", "Softplus"]),
    ...each("3 * M", ["Acosh", "Asinh", "Sinh"]),
    FusedBatchNorm: "C",
    ...each("N", ["LRN", "Softmax"]),
  },
} as const;

export const xla = declared({
  name: "xla",
  description:
    "XLA's HloCostAnalysis of what JAX 0.11.2 lowers to, before optimization, for the operations that tfjs's kernels stand for",
  unit: "flops",
  symbols: {
    Conv2D: FORWARD,
    FusedConv2D: FORWARD,
    Conv3D: FORWARD,
    DepthwiseConv2dNative: FORWARD,
    FusedDepthwiseConv2D: FORWARD,
    Conv2DBackpropInput: BY_INPUT,
    Conv3DBackpropInputV2: BY_INPUT,
    DepthwiseConv2dNativeBackpropInput: BY_INPUT,
    Conv2DBackpropFilter: BY_FILTER,
    Conv3DBackpropFilterV2: BY_FILTER,
    DepthwiseConv2dNativeBackpropFilter: BY_FILTER,
    Cast: CAST,
    ResizeBilinear: { products: resizeProducts, weighting: resizeWeights },
    LRN: {
      radius: ({ attrs: { depthRadius } }: { readonly attrs: { readonly depthRadius: number } }) =>
        depthRadius,
    },
  },
  kernels: {
    ...each(VALID_TAPS, ["Conv2D", "Conv3D", "Conv2DBackpropInput", "Conv2DBackpropFilter"]),
    ...each(VALID_TAPS, ["Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"]),
    FusedConv2D: `${VALID_TAPS} + ${FUSED}`,
    DepthwiseConv2dNative: DEPTHWISE_VALID_TAPS,
    DepthwiseConv2dNativeBackpropInput: DEPTHWISE_VALID_TAPS,
    DepthwiseConv2dNativeBackpropFilter: DEPTHWISE_VALID_TAPS,
    FusedDepthwiseConv2D: `${DEPTHWISE_VALID_TAPS} + ${FUSED}`,
    BatchMatMul: "2 * M * k",
    _FusedMatMul: `2 * M * k + ${FUSED}`,
    // Of several operands one dot, whether it sums or not; of one a reduction.
    Einsum: `(1 - single) * 2 * T + single * ${JOINED}`,
    ...each("(K - 1) * M", ["MaxPool", "MaxPool3D"]),
    // The window's sum, and a division.
    ...each("K * M", ["AvgPool", "AvgPool3D"]),
    Mean: `${JOINED} + M`,
    AddN: "(n - 1) * M",
    ...each("2 * M", ["FloorDiv", "IsInf", "SquaredDifference"]),
    // Of a length that is no power of two the logarithm is rounded down.
    ...each("8 * N * max(log2(F + 1) - 1, 0)", ["FFT", "IFFT"]),
    EluGrad: "4 * D",
    ...each("K * D", ["MaxPoolGrad", "MaxPool3DGrad"]),
    ...each("D + (K - 1) * M", ["AvgPoolGrad", "AvgPool3DGrad"]),
    UnsortedSegmentSum: "N",
    ...each("max(F - 1, 0) * (N + exclusive * R)", ["Cumsum", "Cumprod"]),
    ...each("M", ARITHMETIC),
    ...each(JOINED, ["All", "Any", "Max", "Min", "Prod", "Sum"]),
    ...LOWERED.flops,
  },
  transcendentals: {
    ...each("M", TRANSCENDENTAL),
    ...LOWERED.transcendentals,
    ...each("At * M", ["FusedConv2D", "FusedDepthwiseConv2D", "_FusedMatMul"]),
  },
});
