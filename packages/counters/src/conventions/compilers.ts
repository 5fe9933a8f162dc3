import type { KernelName } from "@opcounter/ir";
import { convention } from "./convention.ts";

/** The same expression for many kernels. */
function each(expression: string, kernels: readonly KernelName[]) {
  return Object.fromEntries(kernels.map((kernel) => [kernel, expression]));
}

/** Kernels that are one elementwise instruction of XLA: it counts an operation an element. */
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
    Einsum: "2 * T",
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
    ...each("max(F - 1, 0) * (N + e * R)", ["Cumsum", "Cumprod"]),
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

/**
 * A gradient of a convolution by TensorFlow's rule: the input's elements times the filter's, over the
 * input's channels and the strides; rounded down where the strides leave a rest.
 */
const byInput = (elements: string) => `floor(2 * ${elements} * (K * Co) / strides)`;

export const tfProfiler = convention({
  name: "tf-profiler",
  description: "TensorFlow's profiler, by the operations' registered statistics",
  unit: "flops",
  kernels: {
    Conv2D: "2 * M * (Ci * K)",
    FusedConv2D: "2 * M * (Ci * K) + b * M",
    Conv2DBackpropInput: byInput("M"),
    Conv2DBackpropFilter: byInput("N"),
    DepthwiseConv2dNative: "2 * M * (Ci * K)",
    FusedDepthwiseConv2D: "2 * M * (Ci * K) + b * M",
    Conv3D: "2 * M * (Ci * K)",
    Dilation2D: "2 * K * M",
    // An Einsum has no statistics, and counts 0.
    BatchMatMul: "2 * M * k",
    _FusedMatMul: "2 * M * k + b * M",
    ...each("K * M", ["MaxPool", "AvgPool"]),
    MaxPoolGrad: "K * D + D",
    AvgPoolGrad: "2 * K * D",
    Softmax: "5 * N",
    ...each(JOINED, ["ArgMax", "ArgMin", "Sum"]),
    Mean: "N",
    AddN: "(n - 1) * M",
    ...each("2 * M", ["Rsqrt", "SquaredDifference"]),
    ...each("M", ["Add", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "Log"]),
    ...each("M", ["Maximum", "Minimum", "Multiply", "Neg", "NotEqual", "Pow", "RealDiv"]),
    ...each("M", ["Reciprocal", "Square", "Sub"]),
  },
});
