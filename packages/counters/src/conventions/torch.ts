import type { Shape } from "@opcounter/ir/core";
import { lengthOf } from "../formulas/formula.ts";
import { declared } from "./convention.ts";

/**
 * Sees every operator that a PyTorch program dispatches, functional calls among them. It counts
 * few operators; the others count 0.
 */
export const torch = declared({
  name: "torch",
  description:
    "PyTorch's FlopCounterMode, as of PyTorch 2: two flops a multiply-accumulate pair, and nothing else",
  unit: "flops",
  symbols: {
    DepthwiseConv2dNativeBackpropFilter: {
      channels: ({ attrs: { filterShape } }: { readonly attrs: { readonly filterShape: Shape } }) =>
        lengthOf(filterShape, 2),
    },
  },
  kernels: {
    Conv2D: "2 * M * (Ci * K)",
    FusedConv2D: "2 * M * (Ci * K)",
    DepthwiseConv2dNative: "2 * M * (Ci * K)",
    FusedDepthwiseConv2D: "2 * M * (Ci * K)",
    Conv3D: "2 * M * (Ci * K)",
    Conv2DBackpropInput: "2 * D * (Ci * K)",
    Conv2DBackpropFilter: "2 * D * (Ci * K)",
    Conv3DBackpropInputV2: "2 * D * (Ci * K)",
    Conv3DBackpropFilterV2: "2 * D * (Ci * K)",
    DepthwiseConv2dNativeBackpropInput: "2 * D * K",
    // It takes the batch for the channels of that gradient, and leaves groups out.
    DepthwiseConv2dNativeBackpropFilter: "2 * D * K * channels",
    BatchMatMul: "2 * M * k",
    _FusedMatMul: "2 * M * k",
    // Where it sums over no index, PyTorch runs it as a product per element.
    Einsum: "2 * contracts * T",
  },
});
