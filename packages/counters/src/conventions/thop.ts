import { sidesOf } from "../formulas/pooling.ts";
import { declared } from "./convention.ts";
import { recurrent } from "./recurrent.ts";

/**
 * thop (PyTorch-OpCounter) counts module calls: a hook on every module of a known class. Its rules
 * changed over the years without a change of name, so each set is a convention of its own.
 *
 * A matrix product counts where it is by a weight (w), as a linear module's is: other products, such
 * as attention's, are function calls that no hook sees.
 */

/**
 * k1 of a pool's window. PyTorch has one number for equal sides, and a tuple otherwise, whose
 * members thop multiplies.
 */
const side =
  (axes: 2 | 3) =>
  (op: { readonly attrs: { readonly filterSize: number | readonly number[] } }) => {
    const sides = sidesOf(op, axes);
    const [first] = sides;
    return first !== undefined && sides.every((each) => each === first) ? first : sides;
  };
const POOL_SIDES = {
  MaxPool: { k1: side(2) },
  MaxPool3D: { k1: side(3) },
  AvgPool: { k1: side(2) },
  AvgPool3D: { k1: side(3) },
} as const;

/** Layers that stand for a functional call of PyTorch, which module hooks do not see. */
export const FUNCTIONS = { FunctionCall: "0", FunctionalMean: "0" } as const;
/** An attention module uses its weights in function calls; these versions have no hook for it. */
const UNSEEN = { ...FUNCTIONS, MultiheadAttention: "0" } as const;

const ADAPTIVE_POOL_2019 = "(floor(N / M) + 1) * M";
/** ∏(in / out) + 1 per output, and N = M·∏(in / out): N + M. */
export const ADAPTIVE_POOL_HEAD = "N + M";

const LAYERS_2019 = {
  ...UNSEEN,
  AdaptiveAveragePooling2D: ADAPTIVE_POOL_2019,
  GlobalAveragePooling1D: ADAPTIVE_POOL_2019,
  // Classes that thop of 2019 did not know: it counted 0 for them, whatever runs inside.
  ...{ LayerNormalization: "0", SimpleRNN: "0", GRU: "0", LSTM: "0" },
};

/** A step of a recurrent cell: H·(I + H) and H pairs, and 2·H where there are biases. */
const RNN_STEP = "(H * (I + H) + H + 2 * H * b)";

/** Layers of such cells: a gate each, and what the cell does beside. */
export const RECURRENT = recurrent({
  SimpleRNN: `R * ${RNN_STEP}`,
  GRU: `R * (3 * ${RNN_STEP} + 4 * H)`,
  LSTM: `R * (4 * ${RNN_STEP} + 4 * H)`,
});

/** What an activation counts that a convolution or product carries. */
const FUSED_2019_07 = "(relu + leaky + prelu) * M";
const FUSED_2019_09 = "(leaky + prelu) * M";
const FUSED_HEAD = "prelu * M";

export const thop201907 = declared({
  name: "thop@2019-07",
  symbols: POOL_SIDES,
  description:
    "thop from March to June 2019, with which the article's DenseNet-121 figure was made",
  unit: "macs",
  kernels: {
    // The bias is multiplied by the input channels too: a bug of that time.
    Conv2D: "M * K * Ci",
    FusedConv2D: `M * (K + b) * Ci + ${FUSED_2019_07}`,
    DepthwiseConv2dNative: "M * K * Ci",
    FusedDepthwiseConv2D: `M * (K + b) * Ci + ${FUSED_2019_07}`,
    Conv3D: "M * K * Ci",
    Conv2DBackpropInput: "M * (Co * K)",
    FusedBatchNorm: "4 * N",
    Relu: "N",
    Relu6: "N",
    LeakyRelu: "N",
    Prelu: "N",
    MaxPool: "k1 * M",
    MaxPool3D: "k1 * M",
    AvgPool: "(k1 + 1) * M",
    AvgPool3D: "(k1 + 1) * M",
    Mean: `global * (${ADAPTIVE_POOL_2019})`,
    BatchMatMul: "w * (2 * k - 1) * M",
    _FusedMatMul: `w * (2 * k - 1) * M + ${FUSED_2019_07}`,
  },
  layers: LAYERS_2019,
  patterns: { "layer-norm": "0" },
});

export const thop201909 = declared({
  name: "thop@2019-09",
  symbols: POOL_SIDES,
  description: "thop of September 2019, whose results are the table in its README",
  unit: "macs",
  kernels: {
    Conv2D: "M * (Ci * K)",
    FusedConv2D: `M * (Ci * K + b) + ${FUSED_2019_09}`,
    DepthwiseConv2dNative: "M * (Ci * K)",
    FusedDepthwiseConv2D: `M * (Ci * K + b) + ${FUSED_2019_09}`,
    Conv3D: "M * (Ci * K)",
    Conv2DBackpropInput: "M * (Co * K)",
    Conv3DBackpropInputV2: "M * (Co * K)",
    FusedBatchNorm: "4 * N",
    LeakyRelu: "N",
    Prelu: "N",
    AvgPool: "(k1 + 1) * M",
    AvgPool3D: "(k1 + 1) * M",
    Mean: `global * (${ADAPTIVE_POOL_2019})`,
    BatchMatMul: "w * (2 * k - 1) * M",
    _FusedMatMul: `w * (2 * k - 1) * M + ${FUSED_2019_09}`,
    ResizeBilinear: "13 * M",
  },
  layers: LAYERS_2019,
  patterns: { "layer-norm": "0" },
});

export const thopHead = declared({
  name: "thop@head",
  description: "thop as of its last commit, September 2022",
  unit: "macs",
  kernels: {
    Conv2D: "M * (Ci * K)",
    FusedConv2D: `M * (Ci * K) + ${FUSED_HEAD}`,
    DepthwiseConv2dNative: "M * (Ci * K)",
    FusedDepthwiseConv2D: `M * (Ci * K) + ${FUSED_HEAD}`,
    Conv3D: "M * (Ci * K)",
    // Over the output, which is known to be wrong for strides above 1; kept as thop has it.
    Conv2DBackpropInput: "M * (Co * K)",
    Conv3DBackpropInputV2: "M * (Co * K)",
    FusedBatchNorm: "2 * N * (1 + s)",
    Prelu: "N",
    AvgPool: "M",
    AvgPool3D: "M",
    Mean: `global * (${ADAPTIVE_POOL_HEAD})`,
    BatchMatMul: "w * k * M",
    _FusedMatMul: `w * k * M + ${FUSED_HEAD}`,
    Softmax: "R * (3 * F - 1)",
    ResizeNearestNeighbor: "M",
    ResizeBilinear: "11 * M",
  },
  layers: {
    ...UNSEEN,
    AdaptiveAveragePooling2D: ADAPTIVE_POOL_HEAD,
    GlobalAveragePooling1D: ADAPTIVE_POOL_HEAD,
    LayerNormalization: "2 * N * (1 + s)",
    ...RECURRENT,
  },
  patterns: { "layer-norm": "2 * N * (1 + s)", softmax: "R * (3 * F - 1)" },
});
