import type { WorkKind } from "../count/work.ts";
import { roundToEven, toHalf } from "./half.ts";
import { type Operation, wrap } from "./operations.ts";
import type { ScalarKind } from "./types.ts";

/** A built-in function that works on each component of its arguments alone. */
export interface ComponentFunction {
  readonly args: number;
  /** What one component costs, for floats; of integers it is one integer operation. */
  readonly work: WorkKind;
  /** How much of it; 1 by default. */
  readonly times?: number;
  /** Absent where WGSL has the function for integers alone. */
  readonly float?: (of: ScalarKind) => Operation;
  /** From this argument on they are unsigned integers, one for all components. */
  readonly unsignedFrom?: number;
  /** Absent where WGSL has the function for floats alone. */
  readonly integer?: (of: ScalarKind) => Operation;
}

function of(
  args: number,
  work: WorkKind,
  compute: Operation["evaluate"],
  { isMonotone = false, times = 1 }: { isMonotone?: boolean; times?: number } = {},
): ComponentFunction {
  const byKind = new Map<ScalarKind, Operation>();
  const float = (kind: ScalarKind) => {
    const evaluate: Operation["evaluate"] = (a, b, c) => wrap(kind, compute(a, b, c));
    const made = { of: kind, evaluate, ...(isMonotone ? { monotone: compute } : {}) };
    const operation: Operation = byKind.get(kind) ?? made;
    byKind.set(kind, operation);
    return operation;
  };
  return { args, work, float, times };
}

/** A function of bits, of which nothing is known for intervals. */
function ofBits(args: number, signed: Operation["evaluate"], unsigned = signed): ComponentFunction {
  return {
    ...{ args, work: "integers" },
    integer: (kind) => ({
      of: kind,
      evaluate: (a, b, c) => wrap(kind, (kind === "i32" ? signed : unsigned)(a, b, c)),
    }),
  };
}

function alsoOfIntegers(
  float: ComponentFunction,
  compute: Operation["evaluate"],
  isMonotone: boolean,
): ComponentFunction {
  return {
    ...float,
    integer: (kind) => ({
      of: kind,
      evaluate: compute,
      ...(isMonotone ? { monotone: compute } : {}),
    }),
  };
}

// The order of the comparisons is WGSL's, which says what comes of a NaN.
function least(a: number, b: number): number {
  if (b < a) return b;
  return a;
}

function greatest(a: number, b: number): number {
  if (a < b) return b;
  return a;
}

const clamp = (x: number, low: number, high: number) => least(greatest(x, low), high);

const saturate = (x: number) => clamp(x, 0, 1);

/** How many bits are 1. */
function ones(x: number): number {
  let count = 0;
  for (let rest = x >>> 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}

const trailingZeros = (x: number) => (x === 0 ? 32 : 31 - Math.clz32(x & -x));
const highestBit = (x: number) => 31 - Math.clz32(x);

function reversed(x: number): number {
  let result = 0;
  for (let bit = 0; bit < 32; bit++) result |= ((x >>> bit) & 1) << (31 - bit);
  return result;
}

/** The bits from `offset` on, as many as `count`. Source: WGSL, "extractBits". */
function extracted(x: number, offset: number, count: number, isSigned: boolean): number {
  const from = Math.min(offset, 32);
  const size = Math.min(count, 32 - from);
  if (size === 0) return 0;
  const high = x << (32 - size - from);
  return isSigned ? high >> (32 - size) : high >>> (32 - size);
}

const unary = (compute: (x: number) => number) => of(1, "transcendentals", compute);
const rounding = (compute: (x: number) => number, isMonotone: boolean) =>
  of(1, "additions", compute, { isMonotone });

/** By name. Source: WGSL, "Numeric Built-in Functions". */
export const COMPONENT_FUNCTIONS: Readonly<Record<string, ComponentFunction>> = {
  abs: alsoOfIntegers(rounding(Math.abs, false), (a) => Math.abs(a) | 0, false),
  sign: alsoOfIntegers(rounding(Math.sign, true), Math.sign, true),
  min: alsoOfIntegers(of(2, "comparisons", least, { isMonotone: true }), least, true),
  max: alsoOfIntegers(of(2, "comparisons", greatest, { isMonotone: true }), greatest, true),
  clamp: alsoOfIntegers(of(3, "comparisons", clamp, { isMonotone: true, times: 2 }), clamp, true),
  ceil: rounding(Math.ceil, true),
  floor: rounding(Math.floor, true),
  round: rounding(roundToEven, true),
  trunc: rounding(Math.trunc, true),
  fract: rounding((x) => x - Math.floor(x), false),
  step: of(2, "comparisons", (edge, x) => (edge <= x ? 1 : 0), { isMonotone: true }),
  saturate: of(1, "comparisons", saturate, { isMonotone: true, times: 2 }),
  degrees: of(1, "multiplications", (x) => (x * 180) / Math.PI, { isMonotone: true }),
  radians: of(1, "multiplications", (x) => (x * Math.PI) / 180, { isMonotone: true }),
  quantizeToF16: of(1, "additions", toHalf, { isMonotone: true }),
  countOneBits: ofBits(1, ones),
  countLeadingZeros: ofBits(1, Math.clz32),
  countTrailingZeros: ofBits(1, trailingZeros),
  firstTrailingBit: ofBits(1, (x) => (x === 0 ? -1 : trailingZeros(x))),
  // Of a negative integer, the highest bit that differs from the sign.
  firstLeadingBit: ofBits(1, (x) => highestBit(x < 0 ? ~x : x), highestBit),
  reverseBits: ofBits(1, reversed),
  extractBits: {
    ...ofBits(
      3,
      (x, from, size) => extracted(x, from, size, true),
      (x, from, size) => {
        return extracted(x, from, size, false);
      },
    ),
    unsignedFrom: 1,
  },
  acos: unary(Math.acos),
  acosh: unary(Math.acosh),
  asin: unary(Math.asin),
  asinh: unary(Math.asinh),
  atan: unary(Math.atan),
  atanh: unary(Math.atanh),
  atan2: of(2, "transcendentals", Math.atan2),
  cos: unary(Math.cos),
  cosh: unary(Math.cosh),
  exp: unary(Math.exp),
  exp2: unary((x) => 2 ** x),
  inverseSqrt: unary((x) => 1 / Math.sqrt(x)),
  log: unary(Math.log),
  log2: unary(Math.log2),
  pow: of(2, "transcendentals", (x, y) => x ** y),
  sin: unary(Math.sin),
  sinh: unary(Math.sinh),
  sqrt: unary(Math.sqrt),
  tan: unary(Math.tan),
  tanh: unary(Math.tanh),
};
