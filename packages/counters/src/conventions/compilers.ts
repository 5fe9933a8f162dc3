import type { KernelName } from "@opcounter/ir";
import { convention } from "./convention.ts";

/** The same expression for many kernels. */
function each(expression: string, kernels: readonly KernelName[]) {
  return Object.fromEntries(kernels.map((kernel) => [kernel, expression]));
}

/** Kernels that do one operation an element. */
const ARITHMETIC = [
  ...(["Abs", "Add", "BitwiseAnd", "Ceil", "Equal", "Floor", "Greater", "GreaterEqual"] as const),
  ...(["IsFinite", "IsInf", "IsNan", "Less", "LessEqual", "LogicalAnd", "LogicalNot"] as const),
  ...(["LogicalOr", "Maximum", "Minimum", "Multiply", "Neg", "NotEqual", "RealDiv"] as const),
  ...(["Reciprocal", "Relu", "Round", "Select", "Sign", "Square", "Step", "Sub"] as const),
] satisfies readonly KernelName[];

/** Kernels that XLA counts as one transcendental an element. */
const TRANSCENDENTAL = [
  ...(["Acos", "Acosh", "Asin", "Asinh", "Atan", "Atan2", "Atanh", "Cos", "Cosh", "Erf"] as const),
  ...(["Exp", "Expm1", "Log", "Log1p", "Pow", "Rsqrt", "Sigmoid", "Sin", "Sinh", "Sqrt"] as const),
  ...(["Tan", "Tanh"] as const),
] satisfies readonly KernelName[];

/** A reduction of N elements to M; one of no elements joins nothing. */
const JOINED = "max(N - M, 0)";
/** XLA leaves out the taps of a convolution that fall on padding: V counts the others. */
const VALID_TAPS = "2 * V * Ci * Co";
/** A fused bias and activation, an element each. */
const FUSED = "b * M + relu * M + leaky * 2 * M + prelu * 2 * M";

export const xla = convention({
  name: "xla",
  description: "XLA's HloCostAnalysis, of the operations that tfjs's kernels stand for",
  unit: "flops",
  kernels: {
    Conv2D: VALID_TAPS,
    FusedConv2D: `${VALID_TAPS} + ${FUSED}`,
    DepthwiseConv2dNative: VALID_TAPS,
    FusedDepthwiseConv2D: `${VALID_TAPS} + ${FUSED}`,
    BatchMatMul: "2 * M * k",
    _FusedMatMul: `2 * M * k + ${FUSED}`,
    Einsum: "2 * T",
    MaxPool: "(K - 1) * M",
    AvgPool: "(K - 1) * M",
    Softmax: "4 * N",
    Relu6: "2 * M",
    ClipByValue: "2 * M",
    ...each("M", ARITHMETIC),
    ...each(JOINED, ["All", "Any", "ArgMax", "ArgMin", "Max", "Mean", "Min", "Prod", "Sum"]),
  },
  transcendentals: { Softmax: "N", ...each("M", TRANSCENDENTAL) },
});

export const tfProfiler = convention({
  name: "tf-profiler",
  description: "TensorFlow's profiler, by the operations' registered statistics",
  unit: "flops",
  kernels: {
    Conv2D: "2 * M * (Ci * K)",
    FusedConv2D: "2 * M * (Ci * K) + b * M",
    DepthwiseConv2dNative: "2 * M * (Ci * K)",
    FusedDepthwiseConv2D: "2 * M * (Ci * K) + b * M",
    Conv3D: "2 * M * (Ci * K)",
    BatchMatMul: "2 * M * k",
    _FusedMatMul: "2 * M * k + b * M",
    Einsum: "2 * T",
    MaxPool: "K * M",
    AvgPool: "K * M",
    Softmax: "5 * N",
    Sum: JOINED,
    Mean: "N",
    ...each("M", ["Add", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd"]),
    ...each("M", ["LogicalNot", "LogicalOr", "Maximum", "Minimum", "Multiply", "Neg", "NotEqual"]),
    ...each("M", ["Pow", "RealDiv", "Reciprocal", "Rsqrt", "Square", "SquaredDifference", "Sub"]),
  },
});
