import type { DType, KernelName } from "@opcounter/ir";
import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import {
  at,
  broadcastAt,
  broadcastable,
  broadcastShape,
  type Dense,
  dense,
  denseWith,
  fill,
  maybeEmptyShapes,
  shapes,
} from "../dense.ts";
import { type Proof, proof, type Run } from "../proof.ts";
import { activate } from "./activation.ts";

type Unary = (n: CountingArithmetic, x: number) => number;
type Binary = (n: CountingArithmetic, a: number, b: number) => number;

function unary(kernel: KernelName, f: Unary, dtype: DType = "float32"): Proof {
  return unaryOn(
    kernel,
    f,
    maybeEmptyShapes(0, 4).chain((shape) => dense(shape, dtype)),
  );
}

/** A kernel that has a notion of what is no finite number. */
function unaryOfAny(kernel: KernelName, f: Unary): Proof {
  const special = [Number.NaN, Infinity, -Infinity, 0, 1, -2.5];
  const element = (random: (below: number) => number) => special[random(6)] ?? 0;
  const operands = shapes(0, 3).chain((shape) => denseWith(shape, "float32", element));
  return unaryOn(kernel, f, operands);
}

function unaryOn(kernel: KernelName, f: Unary, operands: fc.Arbitrary<Dense>): Proof {
  const runs = operands.map((x) => ({ operands: { x }, attrs: {} }));
  // As Abs, since all these kernels take one x and no attributes; the verifier checks that.
  const { executions } = proof("Abs", runs, (n, { operands: { x } }) => [
    x.values.map((value) => f(n, value)),
  ]);
  return { kernel, executions };
}

/** One transcendental an element. */
function transcendental(kernel: KernelName, f: (x: number) => number): Proof {
  return unary(kernel, (n, x) => n.transcendental(f(x)));
}

const floats = (shape: number[]) => dense(shape);

function binary(
  kernel: KernelName,
  f: Binary,
  operand: (shape: number[]) => fc.Arbitrary<Dense> = floats,
): Proof {
  // As Add, since all these kernels take a and b and no attributes; the verifier checks that.
  const { executions } = proof("Add", pairs(operand), (n, { operands: { a, b } }) => [
    fill(broadcastShape(a.shape, b.shape), (index) =>
      f(n, broadcastAt(a, index), broadcastAt(b, index)),
    ),
  ]);
  return { kernel, executions };
}

function pairs(operand: (shape: number[]) => fc.Arbitrary<Dense>): fc.Arbitrary<Run<"Add">> {
  return broadcastable
    .chain(([a, b]) => fc.record({ a: operand(a), b: operand(b) }))
    .map((operands) => ({ operands, attrs: {} }));
}

const bools = (shape: number[]) => dense(shape, "bool");
const integers = (shape: number[]) => dense(shape, "int32");
/** Divisors: TensorFlow.js rounds what is divided by zero in its own way. */
const nonZero = (shape: number[]) =>
  denseWith(shape, "int32", (random) => (random(2) === 0 ? -1 : 1) * (1 + random(9)));

/** Kernels that also take complex numbers, as [real, imaginary]. */
type Complex = readonly [re: number, im: number];

function alsoComplex(
  kernel: "Add" | "Sub" | "Multiply",
  ofReal: Binary,
  ofComplex: (n: CountingArithmetic, a: Complex, b: Complex) => Complex,
): Proof {
  const complexPairs = shapes(0, 3).chain((shape) => {
    const operand = dense(shape, "complex64");
    return fc.record({ operands: fc.record({ a: operand, b: operand }), attrs: fc.constant({}) });
  });
  return proof(kernel, fc.oneof(pairs(floats), complexPairs), (n, { operands: { a, b } }) => {
    if (a.dtype !== "complex64") {
      const shape = broadcastShape(a.shape, b.shape);
      return [fill(shape, (index) => ofReal(n, broadcastAt(a, index), broadcastAt(b, index)))];
    }
    const other = complexNumbers(b);
    return [complexNumbers(a).flatMap((z, i) => [...ofComplex(n, z, other[i] ?? [0, 0])])];
  });
}

function complexNumbers({ values }: Dense): Complex[] {
  return Array.from({ length: values.length / 2 }, (_, i) => [
    values[2 * i] ?? 0,
    values[2 * i + 1] ?? 0,
  ]);
}

const bit = (condition: boolean) => Number(condition);

