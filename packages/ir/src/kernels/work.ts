/**
 * What a kernel does, as far as passes, patterns, memory traffic and sparsity must know. `O` is the
 * names of the kernel's operands.
 */
export type Work<O extends string = string> =
  | Elementwise
  | Contraction<O>
  | Selection<O>
  /** Gives each element of its operand in another dtype. */
  | { readonly kind: "conversion" }
  /** Gives all elements of its operand, in another order or shape. */
  | { readonly kind: "rearrangement" }
  /** Splits its operand, or puts operands and padding together. */
  | { readonly kind: "assembly" }
  /** Gives elements that no operand has, and computes nothing. */
  | { readonly kind: "creation" }
  /** Anything else. Passes leave it as it is. */
  | { readonly kind: "computation" };

/** Computes each element of its result from the same element of its operands. */
export interface Elementwise {
  readonly kind: "elementwise";
  /** Whether its operands `a` and `b` may be exchanged. */
  readonly commutative: boolean;
  /** Whether fused kernels can do it as their activation. */
  readonly activation: boolean;
}

/** Multiplies elements of two operands and sums the products. */
export interface Contraction<O extends string = string> {
  readonly kind: "contraction";
  /**
   * The operands whose elements are each multiplied equally often, the weights first; `all` in a
   * kernel that takes a list.
   */
  readonly factors: readonly O[] | "all";
  /** The operand that it can pad itself, because it slides a window over it. */
  readonly pads: O | null;
  /** The kernel that does the same, then adds a bias and applies an activation; may be itself. */
  readonly fused: string | null;
}

/** Gives a part of one operand, and reads no more of that operand than it gives. */
export interface Selection<O extends string = string> {
  readonly kind: "selection";
  readonly of: O;
}

/**
 * Where a kernel is computed when a program reads a value and the device holds none.
 *
 * - `cpu`: by tfjs's cpu backend; by its wasm backend where only that has the kernel.
 * - `wasm`: by the wasm backend for float32, where the cpu backend takes long and wasm is right;
 *   otherwise as `cpu`. wasm computes several other kernels wrongly (negative numbers, integers,
 *   NaN).
 * - `wasm unless transposed`: as `wasm`, but wasm computes it wrongly where an operand is
 *   transposed.
 * - `cpu unless scalar`: as `cpu`, but the cpu backend gives 0 or 1 for a scalar, which the kernel
 *   leaves as it is.
 * - `opcounter`: by opcounter itself, since it is a function of TensorFlow.js and no kernel.
 * - `nowhere`: the cpu backend of tfjs 4.22 computes it wrongly, and wasm lacks it.
 */
export type Host =
  | "cpu"
  | "wasm"
  | "wasm unless transposed"
  | "cpu unless scalar"
  | "opcounter"
  | "nowhere";
