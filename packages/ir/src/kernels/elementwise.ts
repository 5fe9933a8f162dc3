import { kernel } from "../kernel.ts";
import type { DType } from "../types.ts";
import { dtype, none, real } from "./attribute-types.ts";
import { broadcast, float32, same, upcast } from "./shapes.ts";
import type { Elementwise, Host } from "./work.ts";

const one = { x: "required" } as const;
const two = { a: "required", b: "required" } as const;

const elementwise = { kind: "elementwise", commutative: false, activation: false } as const;
const activation = { ...elementwise, activation: true } as const;
const commutative = { ...elementwise, commutative: true } as const;

/** Where a kernel differs from most of its family. */
interface Facts {
  /** The dtype of the result; by default that of the first operand. */
  readonly dtype?: DType;
  readonly work?: Elementwise;
  readonly host?: Host;
}

/** A kernel that maps each element of x. */
function unary<const N extends string>(name: N, facts: Facts = {}) {
  const { dtype, work = elementwise, host = "cpu" } = facts;
  return kernel(name, {
    operands: one,
    work,
    host,
    attrs: none,
    infer: ({ x }) => [{ dtype: dtype ?? x.dtype, shape: x.shape }],
  });
}

/** A kernel of two operands that broadcast. */
function binary<const N extends string>(name: N, facts: Facts = {}) {
  const { dtype, work = elementwise, host = "cpu" } = facts;
  return kernel(name, {
    operands: two,
    work,
    host,
    attrs: none,
    infer: ({ a, b }) => [{ dtype: dtype ?? a.dtype, shape: broadcast(a.shape, b.shape) }],
  });
}

export const abs = unary("Abs");
export const acos = unary("Acos");
export const acosh = unary("Acosh");
export const asin = unary("Asin");
export const asinh = unary("Asinh");
export const atan = unary("Atan");
export const atanh = unary("Atanh");
export const ceil = unary("Ceil");
export const cos = unary("Cos");
export const cosh = unary("Cosh");
export const elu = unary("Elu", { work: activation });
export const erf = unary("Erf");
export const exp = unary("Exp", { dtype: "float32" });
export const expm1 = unary("Expm1");
export const floor = unary("Floor");
export const isFiniteNumber = unary("IsFinite", { dtype: "bool" });
export const isInf = unary("IsInf", { dtype: "bool" });
export const isNan = unary("IsNan", { dtype: "bool" });
export const log = unary("Log");
export const log1p = unary("Log1p");
export const logicalNot = unary("LogicalNot", { dtype: "bool" });
export const neg = unary("Neg");
export const reciprocal = unary("Reciprocal");
export const relu = unary("Relu", { work: activation });
export const relu6 = unary("Relu6", { work: activation });
export const round = unary("Round");
export const rsqrt = unary("Rsqrt");
export const selu = unary("Selu");
export const sigmoid = unary("Sigmoid", { work: activation });
export const sign = unary("Sign");
export const sin = unary("Sin");
export const sinh = unary("Sinh");
export const softplus = unary("Softplus");
export const sqrt = unary("Sqrt");
export const square = unary("Square");
export const tan = unary("Tan");
export const tanh = unary("Tanh");
export const complexAbs = unary("ComplexAbs", { dtype: "float32" });

export const add = binary("Add", { work: commutative, host: "wasm" });
export const atan2 = binary("Atan2");
export const bitwiseAnd = binary("BitwiseAnd");
export const equal = binary("Equal", { dtype: "bool", work: commutative });
export const floorDiv = binary("FloorDiv", { dtype: "int32" });
export const greater = binary("Greater", { dtype: "bool" });
export const greaterEqual = binary("GreaterEqual", { dtype: "bool" });
export const less = binary("Less", { dtype: "bool" });
export const lessEqual = binary("LessEqual", { dtype: "bool" });
export const logicalAnd = binary("LogicalAnd", { dtype: "bool", work: commutative });
export const logicalOr = binary("LogicalOr", { dtype: "bool", work: commutative });
export const maximum = binary("Maximum", { work: commutative });
export const minimum = binary("Minimum", { work: commutative });
export const mod = binary("Mod");
export const multiply = binary("Multiply", { work: commutative, host: "wasm" });
export const notEqual = binary("NotEqual", { dtype: "bool", work: commutative });
export const pow = binary("Pow");
export const realDiv = binary("RealDiv", { host: "wasm" });
export const squaredDifference = binary("SquaredDifference", { work: commutative });
export const sub = binary("Sub", { host: "wasm" });

export const addN = kernel("AddN", {
  operands: "variadic",
  work: elementwise,
  host: "cpu",
  attrs: none,
  infer: ([first]) => (first === undefined ? undefined : [same(first)]),
});

export const cast = kernel("Cast", {
  operands: one,
  work: { kind: "conversion" },
  host: "cpu",
  attrs: { dtype: dtype },
  infer: ({ x }, attrs) => [{ dtype: attrs.dtype, shape: x.shape }],
});

export const clipByValue = kernel("ClipByValue", {
  operands: one,
  work: elementwise,
  host: "cpu",
  attrs: { clipValueMin: real, clipValueMax: real },
  infer: ({ x }) => [same(x)],
});

export const leakyRelu = kernel("LeakyRelu", {
  operands: one,
  work: activation,
  host: "cpu",
  attrs: { alpha: real },
  infer: ({ x }) => [float32(x.shape)],
});

export const prelu = kernel("Prelu", {
  operands: { x: "required", alpha: "required" },
  work: activation,
  host: "cpu",
  attrs: none,
  infer: ({ x, alpha }) => [float32(broadcast(x.shape, alpha.shape))],
});

export const step = kernel("Step", {
  operands: one,
  work: elementwise,
  host: "cpu",
  attrs: { alpha: real },
  infer: ({ x }) => [same(x)],
});

export const eluGrad = kernel("EluGrad", {
  operands: { dy: "required", y: "required" },
  work: elementwise,
  host: "cpu",
  attrs: none,
  // Of other dtypes than float32, the backends differ.
  infer: ({ dy, y }) => (dy.dtype === "float32" ? [float32(y.shape)] : undefined),
});

export const select = kernel("Select", {
  operands: { condition: "required", t: "required", e: "required" },
  work: elementwise,
  host: "cpu",
  attrs: none,
  infer: ({ t, e }) => [{ dtype: upcast(t.dtype, e.dtype), shape: t.shape }],
});