/** Σ (−1)ⁿ x²ⁿ⁺¹ / (n!·(2n + 1)), times 2/√π: exact enough for |x| ≤ 4. */
function errorFunction(x: number): number {
  let term = x;
  let sum = x;
  for (let i = 1; i < 100; i++) {
    term *= (-x * x) / i;
    sum += term / (2 * i + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

export const elementwiseProofs: readonly Proof[] = [
  unary("Abs", (n, x) => n.abs(x)),
  unary("Ceil", (n, x) => n.ceil(x)),
  unary("Floor", (n, x) => n.floor(x)),
  unary("LogicalNot", (n, x) => bit(n.test(x === 0)), "bool"),
  unary("Neg", (n, x) => n.neg(x)),
  unary("Reciprocal", (n, x) => n.div(1, x)),
  unary("Relu", (n, x) => n.max(x, 0)),
  unary("Relu6", (n, x) => n.min(n.max(x, 0), 6)),
  unary("Round", (n, x) => n.round(x)),
  unary("Sign", (n, x) => bit(n.less(0, x)) - bit(n.less(x, 0))),
  unary("Square", (n, x) => n.mul(x, x)),
  unaryOfAny("IsFinite", (n, x) => bit(n.test(Number.isFinite(x)))),
  unaryOfAny("IsInf", (n, x) => bit(n.test(Math.abs(x) === Infinity))),
  unaryOfAny("IsNan", (n, x) => bit(n.test(Number.isNaN(x)))),

  transcendental("Acos", Math.acos),
  transcendental("Acosh", Math.acosh),
  transcendental("Asin", Math.asin),
  transcendental("Asinh", Math.asinh),
  transcendental("Atan", Math.atan),
  transcendental("Atanh", Math.atanh),
  transcendental("Cos", Math.cos),
  transcendental("Cosh", Math.cosh),
  transcendental("Erf", errorFunction),
  transcendental("Exp", Math.exp),
  transcendental("Expm1", Math.expm1),
  transcendental("Log", Math.log),
  transcendental("Log1p", Math.log1p),
  transcendental("Rsqrt", (x) => 1 / Math.sqrt(x)),
  transcendental("Sin", Math.sin),
  transcendental("Sinh", Math.sinh),
  transcendental("Sqrt", Math.sqrt),
  transcendental("Tan", Math.tan),
  transcendental("Tanh", Math.tanh),

  unary("Elu", (n, x) => activate(n, "elu", x)),
  unary("Sigmoid", (n, x) => activate(n, "sigmoid", x)),
  unary("Selu", (n, x) => {
    const negative = n.mul(SELU_SCALE * SELU_ALPHA, n.sub(n.transcendental(Math.exp(x)), 1));
    return n.less(x, 0) ? negative : SELU_SCALE * x;
  }),
  unary("Softplus", (n, x) => n.transcendental(Math.log(n.add(1, n.transcendental(Math.exp(x)))))),
  proof(
    "ComplexAbs",
    shapes(0, 3)
      .chain((shape) => dense(shape, "complex64"))
      .map((x) => ({ operands: { x }, attrs: {} })),
    (n, { operands: { x } }) => [
      complexNumbers(x).map(([re, im]) =>
        n.transcendental(Math.sqrt(n.add(n.mul(re, re), n.mul(im, im)))),
      ),
    ],
  ),

  binary("Atan2", (n, a, b) => n.transcendental(Math.atan2(a, b))),
  binary("BitwiseAnd", (n, a, b) => n.and(a, b), integers),
  binary("Equal", (n, a, b) => bit(n.equal(a, b))),
  binary("FloorDiv", (n, a, b) => n.floor(n.div(a, b)), nonZero),
  binary("Greater", (n, a, b) => bit(n.less(b, a))),
  binary("GreaterEqual", (n, a, b) => bit(!n.less(a, b))),
  binary("Less", (n, a, b) => bit(n.less(a, b))),
  binary("LessEqual", (n, a, b) => bit(!n.less(b, a))),
  binary("LogicalAnd", (n, a, b) => bit(n.test(a !== 0 && b !== 0)), bools),
  binary("LogicalOr", (n, a, b) => bit(n.test(a !== 0 || b !== 0)), bools),
  binary("Maximum", (n, a, b) => n.max(a, b)),
  binary("Minimum", (n, a, b) => n.min(a, b)),
  binary("Mod", (n, a, b) => n.sub(a, n.mul(n.floor(n.div(a, b)), b)), nonZero),
  binary("NotEqual", (n, a, b) => bit(!n.equal(a, b))),
  binary("Pow", (n, a, b) => n.transcendental(a ** b)),
  binary("RealDiv", (n, a, b) => n.div(a, b)),
  binary("SquaredDifference", (n, a, b) => {
    const difference = n.sub(a, b);
    return n.mul(difference, difference);
  }),
  alsoComplex(
    "Add",
    (n, a, b) => n.add(a, b),
    (n, [a, b], [c, d]) => [n.add(a, c), n.add(b, d)],
  ),
  alsoComplex(
    "Sub",
    (n, a, b) => n.sub(a, b),
    (n, [a, b], [c, d]) => [n.sub(a, c), n.sub(b, d)],
  ),
  alsoComplex(
    "Multiply",
    (n, a, b) => n.mul(a, b),
    (n, [a, b], [c, d]) => [n.sub(n.mul(a, c), n.mul(b, d)), n.add(n.mul(a, d), n.mul(b, c))],
  ),

  proof(
    "AddN",
    fc
      .tuple(shapes(0, 3), fc.integer({ min: 1, max: 4 }))
      .chain(([shape, count]) => fc.array(dense(shape), { minLength: count, maxLength: count }))
      .map((operands) => ({ operands, attrs: {} })),
    (n, { operands: [first, ...others] }) => [
      (first?.values ?? []).map((value, i) =>
        others.reduce((sum, { values }) => n.add(sum, values[i] ?? 0), value),
      ),
    ],
  ),
  proof(
    "ClipByValue",
    fc.record({
      operands: shapes(0, 4).chain((shape) => fc.record({ x: dense(shape) })),
      attrs: fc.constantFrom(
        { clipValueMin: -1, clipValueMax: 2 },
        { clipValueMin: 0, clipValueMax: Infinity },
      ),
    }),
    (n, { operands: { x }, attrs }) => [
      x.values.map((value) => n.min(n.max(value, attrs.clipValueMin), attrs.clipValueMax)),
    ],
  ),
  proof(
    "LeakyRelu",
    fc.record({
      operands: shapes(0, 4).chain((shape) => fc.record({ x: dense(shape) })),
      attrs: fc.record({ alpha: fc.constantFrom(0.1, 0.5, 0) }),
    }),
    (n, { operands: { x }, attrs: { alpha } }) => [
      x.values.map((value) => activate(n, "leakyrelu", value, alpha)),
    ],
  ),
  proof(
    "Prelu",
    broadcastable
      .chain(([x, alpha]) => fc.record({ x: dense(x), alpha: dense(alpha) }))
      .map((operands) => ({ operands, attrs: {} })),
    (n, { operands: { x, alpha } }) => [
      fill(broadcastShape(x.shape, alpha.shape), (index) =>
        activate(n, "prelu", broadcastAt(x, index), broadcastAt(alpha, index)),
      ),
    ],
  ),
  proof(
    "Step",
    fc.record({
      operands: shapes(0, 4).chain((shape) => fc.record({ x: dense(shape) })),
      attrs: fc.record({ alpha: fc.constantFrom(0, 2) }),
    }),
    (n, { operands: { x }, attrs: { alpha } }) => [
      x.values.map((value) => (n.less(0, value) ? 1 : alpha)),
    ],
  ),
  proof(
    "EluGrad",
    shapes(0, 4)
      .chain((shape) => fc.record({ dy: dense(shape), y: dense(shape) }))
      .map((operands) => ({ operands, attrs: {} })),
    (n, { operands: { dy, y } }) => [
      fill(y.shape, (index) => {
        const gradient = at(dy, ...index);
        const value = at(y, ...index);
        const negative = n.mul(gradient, n.add(value, 1));
        return n.less(value, 0) ? negative : gradient;
      }),
    ],
  ),
  proof(
    "Select",
    // One condition an element; TensorFlow.js's cpu kernel is wrong where there is one a row.
    shapes(1, 4)
      .chain((shape) =>
        fc.record({ condition: dense(shape, "bool"), t: dense(shape), e: dense(shape) }),
      )
      .map((operands) => ({ operands, attrs: {} })),
    (n, { operands: { condition, t, e } }) => [
      fill(t.shape, (index) => {
        const isTrue = n.test(at(condition, ...index) !== 0);
        return at(isTrue ? t : e, ...index);
      }),
    ],
  ),
];
