/**
 * Activations that tfjs can run inside a convolution or a matrix product, an element each.
 * Of a function with branches, the costlier branch counts.
 */
const ACTIVATIONS: Readonly<
  Record<string, { readonly flops: number; readonly transcendentals: number }>
> = {
  linear: { flops: 0, transcendentals: 0 },
  /** max(x, 0): a comparison. */
  relu: { flops: 1, transcendentals: 0 },
  /** min(max(x, 0), 6): two comparisons. */
  relu6: { flops: 2, transcendentals: 0 },
  /** x ≥ 0 ? x : αx: a comparison and a product. */
  prelu: { flops: 2, transcendentals: 0 },
  leakyrelu: { flops: 2, transcendentals: 0 },
  /** x ≥ 0 ? x : eˣ − 1: a comparison, a subtraction, an exponential. */
  elu: { flops: 2, transcendentals: 1 },
  /** 1 / (1 + e⁻ˣ): a negation, a sum, a division, an exponential. */
  sigmoid: { flops: 3, transcendentals: 1 },
};

/** What a fused kernel's formulas may use beside the symbols of its contraction. */
export interface FusedSymbols extends Record<string, number> {
  /** 1 where a bias is added. */
  readonly b: number;
  /** Flops and transcendentals of the activation, an element. */
  readonly Af: number;
  readonly At: number;
  /** 1 where the activation is ReLU or ReLU6, leaky ReLU, PReLU, ELU: tools differ in these. */
  readonly relu: number;
  readonly leaky: number;
  readonly prelu: number;
  readonly elu: number;
}

/** The symbols of a kernel without bias and activation. */
export const UNFUSED = fusedSymbols(false, "linear");

/** @throws Error where the activation is none that tfjs knows. */
export function fusedSymbols(hasBias: boolean, activation: string): FusedSymbols {
  const cost = ACTIVATIONS[activation];
  if (cost === undefined) throw new Error(`the activation ${activation} has no formula`);
  return {
    b: hasBias ? 1 : 0,
    Af: cost.flops,
    At: cost.transcendentals,
    relu: activation === "relu" || activation === "relu6" ? 1 : 0,
    leaky: activation === "leakyrelu" ? 1 : 0,
    prelu: activation === "prelu" ? 1 : 0,
    elu: activation === "elu" ? 1 : 0,
  };
}
