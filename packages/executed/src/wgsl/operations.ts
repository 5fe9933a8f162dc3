import { toHalf } from "./half.ts";
import { isFloat, type ScalarKind } from "./types.ts";

/** An interval of numbers. */
export type Bounds = readonly [low: number, high: number];

/** The intervals of up to three arguments, and the one that is to be found. It is kept and reused. */
export interface Intervals {
  low: number;
  high: number;
  a0: number;
  a1: number;
  b0: number;
  b1: number;
  c0: number;
  c1: number;
}

/** What is computed of up to three scalars. Booleans are 0 and 1. */
export interface Operation {
  readonly of: ScalarKind;
  evaluate(a: number, b: number, c: number): number;
  /**
   * The exact result before it is rounded or wrapped, where it is monotone in each argument: then the
   * corners of intervals bound it.
   */
  readonly monotone?: (a: number, b: number, c: number) => number;
  /** Finds bounds of the result for intervals, where they are known otherwise. */
  bounds?(intervals: Intervals): void;
}

function found(intervals: Intervals, low: number, high: number): void {
  intervals.low = low;
  intervals.high = high;
}

/** Nothing is known but the kind. */
function anything(intervals: Intervals, of: ScalarKind): void {
  const [low, high] = RANGES[of];
  found(intervals, low, high);
}

const RANGES: Readonly<Record<ScalarKind, Bounds>> = {
  f32: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  f16: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  float: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  int: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  bool: [0, 1],
};

/** All values of a kind: what is known of a value that is not known. */
export function rangeOf(kind: ScalarKind): Bounds {
  return RANGES[kind];
}

/** Rounds or wraps a number as a value of this kind. */
export function wrap(kind: ScalarKind, value: number): number {
  switch (kind) {
    case "f32":
      return Math.fround(value);
    case "f16":
      return toHalf(value);
    case "i32":
      return value | 0;
    case "u32":
      return value >>> 0;
    default:
      return value;
  }
}

export type Numeric = Exclude<ScalarKind, "bool">;
type Binary = (a: number, b: number) => number;

function monotone(of: ScalarKind, compute: Operation["evaluate"]): Operation {
  return { of, monotone: compute, evaluate: (a, b, c) => wrap(of, compute(a, b, c)) };
}

/** Source of division by zero: WGSL, "Arithmetic Expressions". */
const DIVIDE: Readonly<Record<Numeric, Binary>> = {
  f32: (a, b) => a / b,
  f16: (a, b) => a / b,
  float: (a, b) => a / b,
  i32: (a, b) => (b === 0 ? a : Math.trunc(a / b)),
  u32: (a, b) => (b === 0 ? a : Math.floor(a / b)),
  int: (a, b) => Math.trunc(a / b),
};

function division(of: Numeric): Operation {
  const divide = DIVIDE[of];
  return {
    of,
    evaluate: (a, b) => wrap(of, divide(a, b)),
    bounds(intervals) {
      if (intervals.b0 <= 0 && intervals.b1 >= 0) anything(intervals, of);
      else corners(of, divide, intervals);
    },
  };
}

function remainder(of: Numeric): Operation {
  const whole: Binary = (a, b) => (b === 0 && !isFloat(of) ? 0 : a % b);
  return {
    of,
    evaluate: (a, b) => wrap(of, whole(a, b)),
    bounds(intervals) {
      const { a0: low, a1: high, b0: divisor } = intervals;
      const isNumber = low <= high;
      if (!isNumber || divisor !== intervals.b1 || divisor <= 0) anything(intervals, of);
      // Within one period it grows with the dividend.
      else if (low >= 0 && Math.floor(low / divisor) === Math.floor(high / divisor)) {
        found(intervals, low % divisor, high % divisor);
      } else found(intervals, low < 0 ? -divisor : 0, high < 0 ? 0 : divisor);
    },
  };
}

function multiplication(of: Numeric): Operation {
  const multiply: Binary = of === "i32" || of === "u32" ? Math.imul : (a, b) => a * b;
  return { of, evaluate: (a, b) => wrap(of, multiply(a, b)), monotone: (a, b) => a * b };
}

