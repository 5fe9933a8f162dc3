import { lengthOf } from "../formulas/formula.ts";
import { declared } from "./convention.ts";
import { each } from "./each.ts";
import { addsBias } from "./inside-layer.ts";

/** The parameters of PyTorch's cells, which have two biases, times steps and samples. */
const RECURRENT = {
  SimpleRNN: "R * (H * (I + H) + 2 * H * b)",
  GRU: "R * (3 * H * (I + H) + 6 * H * b)",
  LSTM: "R * (4 * H * (I + H) + 8 * H * b)",
} as const;

/** Hooks modules, and multiplies what parameters each has by positions of its output. */
export const torchinfo = declared({
  name: "torchinfo",
  description: "torchinfo's mult-adds as of November 2026: parameters times where they are used",
  unit: "macs",
  symbols: {
    Add: { bias: addsBias("convolution", "dense") },
    FusedBatchNorm: { batch: ({ operands: { x } }) => lengthOf(x.shape, 0) },
  },
  kernels: {
    ...each("M * (Ci * K)", ["Conv2D", "DepthwiseConv2dNative", "Conv3D"]),
    ...each("M * (Ci * K) + b * M", ["FusedConv2D", "FusedDepthwiseConv2D"]),
    // By positions of the output, also where the input has fewer.
    ...each("M * (Co * K)", ["Conv2DBackpropInput", "Conv3DBackpropInputV2"]),
    // The bias of a convolution layer, and of a dense one, that is a kernel of its own in tfjs.
    Add: "bias * M",
    BatchMatMul: "w * M * k",
    _FusedMatMul: "w * (M * k + b * M)",
    FusedBatchNorm: "batch * C * (s + offset)",
  },
  layers: {
    ...{ FunctionCall: "0", FunctionalMean: "0", MultiheadAttention: "0" },
    // Any other layer's parameters count once per sample.
    ...{ BatchNormalization: "P * B", LayerNormalization: "P * B" },
    ...{ Embedding: "P * B", PReLU: "P * B" },
    ...RECURRENT,
    // A cell's results are two tensors of [samples, units], whose first two axes it multiplies.
    SimpleRNNCell: `H * ${RECURRENT.SimpleRNN}`,
    GRUCell: `H * ${RECURRENT.GRU}`,
    LSTMCell: `H * ${RECURRENT.LSTM}`,
  },
  patterns: { "layer-norm": "2 * s * F * B" },
});
