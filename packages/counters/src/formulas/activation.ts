import type { TensorType } from "@opcounter/ir/core";

/** What one activation costs per element. */
interface ActivationCost {
  readonly flops: number;
  readonly transcendentals: number;
}

/**
 * Activations that tfjs can run inside a convolution or a matrix product, per element.
 * Of a function with branches, the costlier branch counts.
 */
const ACTIVATIONS: ReadonlyMap<string, ActivationCost> = new Map([
  ["linear", { flops: 0, transcendentals: 0 }],
  /** max(x, 0): a comparison. */
  ["relu", { flops: 1, transcendentals: 0 }],
  /** min(max(x, 0), 6): two comparisons. */
  ["relu6", { flops: 2, transcendentals: 0 }],
  /** x ≥ 0 ? x : αx: a comparison and a product. */
  ["prelu", { flops: 2, transcendentals: 0 }],
  ["leakyrelu", { flops: 2, transcendentals: 0 }],
  /** x ≥ 0 ? x : eˣ − 1: a comparison, a subtraction, an exponential. */
  ["elu", { flops: 2, transcendentals: 1 }],
  /** 1 / (1 + e⁻ˣ): a negation, a sum, a division, an exponential. */
  ["sigmoid", { flops: 3, transcendentals: 1 }],
]);

/** @throws Error where the activation is none that tfjs knows. */
function costOf(activation: string): ActivationCost {
  const cost = ACTIVATIONS.get(activation);
  if (cost === undefined) throw new Error(`the activation ${activation} has no formula`);
  return cost;
}

/** An op whose kernel adds a bias and applies an activation to what it contracts. */
interface FusedOp {
  readonly operands: { readonly bias?: TensorType };
  readonly attrs: { readonly activation: string };
}

/** The symbols of a fused bias and activation. */
export const FUSED = {
  b: ({ operands: { bias } }: FusedOp) => (bias === undefined ? 0 : 1),
  Af: ({ attrs: { activation } }: FusedOp) => costOf(activation).flops,
  At: ({ attrs: { activation } }: FusedOp) => costOf(activation).transcendentals,
};

export const BIAS_AND_ACTIVATION = "b * M + Af * M";