function equality(isEqual: boolean): Operation {
  return {
    of: "bool",
    evaluate: (a, b) => ((a === b) === isEqual ? 1 : 0),
    bounds(intervals) {
      const isApart = intervals.a1 < intervals.b0 || intervals.b1 < intervals.a0;
      if (!isApart) anything(intervals, "bool");
      else found(intervals, isEqual ? 0 : 1, isEqual ? 0 : 1);
    },
  };
}

function isOpen(low: number, high: number): boolean {
  return high - low === Number.POSITIVE_INFINITY;
}

function comparison(compare: (a: number, b: number) => boolean): Operation {
  const evaluate: Binary = (a, b) => (compare(a, b) ? 1 : 0);
  return {
    of: "bool",
    evaluate,
    bounds(intervals) {
      // A float of which nothing is known may be no number, for which no comparison is true.
      if (isOpen(intervals.a0, intervals.a1) || isOpen(intervals.b0, intervals.b1)) {
        anything(intervals, "bool");
      } else corners("bool", evaluate, intervals);
    },
  };
}

const COMPARISONS: Readonly<Record<string, Operation>> = {
  "==": equality(true),
  "!=": equality(false),
  "<": comparison((a, b) => a < b),
  "<=": comparison((a, b) => a <= b),
  ">": comparison((a, b) => a > b),
  ">=": comparison((a, b) => a >= b),
};

const ARITHMETIC: Readonly<Record<string, (of: Numeric) => Operation>> = {
  "+": (of) => monotone(of, (a, b) => a + b),
  "-": (of) => monotone(of, (a, b) => a - b),
  "*": multiplication,
  "/": division,
  "%": remainder,
};

const BITS: Readonly<Record<string, (of: ScalarKind) => Operation>> = {
  "&": (of) => ({
    of,
    evaluate: (a, b) => wrap(of, a & b),
    bounds(intervals) {
      if (intervals.a0 < 0 || intervals.b0 < 0) anything(intervals, of);
      else found(intervals, 0, Math.min(intervals.a1, intervals.b1));
    },
  }),
  "|": (of) =>
    of === "bool" ? monotone(of, (a, b) => a | b) : { of, evaluate: (a, b) => wrap(of, a | b) },
  "^": (of) => ({ of, evaluate: (a, b) => wrap(of, a ^ b) }),
  "<<": (of) => ({ of, evaluate: (a, b) => wrap(of, a << (b & 31)) }),
  ">>": (of) => ({
    of,
    evaluate: (a, b) => (of === "u32" ? a >>> (b & 31) : a >> (b & 31)),
  }),
};

/**
 * The index `a` of an array whose last index is `b`. What is outside is the last, and a negative
 * index is far outside. Source: the transform "robustness" of Dawn's compiler, Tint.
 */
export const CLAMPED_INDEX: Operation = {
  of: "i32",
  evaluate: (a, b) => Math.min(a >>> 0, b),
  bounds(intervals) {
    const { a0, a1, b0, b1 } = intervals;
    if (a0 >= 0) found(intervals, Math.min(a0, b0), Math.min(a1, b1));
    else found(intervals, 0, b1);
  },
};

/** Keeps one operation per name and kind. */
const made = new Map<string, Operation>();

function once(key: string, make: () => Operation): Operation {
  const known = made.get(key);
  if (known !== undefined) return known;
  const operation = make();
  made.set(key, operation);
  return operation;
}

/** The operation of an operator on two scalars of a kind; undefined where WGSL has none. */
export function binaryOperation(operator: string, of: ScalarKind): Operation | undefined {
  const compare = COMPARISONS[operator];
  if (compare !== undefined) {
    return of === "bool" && operator !== "==" && operator !== "!=" ? undefined : compare;
  }
  const arithmetic = ARITHMETIC[operator];
  if (arithmetic !== undefined) {
    return of === "bool" ? undefined : once(operator + of, () => arithmetic(of));
  }
  const bits = BITS[operator];
  if (bits === undefined || isFloat(of)) return undefined;
  if (of === "bool" && operator !== "&" && operator !== "|") return undefined;
  return once(operator + of, () => bits(of));
}

export const NOT: Operation = monotone("bool", (a) => 1 - a);

export function negation(of: ScalarKind): Operation {
  return once(`neg${of}`, () => monotone(of, (a) => -a));
}

