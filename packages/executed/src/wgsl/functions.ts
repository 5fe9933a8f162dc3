import type { WorkKind } from "../count/work.ts";
import type { Operation } from "./operations.ts";
import type { ScalarKind } from "./types.ts";

/** A built-in function that works on each component of its arguments alone. */
export interface ComponentFunction {
  readonly args: number;
  /** What one component costs, for floats; of integers it is one integer operation. */
  readonly work: WorkKind;
  /** How much of it; 1 by default. */
  readonly times?: number;
  readonly float: Operation;
  /** Absent where WGSL has the function for floats alone. */
  readonly integer?: (of: ScalarKind) => Operation;
}

function of(
  args: number,
  work: WorkKind,
  compute: Operation["evaluate"],
  { isMonotone = false, times = 1 }: { isMonotone?: boolean; times?: number } = {},
): ComponentFunction {
  const evaluate: Operation["evaluate"] = (a, b, c) => Math.fround(compute(a, b, c));
  const float: Operation = { of: "f32", evaluate, ...(isMonotone ? { monotone: compute } : {}) };
  return { args, work, float, times };
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

/** Rounds halves to even. */
function round(x: number): number {
  const near = Math.round(x);
  return Math.abs(x - Math.trunc(x)) === 0.5 && near % 2 !== 0 ? near - 1 : near;
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
  round: rounding(round, true),
  trunc: rounding(Math.trunc, true),
  fract: rounding((x) => x - Math.floor(x), false),
  step: of(2, "comparisons", (edge, x) => (edge <= x ? 1 : 0), { isMonotone: true }),
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
