/**
 * Arithmetic on numbers that keeps a tally of what it did. The naive loops of the proofs compute
 * with it and nothing else, so that what they need is counted and not derived.
 *
 * What a loop does with indices, sizes and attributes is not tallied: tensors have no part in it.
 */
export class CountingArithmetic {
  macs = 0;
  /** Includes two for each multiply-accumulate pair. */
  flops = 0;
  transcendentals = 0;

  /** sum + a·b, one multiply-accumulate pair. */
  mac(sum: number, a: number, b: number): number {
    this.macs++;
    return this.#flops(2, sum + a * b);
  }

  add(a: number, b: number): number {
    return this.#flops(1, a + b);
  }

  sub(a: number, b: number): number {
    return this.#flops(1, a - b);
  }

  mul(a: number, b: number): number {
    return this.#flops(1, a * b);
  }

  div(a: number, b: number): number {
    return this.#flops(1, a / b);
  }

  neg(a: number): number {
    return this.#flops(1, -a);
  }

  abs(a: number): number {
    return this.#flops(1, Math.abs(a));
  }

  max(a: number, b: number): number {
    return this.#flops(1, Math.max(a, b));
  }

  min(a: number, b: number): number {
    return this.#flops(1, Math.min(a, b));
  }

  less(a: number, b: number): boolean {
    return this.#flops(1, a < b);
  }

  equal(a: number, b: number): boolean {
    return this.#flops(1, a === b);
  }

  /** Which of two is the greater: negative, zero or positive. One comparison. */
  compare(a: number, b: number): number {
    return this.#flops(1, a - b);
  }

  floor(a: number): number {
    return this.#flops(1, Math.floor(a));
  }

  ceil(a: number): number {
    return this.#flops(1, Math.ceil(a));
  }

  /** To the nearest whole number, halves to the even one. */
  round(a: number): number {
    const below = Math.floor(a);
    const isHalf = a - below === 0.5;
    return this.#flops(1, isHalf ? 2 * Math.round(a / 2) : Math.round(a));
  }

  /** A test of one number, such as whether it is finite. */
  test(condition: boolean): boolean {
    return this.#flops(1, condition);
  }

  /** A bitwise operation. */
  and(a: number, b: number): number {
    return this.#flops(1, a & b);
  }

  /** An exponential, logarithm, root, power or trigonometric function. */
  transcendental(value: number): number {
    this.transcendentals++;
    return value;
  }

  #flops<T>(count: number, result: T): T {
    this.flops += count;
    return result;
  }
}
