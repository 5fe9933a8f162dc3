import { declared } from "./convention.ts";
import { each } from "./each.ts";
import { addsBias, inside } from "./inside-layer.ts";
import { numpyEinsum } from "./numpy-einsum.ts";
import { pooled } from "./pooled.ts";
import { recurrent } from "./recurrent.ts";

const POOL = { pooled };
/** What a convolution or product carries, as kernels of their own count. */
const FUSED = "(max(relu - relu6, 0) + leaky + prelu + elu) * M";
/** 4 per element, and 1 for the scale and offset together. */
const LAYER_NORM = "(4 + s) * N";

/** Patches functions: a module counts what the functions that it calls count. */
export const calflops = declared({
  name: "calflops",
  description: "calflops as of November 2026, with its FLOPs and its MACs",
  unit: "flops",
  symbols: {
    Add: { bias: addsBias("convolution") },
    ...{ MaxPool: POOL, MaxPool3D: POOL, AvgPool: POOL, AvgPool3D: POOL },
    Relu6: { functional: inside("FunctionCall") },
    Einsum: { E: numpyEinsum },
  },
  kernels: {
    ...each("2 * M * (Ci * K)", ["Conv2D", "DepthwiseConv2dNative", "Conv3D"]),
    ...each(`2 * M * (Ci * K) + b * M + ${FUSED}`, ["FusedConv2D", "FusedDepthwiseConv2D"]),
    ...each("2 * D * (Ci * K)", ["Conv2DBackpropInput", "Conv3DBackpropInputV2"]),
    // The bias of a convolution counts; that of a linear layer does not.
    Add: "bias * M",
    BatchMatMul: "2 * M * k",
    _FusedMatMul: `2 * M * k + ${FUSED}`,
    Einsum: "E",
    FusedBatchNorm: "N * (1 + s) + 3 * computed * N",
    ...each("N", ["Relu", "LeakyRelu", "Elu", "Prelu", "Softmax"]),
    // Its module calls a function that is not patched.
    Relu6: "functional * N",
    ...each("pooled", ["MaxPool", "MaxPool3D", "AvgPool", "AvgPool3D"]),
    Mean: "global * N",
    ...each("N", ["ResizeBilinear", "ResizeNearestNeighbor"]),
  },
  layers: {
    AdaptiveAveragePooling2D: "N",
    ...{ GlobalAveragePooling1D: "N", GlobalMaxPooling1D: "N", GlobalMaxPooling2D: "N" },
    // A mean of tensors is no function that is patched.
    FunctionalMean: "0",
    // In eval mode PyTorch runs it as one operator, past every function that is patched.
    MultiheadAttention: "0",
    LayerNormalization: LAYER_NORM,
    ...{ GELU: "N", SiLU: "N" },
    // Products less a sum per gate each, then what the cell does beside them.
    ...recurrent({
      SimpleRNN: "R * (2 * H * (I + H) - H + 2 * H * b)",
      GRU: "R * (6 * H * (I + H) + H + 6 * H * b)",
      LSTM: "R * (8 * H * (I + H) + 2 * H + 8 * H * b)",
    }),
  },
  patterns: { "layer-norm": LAYER_NORM, softmax: "N" },
  macs: {
    ...each("M * (Ci * K)", ["Conv2D", "DepthwiseConv2dNative", "Conv3D"]),
    ...each("M * (Ci * K)", ["FusedConv2D", "FusedDepthwiseConv2D"]),
    ...each("D * (Ci * K)", ["Conv2DBackpropInput", "Conv3DBackpropInputV2"]),
    ...each("M * k", ["BatchMatMul", "_FusedMatMul"]),
  },
});
