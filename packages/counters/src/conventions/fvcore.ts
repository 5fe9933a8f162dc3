import { convention } from "./convention.ts";

/** 4 per element, and 1 for the scale and offset together. */
const LAYER_NORM = "(4 + s) * N";

/**
 * Sees every operator that a PyTorch program dispatches, functional calls among them. It counts
 * few operators; the others count 0.
 */
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
    Einsum: "contracts * T",
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
