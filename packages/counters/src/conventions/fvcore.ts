import type { TensorType } from "@opcounter/ir/core";
import { indexLengths } from "../formulas/matmul.ts";
import { declared } from "./convention.ts";
import { numpyEinsum } from "./numpy-einsum.ts";

/** 4 per element, and 1 for the scale and offset together. */
const LAYER_NORM = "(4 + s) * N";

/** Two equations that fvcore counts itself, exactly; of any other it halves what numpy prints. */
const OWN_EQUATIONS = ["abc,abd->acd", "abc,adc->adb"];

/** An equation with its indices named a, b, c in order, as fvcore compares them. */
function renamed(equation: string): string {
  const letters = [...new Set(equation.match(/[A-Za-z]/g))];
  return equation
    .replaceAll(/\s/g, "")
    .replaceAll(/[A-Za-z]/g, (letter) => String.fromCharCode(97 + letters.indexOf(letter)));
}

interface Einsum {
  readonly operands: readonly TensorType[];
  readonly attrs: { readonly equation: string };
}

/**
 * Sees every operator that a PyTorch program dispatches, functional calls among them. It counts
 * few operators; the others count 0.
 */
export const fvcore = declared({
  name: "fvcore",
  description:
    "fvcore's FlopCountAnalysis, as of February 2026, which calls a multiply-accumulate pair one flop",
  unit: "macs",
  symbols: {
    Einsum: {
      E: (op: Einsum) =>
        OWN_EQUATIONS.includes(renamed(op.attrs.equation))
          ? [2, ...indexLengths(op.attrs.equation, op.operands)]
          : numpyEinsum(op),
    },
  },
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
    Einsum: "floor(E / 2)",
    // Per input element, twice as many where there is a scale; 3 more where the batch's own mean and
    // variance are computed, as in training.
    FusedBatchNorm: "N * (1 + s) + 3 * computed * N",
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
