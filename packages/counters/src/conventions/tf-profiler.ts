import { declared } from "./convention.ts";
import { each } from "./each.ts";
import type { ConvolutionAttrs } from "./valid-taps.ts";

/** A reduction of N elements to M; one of no elements joins nothing. */
const JOINED = "max(N - M, 0)";
/**
 * A gradient of a convolution by TensorFlow's rule: the input's elements times the filter's, over the
 * input's channels and the strides; rounded down where the strides leave a rest.
 */
const byInput = <const Elements extends string>(elements: Elements) =>
  `floor(2 * ${elements} * (K * Co) / strides)` as const;

const STRIDES = {
  /** One stride for both axes, or one each. */
  strides: ({ attrs: { strides } }: { readonly attrs: Pick<ConvolutionAttrs, "strides"> }) =>
    typeof strides === "number" ? strides ** 2 : strides,
};

export const tfProfiler = declared({
  name: "tf-profiler",
  description: "TensorFlow's profiler, by the operations' registered statistics",
  unit: "flops",
  symbols: { Conv2DBackpropInput: STRIDES, Conv2DBackpropFilter: STRIDES },
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
