import type { Graph, Op } from "../graph.ts";
import type { KernelName } from "../kernels/registry.ts";

/**
 * A tree that says what the operands of an op must be. Where one pattern object is in the tree
 * twice, both places must match the same value. Two objects that look alike may match different
 * values. Matching ignores views: reshapes, and casts without effect.
 */
export type Pattern =
  | { readonly kind: "any" }
  | { readonly kind: "scalar"; readonly value: number | undefined }
  | {
      readonly kind: "op";
      readonly kernels: readonly string[];
      /** By operand name. Operands that are not named may be anything. */
      readonly operands: Readonly<Record<string, Pattern>>;
    }
  | { readonly kind: "either"; readonly options: readonly Pattern[] };

/** A fusion that `fuse` recognises, as data. */
export interface FusionPattern {
  /** The group's name: `softmax`. */
  readonly name: string;
  /** Which form it is, where several patterns have one name: `tanh` of `gelu`. */
  readonly form?: string;
  /** What it stands for, for people. */
  readonly meaning: string;
  readonly root: Pattern;
  /** A further condition. `opOf` gives the op that a pattern of the tree matched. */
  readonly when?: (graph: Graph, opOf: (pattern: Pattern) => Op | undefined) => boolean;
}

/** Any value. */
export function any(): Pattern {
  return { kind: "any" };
}

/** A value of one element; where `value` is given, a constant of about that value. */
export function scalar(value?: number): Pattern {
  return { kind: "scalar", value };
}

export function op(
  kernel: KernelName | readonly KernelName[],
  operands: Record<string, Pattern>,
): Pattern {
  return { kind: "op", kernels: typeof kernel === "string" ? [kernel] : kernel, operands };
}

export function unary(kernel: KernelName, x: Pattern): Pattern {
  return op(kernel, { x });
}

/** Both orders of the operands match if the kernel is commutative. */
export function binary(kernel: KernelName, a: Pattern, b: Pattern): Pattern {
  return op(kernel, { a, b });
}

export function either(...options: Pattern[]): Pattern {
  return { kind: "either", options };
}

export const add = (a: Pattern, b: Pattern) => binary("Add", a, b);
export const subtract = (a: Pattern, b: Pattern) => binary("Sub", a, b);
export const multiply = (a: Pattern, b: Pattern) => binary("Multiply", a, b);
export const divide = (a: Pattern, b: Pattern) => binary("RealDiv", a, b);

/** x·factor, also where it is written as a division by 1/factor. */
export function scaled(x: Pattern, factor: number): Pattern {
  return either(multiply(x, scalar(factor)), divide(x, scalar(1 / factor)));
}

/** a·b·c in any order and with any parentheses. */
export function product(a: Pattern, b: Pattern, c: Pattern): Pattern {
  return either(
    multiply(multiply(a, b), c),
    multiply(multiply(a, c), b),
    multiply(multiply(b, c), a),
  );
}
