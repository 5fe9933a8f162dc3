import { valueAt } from "@opcounter/ir/core";
import type { OpInGraph } from "../formulas/formula.ts";
import { declared } from "./convention.ts";
import { each } from "./each.ts";
import { addsBias, inside } from "./inside-layer.ts";
import { pooled } from "./pooled.ts";
import { recurrent } from "./recurrent.ts";

const FUNCTIONAL = { functional: inside("FunctionCall") };
const POOL = { ...FUNCTIONAL, pooled };

/** The elements of what a scaled product has on its left: the queries of attention. */
function queriesOf(_: unknown, { graph, op }: OpInGraph): number | readonly number[] {
  const [scores] = Object.values(op.operands);
  const value = scores === undefined ? undefined : valueAt(graph, scores);
  const product = value?.kind === "result" ? graph.ops[value.op] : undefined;
  const queries = product?.kernel === "BatchMatMul" ? product.operands["a"] : undefined;
  return queries === undefined ? 0 : valueAt(graph, queries).shape;
}

/** What a convolution or product carries, as modules of their own count. */
const FUSED = "(max(2 * relu - relu6, 0) + leaky + 2 * prelu + 2 * elu) * M";
/**
 * A module that calls the function of the same name counts twice, once by its own hook and once by
 * the function's; a function that a model calls itself counts once.
 */
const TWICE = "(2 - functional) * N";

/** Patches functions, and hooks modules beside them. */
export const ptflopsPytorch = declared({
  name: "ptflops@pytorch",
  description: "ptflops 0.7.5 with its default backend, which counts some modules twice",
  unit: "macs",
  symbols: {
    Add: { bias: addsBias("convolution", "dense") },
    RealDiv: { attention: inside("MultiheadAttention"), queries: queriesOf },
    Relu: FUNCTIONAL,
    Elu: FUNCTIONAL,
    Prelu: FUNCTIONAL,
    LeakyRelu: FUNCTIONAL,
    MaxPool: POOL,
    MaxPool3D: POOL,
    AvgPool: POOL,
    AvgPool3D: POOL,
    Mean: FUNCTIONAL,
    ResizeBilinear: FUNCTIONAL,
    ResizeNearestNeighbor: FUNCTIONAL,
  },
  kernels: {
    ...each("M * (Ci * K)", ["Conv2D", "DepthwiseConv2dNative", "Conv3D"]),
    ...each(`M * (Ci * K) + b * M + ${FUSED}`, ["FusedConv2D", "FusedDepthwiseConv2D"]),
    ...each("D * (Ci * K)", ["Conv2DBackpropInput", "Conv3DBackpropInputV2"]),
    BatchMatMul: "M * k",
    _FusedMatMul: `M * k + b * M + ${FUSED}`,
    Add: "bias * M",
    // Attention scales its queries; tfjs scales the scores.
    RealDiv: "attention * queries",
    FusedBatchNorm: "N * (1 + s)",
    ...each(TWICE, ["Relu", "Elu", "Prelu"]),
    ...each("(2 - functional) * pooled", ["MaxPool", "MaxPool3D", "AvgPool", "AvgPool3D"]),
    Mean: `global * ${TWICE}`,
    // Their functions are not patched, or are other ones than their modules call.
    LeakyRelu: "(1 - functional) * N",
    Relu6: "N",
    Softmax: "N",
    ...each("(2 - functional) * M", ["ResizeBilinear", "ResizeNearestNeighbor"]),
  },
  layers: {
    AdaptiveAveragePooling2D: "2 * N",
    ...{
      GlobalAveragePooling1D: "2 * N",
      GlobalMaxPooling1D: "2 * N",
      GlobalMaxPooling2D: "2 * N",
    },
    // A mean of tensors is no function that is patched.
    FunctionalMean: "0",
    // Its module has no attribute by which ptflops sees a scale.
    LayerNormalization: "N",
    ...{ GELU: "2 * N", SiLU: "N" },
    ...recurrent({
      SimpleRNN: "R * (H * (I + H) + H + 2 * H * b)",
      GRU: "R * (3 * H * (I + H) + 7 * H + 6 * H * b)",
      LSTM: "R * (4 * H * (I + H) + 10 * H + 8 * H * b)",
    }),
  },
  patterns: { "layer-norm": "N", softmax: "N" },
});