export function complement(of: ScalarKind): Operation {
  return once(`~${of}`, () => ({ of, evaluate: (a) => wrap(of, ~a) }));
}

/** `a` where the condition `c` is false, `b` where it is true. */
export function selection(of: ScalarKind): Operation {
  return once(`select${of}`, () => ({
    of,
    evaluate: (a, b, c) => (c === 0 ? a : b),
    bounds(intervals) {
      const { a0, a1, b0, b1, c0, c1 } = intervals;
      if (c0 === 1) found(intervals, b0, b1);
      else if (c1 === 0) found(intervals, a0, a1);
      else hull(intervals, of);
    },
  }));
}

/** Either of two values. */
function hull(intervals: Intervals, of: ScalarKind): void {
  const { a0, a1, b0, b1 } = intervals;
  const [low, high] = [Math.min(a0, b0), Math.max(a1, b1)];
  if (Number.isNaN(low)) anything(intervals, of);
  else found(intervals, low, high);
}

export function fusedMultiplyAdd(of: Numeric): Operation {
  return once(`fma${of}`, () => monotone(of, (a, b, c) => a * b + c));
}

const SHARED = new DataView(new ArrayBuffer(4));

/** Reads the 32 bits of a value as another kind. */
export function bitcast(from: ScalarKind, to: ScalarKind): Operation {
  return once(`bitcast${from}${to}`, () => ({
    of: to,
    evaluate(a) {
      if (from === "f32") SHARED.setFloat32(0, a);
      else SHARED.setInt32(0, a);
      return to === "f32"
        ? SHARED.getFloat32(0)
        : to === "i32"
          ? SHARED.getInt32(0)
          : SHARED.getUint32(0);
    },
  }));
}

/** The floats that become integers as they are. Source: WGSL, "Floating Point Conversion". */
const CONVERTIBLE: Readonly<Record<"i32" | "u32" | "int", Bounds>> = {
  i32: [-(2 ** 31), 2 ** 31 - 128],
  u32: [0, 2 ** 32 - 256],
  int: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
};

/** Converts a value. Floats are cut towards zero, to the nearest float that fits the integer. */
export function conversion(from: ScalarKind, to: ScalarKind): Operation {
  return once(`${from}to${to}`, () => {
    if (to === "bool") return { of: to, evaluate: (a) => (a === 0 ? 0 : 1) };
    if (isFloat(from) && (to === "i32" || to === "u32")) {
      const [low, high] = CONVERTIBLE[to];
      const cut = (a: number) => Math.trunc(Math.min(high, Math.max(low, a))) || 0;
      return monotone(to, cut);
    }
    return monotone(to, (a) => a);
  });
}

/** Bounds of a monotone result, from its value at each corner of the intervals. */
function corners(
  of: ScalarKind,
  compute: (a: number, b: number, c: number) => number,
  intervals: Intervals,
): void {
  const { a0, a1, b0, b1, c0, c1 } = intervals;
  const first = compute(a0, b0, c0);
  found(intervals, first, first);
  if (a1 !== a0) widen(intervals, compute(a1, b0, c0));
  if (b1 !== b0) {
    widen(intervals, compute(a0, b1, c0));
    if (a1 !== a0) widen(intervals, compute(a1, b1, c0));
  }
  if (c1 !== c0) {
    widen(intervals, compute(a0, b0, c1));
    widen(intervals, compute(a1, b0, c1));
    widen(intervals, compute(a0, b1, c1));
    widen(intervals, compute(a1, b1, c1));
  }
  const [least, most] = RANGES[of];
  // A result that wraps may be anything, and so may one that is no number.
  if (intervals.low >= least && intervals.high <= most) {
    found(intervals, wrap(of, intervals.low), wrap(of, intervals.high));
  } else found(intervals, least, most);
}

function widen(intervals: Intervals, value: number): void {
  // Math.min and Math.max keep a NaN.
  intervals.low = Math.min(intervals.low, value);
  intervals.high = Math.max(intervals.high, value);
}

/** Finds bounds of an operation's result where its arguments are in these intervals. */
export function findBounds(operation: Operation, intervals: Intervals): void {
  if (operation.bounds !== undefined) operation.bounds(intervals);
  else if (operation.monotone === undefined) anything(intervals, operation.of);
  else corners(operation.of, operation.monotone, intervals);
}
