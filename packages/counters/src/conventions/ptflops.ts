import { declared } from "./convention.ts";
import { addsBias } from "./inside-layer.ts";
import { recurrent } from "./recurrent.ts";

/**
 * Sees every operator that a PyTorch program dispatches, functional calls among them. It counts
 * few operators; the others count 0.
 */
export const ptflops = declared({
  name: "ptflops",
  description: "ptflops 0.7.5 with its aten backend",
  unit: "macs",
  symbols: { Add: { bias: addsBias("convolution") } },
  kernels: {
    Conv2D: "M * (Ci * K)",
    FusedConv2D: "M * (Ci * K) + b * M",
    DepthwiseConv2dNative: "M * (Ci * K)",
    FusedDepthwiseConv2D: "M * (Ci * K) + b * M",
    Conv3D: "M * (Ci * K)",
    Conv2DBackpropInput: "D * (Ci * K)",
    Conv3DBackpropInputV2: "D * (Ci * K)",
    Add: "bias * M",
    BatchMatMul: "M * k",
    _FusedMatMul: "M * k + b * M",
    // Where it sums over no index, PyTorch runs it as a product per element.
    Einsum: "contracts * T",
  },
  layers: {
    // Where tfjs adds the bias of a product of more than two dimensions by a kernel of its own.
    Dense: "M * I + b * M",
    // A gate has a product by the input and one by the state, each with a bias.
    ...recurrent({
      SimpleRNN: "R * (H * (I + H) + 2 * H * b)",
      GRU: "R * (3 * H * (I + H) + 6 * H * b)",
      LSTM: "R * (4 * H * (I + H) + 8 * H * b)",
    }),
  },
});
