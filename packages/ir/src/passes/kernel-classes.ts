import type { KernelName } from "../kernels/registry.ts";

/** Kernels that multiply and sum up: what an epilogue can be fused to. */
export const CONTRACTIONS: ReadonlySet<string> = new Set<KernelName>([
  "BatchMatMul",
  "Conv2D",
  "Conv2DBackpropInput",
  "Conv3D",
  "DepthwiseConv2dNative",
  "Einsum",
  "FusedConv2D",
  "FusedDepthwiseConv2D",
  "_FusedMatMul",
]);

/** Contractions that slide a window, and so can do a padding before them. */
export const PADDED_CONTRACTIONS: ReadonlySet<string> = new Set<KernelName>([
  "Conv2D",
  "Conv3D",
  "DepthwiseConv2dNative",
  "FusedConv2D",
  "FusedDepthwiseConv2D",
]);

/** Kernels that compute each element of their result from the same element of their operands. */
export const ELEMENTWISE: ReadonlySet<string> = new Set(
  (
    [
      ["Abs", "Acos", "Acosh", "Add", "AddN", "Asin", "Asinh", "Atan", "Atan2", "Atanh"],
      ["BitwiseAnd", "Cast", "Ceil", "ClipByValue", "Cos", "Cosh", "Elu", "EluGrad", "Equal"],
      ["Erf", "Exp", "Expm1", "Floor", "FloorDiv", "FusedBatchNorm", "Greater", "GreaterEqual"],
      ["IsFinite", "IsInf", "IsNan", "LeakyRelu", "Less", "LessEqual", "Log", "Log1p"],
      ["LogicalAnd", "LogicalNot", "LogicalOr", "Maximum", "Minimum", "Mod", "Multiply", "Neg"],
      ["NotEqual", "Pow", "Prelu", "RealDiv", "Reciprocal", "Relu", "Relu6", "Round", "Rsqrt"],
      ["Select", "Selu", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus", "Sqrt", "Square"],
      ["SquaredDifference", "Step", "Sub", "Tan", "Tanh"],
    ] satisfies KernelName[][]
  ).flat(),
);
