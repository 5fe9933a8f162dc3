import type { TensorType } from "@opcounter/ir/core";
import { sidesOf } from "../formulas/pooling.ts";
import { declared } from "./convention.ts";
import { each } from "./each.ts";
import { inside } from "./inside-layer.ts";
import { ADAPTIVE_POOL_HEAD, FUNCTIONS, RECURRENT } from "./thop.ts";
import { type ConvolutionAttrs, validTaps } from "./valid-taps.ts";

/** An average pool. Its windows leave padding out, as PyTorch's may. */
interface Pool {
  readonly operands: { readonly x: TensorType };
  readonly attrs: ConvolutionAttrs & { readonly filterSize: number | readonly number[] };
  readonly results: readonly [TensorType, ...TensorType[]];
}

const taps = (axes: 2 | 3) => ({
  taps: ({ operands: { x }, attrs, results: [y] }: Pool) => {
    const channels = attrs.dataFormat === "NCHW" ? x.shape[1] : x.shape.at(-1);
    const perChannel = validTaps(x.shape, y.shape, sidesOf({ attrs }, axes), attrs);
    return BigInt(perChannel) * BigInt(channels ?? 1);
  },
});
const ATTENTION = { attention: inside("MultiheadAttention") };

/** By a weight, as a linear module's is, or any product of an attention module. */
const PRODUCT = "max(w, attention) * k * M";
const SOFTMAX = "R * (3 * F - 1)";

/** Hooks modules, as the versions before it. */
export const thop21 = declared({
  name: "thop@2.1",
  description: "ultralytics-thop 2.1.6, the maintained fork of thop",
  unit: "macs",
  symbols: {
    AvgPool: taps(2),
    AvgPool3D: taps(3),
    BatchMatMul: ATTENTION,
    _FusedMatMul: ATTENTION,
  },
  kernels: {
    ...each("M * (Ci * K)", ["Conv2D", "DepthwiseConv2dNative", "Conv3D"]),
    ...each("M * (Ci * K) + prelu * M", ["FusedConv2D", "FusedDepthwiseConv2D"]),
    // Over the input, as it computes.
    ...each("D * (Ci * K)", ["Conv2DBackpropInput", "Conv3DBackpropInputV2"]),
    FusedBatchNorm: "2 * N * (1 + s)",
    Prelu: "N",
    ...each("taps + M", ["AvgPool", "AvgPool3D"]),
    Mean: `global * (${ADAPTIVE_POOL_HEAD})`,
    BatchMatMul: PRODUCT,
    _FusedMatMul: `${PRODUCT} + prelu * M`,
    Softmax: SOFTMAX,
    ResizeBilinear: "11 * M",
  },
  layers: {
    ...FUNCTIONS,
    AdaptiveAveragePooling2D: ADAPTIVE_POOL_HEAD,
    GlobalAveragePooling1D: ADAPTIVE_POOL_HEAD,
    LayerNormalization: "2 * N * (1 + s)",
    ...RECURRENT,
  },
  patterns: { "layer-norm": "2 * N * (1 + s)", softmax: SOFTMAX },
});
