import { convention } from "./convention.ts";

/**
 * Tools that see every operator a PyTorch program dispatches, functional calls among them. Each
 * counts few operators and is silent on the rest, which it counts 0.
 */

/** 4 an element, and 1 for the scale and offset together. */
const LAYER_NORM = "(4 + s) * N";

export const fvcore = convention({
  name: "fvcore",
  description:
    "fvcore's FlopCountAnalysis, as of February 2026, which calls a multiply-accumulate pair one flop",
  unit: "macs",
  kernels: {
    Conv2D: "M * (Ci * K)",
    FusedConv2D: "M * (Ci * K)",
    DepthwiseConv2dNative: "M * (Ci * K)",
    FusedDepthwiseConv2D: "M * (Ci * K)",
    Conv3D: "M * (Ci * K)",
    Conv2DBackpropInput: "D * (Ci * K)",
    Conv3DBackpropInputV2: "D * (Ci * K)",
    BatchMatMul: "M * k",
    _FusedMatMul: "M * k",
    Einsum: "T",
    // Per input element, twice as many where there is a scale.
    FusedBatchNorm: "N * (1 + s)",
    // Adaptive pooling to one pixel, however tfjs runs it; other poolings it does not support.
    Mean: "global * N",
    AvgPool: "global * N",
    ResizeNearestNeighbor: "M",
    ResizeBilinear: "4 * M",
  },
  layers: {
    AdaptiveAveragePooling2D: "N",
    // A mean in a forward method is another operator, which it does not support.
    FunctionalMean: "0",
    LayerNormalization: LAYER_NORM,
    // One operator each, which it does not support.
    ...{ SimpleRNN: "0", GRU: "0", LSTM: "0" },
  },
  patterns: { "layer-norm": LAYER_NORM },
});

export const ptflops = convention({
  name: "ptflops",
  description: "ptflops 0.7.5 with its aten backend",
  unit: "macs",
  kernels: {
    Conv2D: "M * (Ci * K)",
    FusedConv2D: "M * (Ci * K) + b * M",
    DepthwiseConv2dNative: "M * (Ci * K)",
    FusedDepthwiseConv2D: "M * (Ci * K) + b * M",
    Conv3D: "M * (Ci * K)",
    Conv2DBackpropInput: "D * (Ci * K)",
    Conv3DBackpropInputV2: "D * (Ci * K)",
    BatchMatMul: "M * k",
    _FusedMatMul: "M * k + b * M",
    Einsum: "T",
  },
  layers: {
    // Where tfjs adds the bias of a product of more than two dimensions by a kernel of its own.
    Dense: "M * I + b * M",
    // A gate has a product by the input and one by the state, each with a bias.
    SimpleRNN: "R * (H * (I + H) + 2 * H * b)",
    GRU: "R * (3 * H * (I + H) + 6 * H * b)",
    LSTM: "R * (4 * H * (I + H) + 8 * H * b)",
  },
});

export const torch = convention({
  name: "torch",
  description:
    "PyTorch's FlopCounterMode, as of PyTorch 2: two flops a multiply-accumulate pair, and nothing else",
  unit: "flops",
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
    Einsum: "2 * T",
  },
});
