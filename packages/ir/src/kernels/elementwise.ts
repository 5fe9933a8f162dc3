import { kernel } from "../kernel.ts";
import type { DType } from "../types.ts";
import { broadcast, float32, same } from "./shapes.ts";

const one = { x: "required" } as const;
const two = { a: "required", b: "required" } as const;

/** A kernel that maps each element of x; the result has x's dtype, or the one given. */
function unary<const N extends string>(name: N, result?: DType) {
  return kernel(name, {
    operands: one,
    attrs: (a) => a.none,
    infer: ({ x }) => [{ dtype: result ?? x.dtype, shape: x.shape }],
  });
}

/** A kernel of two operands that broadcast; the result has a's dtype, or the one given. */
function binary<const N extends string>(name: N, result?: DType) {
  return kernel(name, {
    operands: two,
    attrs: (a) => a.none,
    infer: ({ a, b }) => [{ dtype: result ?? a.dtype, shape: broadcast(a.shape, b.shape) }],
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
export const elu = unary("Elu");
export const erf = unary("Erf");
export const exp = unary("Exp", "float32");
export const expm1 = unary("Expm1");
export const floor = unary("Floor");
export const isFiniteNumber = unary("IsFinite", "bool");
export const isInf = unary("IsInf", "bool");
export const isNan = unary("IsNan", "bool");
export const log = unary("Log");
export const log1p = unary("Log1p");
export const logicalNot = unary("LogicalNot", "bool");
export const neg = unary("Neg");
export const reciprocal = unary("Reciprocal");
export const relu = unary("Relu");
export const relu6 = unary("Relu6");
export const round = unary("Round");
export const rsqrt = unary("Rsqrt");
export const selu = unary("Selu");
export const sigmoid = unary("Sigmoid");
export const sign = unary("Sign");
export const sin = unary("Sin");
export const sinh = unary("Sinh");
export const softplus = unary("Softplus");
export const sqrt = unary("Sqrt");
export const square = unary("Square");
export const tan = unary("Tan");
export const tanh = unary("Tanh");
export const complexAbs = unary("ComplexAbs", "float32");

export const add = binary("Add");
export const atan2 = binary("Atan2");
export const bitwiseAnd = binary("BitwiseAnd");
export const equal = binary("Equal", "bool");
export const floorDiv = binary("FloorDiv", "int32");
export const greater = binary("Greater", "bool");
export const greaterEqual = binary("GreaterEqual", "bool");
export const less = binary("Less", "bool");
export const lessEqual = binary("LessEqual", "bool");
export const logicalAnd = binary("LogicalAnd", "bool");
export const logicalOr = binary("LogicalOr", "bool");
export const maximum = binary("Maximum");
export const minimum = binary("Minimum");
export const mod = binary("Mod");
export const multiply = binary("Multiply");
export const notEqual = binary("NotEqual", "bool");
export const pow = binary("Pow");
export const realDiv = binary("RealDiv");
export const squaredDifference = binary("SquaredDifference");
export const sub = binary("Sub");

export const addN = kernel("AddN", {
  operands: "variadic",
  attrs: (a) => a.none,
  infer: ([first]) => (first === undefined ? undefined : [same(first)]),
});

export const cast = kernel("Cast", {
  operands: one,
  attrs: (a) => a.strictObject({ dtype: a.dtype }),
  infer: ({ x }, attrs) => [{ dtype: attrs.dtype, shape: x.shape }],
});

export const clipByValue = kernel("ClipByValue", {
  operands: one,
  attrs: (a) => a.strictObject({ clipValueMin: a.real, clipValueMax: a.real }),
  infer: ({ x }) => [same(x)],
});

export const leakyRelu = kernel("LeakyRelu", {
  operands: one,
  attrs: (a) => a.strictObject({ alpha: a.real }),
  infer: ({ x }) => [float32(x.shape)],
});

export const prelu = kernel("Prelu", {
  operands: { x: "required", alpha: "required" },
  attrs: (a) => a.none,
  infer: ({ x, alpha }) => [float32(broadcast(x.shape, alpha.shape))],
});

export const step = kernel("Step", {
  operands: one,
  attrs: (a) => a.strictObject({ alpha: a.real }),
  infer: ({ x }) => [same(x)],
});

export const eluGrad = kernel("EluGrad", {
  operands: { dy: "required", y: "required" },
  attrs: (a) => a.none,
  infer: ({ y }) => [same(y)],
});

export const select = kernel("Select", {
  operands: { condition: "required", t: "required", e: "required" },
  attrs: (a) => a.none,
  infer: ({ t }) => [same(t)],
});
