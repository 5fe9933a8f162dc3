import type { KernelOp } from "@opcounter/ir";
import type { CountingArithmetic } from "../counting-arithmetic.ts";

export type Activation = KernelOp<"FusedConv2D">["attrs"]["activation"];

/** Those that need nothing but their argument. */
export const PLAIN_ACTIVATIONS = ["linear", "relu", "relu6", "elu", "sigmoid"] as const;

/**
 * An activation as a GPU runs it: both branches are computed, and a comparison picks one.
 *
 * @param slope of the negative side, for leaky ReLU and PReLU.
 */
export function activate(
  n: CountingArithmetic,
  activation: Activation,
  x: number,
  slope = 0,
): number {
  switch (activation) {
    case "linear":
      return x;
    case "relu":
      return n.max(x, 0);
    case "relu6":
      return n.min(n.max(x, 0), 6);
    case "leakyrelu":
    case "prelu": {
      const negative = n.mul(slope, x);
      return n.less(x, 0) ? negative : x;
    }
    case "elu": {
      const negative = n.sub(n.transcendental(Math.exp(x)), 1);
      return n.less(x, 0) ? negative : x;
    }
    case "sigmoid":
      return n.div(1, n.add(1, n.transcendental(Math.exp(n.neg(x)))));
  }
}
