import type { DType } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import {
  broadcastable,
  type KernelCase,
  maybeEmptyShapeOf,
  numeric,
  runKernel,
  running,
  shapeOf,
  tensor,
} from "./kernel-case.ts";

/** Real or Imag, also of a tensor that was reshaped: its parts keep their shape. */
function part(op: (x: tf.Tensor) => tf.Tensor): KernelCase {
  return running(maybeEmptyShapeOf(0, 4), (shape) => {
    const x = tensor(shape, "complex64");
    op(x);
    op(tf.reshape(x, [...shape, 1]));
  });
}

function unary(op: (x: tf.Tensor) => tf.Tensor, dtypes: fc.Arbitrary<DType> = numeric): KernelCase {
  return running(
    fc.record({ shape: maybeEmptyShapeOf(0, 4), dtype: dtypes }),
    ({ shape, dtype }) => {
      op(tensor(shape, dtype));
    },
  );
}

function binary(
  op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  dtypes: fc.Arbitrary<DType> = numeric,
): KernelCase {
  return running(
    fc.record({ shapes: broadcastable, dtypes: fc.tuple(dtypes, dtypes) }),
    ({ shapes: [a, b], dtypes: [ofA, ofB] }) => {
      op(tensor(a, ofA), tensor(b, ofB));
    },
  );
}

const only = (dtype: DType) => fc.constant(dtype);
const float = only("float32");
const bool = only("bool");
const complexToo = fc.constantFrom<DType[]>("float32", "int32", "complex64");

export const elementwiseCases = {
  Abs: unary(tf.abs),
  Acos: unary(tf.acos),
  Acosh: unary(tf.acosh),
  Asin: unary(tf.asin),
  Asinh: unary(tf.asinh),
  Atan: unary(tf.atan),
  Atanh: unary(tf.atanh),
  Ceil: unary(tf.ceil, float),
  Cos: unary(tf.cos, float),
  Cosh: unary(tf.cosh, float),
  Elu: unary(tf.elu, float),
  Erf: unary(tf.erf, fc.constantFrom<DType[]>("float32", "int32")),
  Exp: unary(tf.exp),
  Expm1: unary(tf.expm1),
  Floor: unary(tf.floor, float),
  IsFinite: unary(tf.isFinite),
  IsInf: unary(tf.isInf),
  IsNan: unary(tf.isNaN),
  Log: unary(tf.log, float),
  Log1p: unary(tf.log1p),
  LogicalNot: unary(tf.logicalNot, bool),
  Neg: unary(tf.neg),
  Reciprocal: unary(tf.reciprocal),
  Relu: unary(tf.relu),
  Relu6: unary(tf.relu6),
  Round: unary(tf.round),
  Rsqrt: unary(tf.rsqrt, float),
  Selu: unary(tf.selu),
  Sigmoid: unary(tf.sigmoid, float),
  Sign: unary(tf.sign),
  Sin: unary(tf.sin, float),
  Sinh: unary(tf.sinh),
  Softplus: unary(tf.softplus),
  Sqrt: unary(tf.sqrt, float),
  Square: unary(tf.square),
  Tan: unary(tf.tan, float),
  Tanh: unary(tf.tanh, float),
  ComplexAbs: unary(tf.abs, only("complex64")),

  Add: binary(tf.add, complexToo),
  Atan2: binary(tf.atan2),
  BitwiseAnd: running(shapeOf(0, 4), (shape) => {
    tf.bitwiseAnd(tensor(shape, "int32"), tensor(shape, "int32"));
  }),
  Equal: binary(tf.equal),
  FloorDiv: binary(tf.floorDiv),
  Greater: binary(tf.greater),
  GreaterEqual: binary(tf.greaterEqual),
  Less: binary(tf.less),
  LessEqual: binary(tf.lessEqual),
  LogicalAnd: binary(tf.logicalAnd, bool),
  LogicalOr: binary(tf.logicalOr, bool),
  Maximum: binary(tf.maximum),
  Minimum: binary(tf.minimum),
  Mod: binary(tf.mod),
  Multiply: binary(tf.mul, complexToo),
  NotEqual: binary(tf.notEqual),
  Pow: binary(tf.pow),
  RealDiv: binary(tf.div, float),
  SquaredDifference: binary(tf.squaredDifference),
  Sub: binary(tf.sub, complexToo),

  AddN: running(
    fc.record({ shape: shapeOf(0, 4), count: fc.integer({ min: 1, max: 4 }), dtype: numeric }),
    ({ shape, count, dtype }) => {
      tf.addN(Array.from({ length: count }, () => tensor(shape, dtype)));
    },
  ),
  Cast: running(
    fc.record({
      shape: maybeEmptyShapeOf(0, 4),
      from: fc.constantFrom<DType[]>("float32", "int32", "bool", "complex64"),
      to: fc.constantFrom<DType[]>("float32", "int32", "bool", "complex64"),
    }),
    ({ shape, from, to }) => {
      tf.cast(tensor(shape, from), to);
    },
  ),
  ClipByValue: running(
    fc.record({
      shape: shapeOf(1, 4),
      bounds: fc.constantFrom<[number, number][]>([0, 6], [-Infinity, 1], [0, Infinity]),
      dtype: fc.constantFrom<DType[]>("float32", "int32"),
    }),
    ({ shape, bounds: [low, high], dtype }) => {
      tf.clipByValue(tensor(shape, dtype), low, high);
    },
  ),
  LeakyRelu: unary((x) => tf.leakyRelu(x, 0.1)),
  Prelu: binary((x, alpha) => tf.prelu(x, alpha)),
  Step: unary((x) => tf.step(x, 2)),
  EluGrad: running(shapeOf(1, 4), (shape) => {
    runKernel("EluGrad", { dy: tensor(shape), y: tensor(shape) });
  }),
  Select: running(
    fc.record({ shapes: broadcastable, dtypes: fc.tuple(numeric, numeric) }),
    ({ shapes: [t, e], dtypes: [ofT, ofE] }) => {
      const [rows = 1] = t;
      const condition = t.length > 0 && t.length === e.length ? [rows] : t;
      runKernel("Select", {
        condition: tensor(condition, "bool"),
        t: tensor(t, ofT),
        e: tensor(t, ofE),
      });
      tf.where(tensor(t, "bool"), tensor(t, ofT), tensor(e, ofE));
    },
  ),

  Complex: running(maybeEmptyShapeOf(0, 4), (shape) => {
    tf.complex(tensor(shape), tensor(shape));
  }),
  Real: part(tf.real),
  Imag: part(tf.imag),
  FFT: running(shapeOf(1, 3), (shape) => {
    tf.fft(tensor(shape, "complex64"));
    tf.fft(tf.reshape(tensor(shape, "complex64"), [...shape, 1]));
  }),
  IFFT: running(shapeOf(1, 3), (shape) => {
    tf.ifft(tensor(shape, "complex64"));
    tf.ifft(tf.reshape(tensor(shape, "complex64"), [...shape, 1]));
  }),
};
