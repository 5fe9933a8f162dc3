import type { KernelName, Shape, TensorType } from "@opcounter/ir/core";
import { convention } from "./convention.ts";
import { each } from "./each.ts";
import { type ConvolutionAttrs, validTaps } from "./valid-taps.ts";

/** Kernels that are one elementwise instruction of XLA: it counts one operation per element. */
const ARITHMETIC = [
  ...(["Abs", "Add", "BitwiseAnd", "Ceil", "ClipByValue", "ComplexAbs", "Equal", "Floor"] as const),
  ...(["Greater", "GreaterEqual", "IsFinite", "IsNan", "Less", "LessEqual"] as const),
  ...(["LogicalAnd", "LogicalNot", "LogicalOr", "Maximum", "Minimum", "Multiply", "Neg"] as const),
  ...(["NotEqual", "RealDiv", "Reciprocal", "Relu", "Relu6", "Round", "Select", "Sign"] as const),
  ...(["Square", "Step", "Sub"] as const),
] satisfies readonly KernelName[];

/** Kernels that are one transcendental instruction. */
const TRANSCENDENTAL = [
  ...(["Acos", "Acosh", "Asin", "Asinh", "Atan", "Atan2", "Atanh", "Cos", "Cosh", "Erf"] as const),
  ...(["Exp", "Expm1", "Log", "Log1p", "Pow", "Rsqrt", "Sigmoid", "Sin", "Sinh", "Sqrt"] as const),
  ...(["Tan", "Tanh"] as const),
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
/**
 * A fused bias and activation, as the kernels of their own count. ReLU and ReLU6 are one
 * instruction; leaky ReLU and PReLU compare, multiply and choose; ELU compares, chooses, and has an
 * exponential; a sigmoid is one transcendental.
 */
const FUSED = "(b + relu + 3 * leaky + 3 * prelu + 2 * elu) * M";

export const xla = convention({
  name: "xla",
  description: "XLA's HloCostAnalysis, of the operations that tfjs's kernels stand for",
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
    // The maxima of the rows, differences, sums and quotients, as the kernels of their own count.
    Softmax: "4 * N - 2 * R",
    AddN: "(n - 1) * M",
    ...each("2 * M", ["Elu", "FloorDiv", "SquaredDifference"]),
    ...each("3 * M", ["LeakyRelu", "Prelu"]),
    Selu: "4 * M",
    Mod: "8 * M",
    Softplus: "4 * M",
    IsInf: "2 * M",
    EluGrad: "4 * D",
    ...each("K * D", ["MaxPoolGrad", "MaxPool3DGrad"]),
    ...each("D + (K - 1) * M", ["AvgPoolGrad", "AvgPool3DGrad"]),
    UnsortedSegmentSum: "N",
    ...each("max(F - 1, 0) * (N + exclusive * R)", ["Cumsum", "Cumprod"]),
    ...each("M", ARITHMETIC),
    ...each(JOINED, ["All", "Any", "ArgMax", "ArgMin", "Max", "Min", "Prod", "Sum"]),
  },
  transcendentals: {
    Softmax: "N",
    ...each("M", ["Elu", "Selu", ...TRANSCENDENTAL]),
    Softplus: "2 * M",
    ...each("At * M", ["FusedConv2D", "FusedDepthwiseConv2D", "_FusedMatMul"]),
  },
});
