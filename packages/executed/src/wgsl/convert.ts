import { constant, type Emitter, kindOf, type Value } from "./emitter.ts";
import { conversion, wrap } from "./operations.ts";
import { ShaderProblem } from "./problem.ts";
import type { Expression } from "./program.ts";
import {
  isAbstract,
  isFloat,
  type ScalarKind,
  scalarsOf,
  type Type,
  typeName,
  vector,
} from "./types.ts";

type NumericType = Extract<Type, { of: ScalarKind; kind: "scalar" | "vector" | "matrix" }>;

function isNumeric(type: Type): type is NumericType {
  return type.kind === "scalar" || type.kind === "vector" || type.kind === "matrix";
}

/** The same type with scalars of another kind. */
function withKind(type: NumericType, of: ScalarKind): Type {
  return type.kind === "scalar" ? { kind: "scalar", of } : { ...type, of };
}

/** The kind of the scalars of a scalar, vector or matrix. */
export function scalarKindOf(value: Value, line: number): ScalarKind {
  const { type } = value;
  if (isNumeric(type)) return type.of;
  throw new ShaderProblem("refused", line, `${typeName(type)} is used as a number`);
}

/** Converts each scalar, as `f32(x)` and `vec4<f32>(v)` do. */
export function converted(emitter: Emitter, value: Value, to: ScalarKind, line: number): Value {
  const from = scalarKindOf(value, line);
  if (from === to) return value;
  const parts = value.parts.map((part) => convertedPart(emitter, part, to));
  return { type: isNumeric(value.type) ? withKind(value.type, to) : value.type, parts };
}

function convertedPart(emitter: Emitter, part: Expression, to: ScalarKind): Expression {
  const from = kindOf(part);
  if (from === to) return part;
  // The bits of integers stay; a boolean is chosen, not converted.
  const isConversion = (isFloat(from) || isFloat(to)) && from !== "bool" && to !== "bool";
  return emitter.apply(conversion(from, to), [part], isConversion ? "integers" : undefined);
}

/** Gives literals the kind that their context needs; other values stay. */
export function asKind(value: Value, to: ScalarKind): Value {
  const { type } = value;
  if (!isNumeric(type) || !becomes(type.of, to)) return value;
  const parts = value.parts.map((part) =>
    part.kind === "constant" ? constant(wrap(to, part.value), to) : part,
  );
  return { type: withKind(type, to), parts };
}

/** Whether literals of a kind become values of another one. */
function becomes(from: ScalarKind, to: ScalarKind): boolean {
  if (from === "int") return to !== "bool" && to !== "int";
  return from === "float" && isFloat(to) && to !== "float";
}

/** Gives literals the kinds of a type's scalars. */
export function asType(value: Value, type: Type): Value {
  if (isNumeric(type)) return asKind(value, type.of);
  if (type.kind !== "array" || value.type.kind !== "array") return value;
  const kinds = scalarsOf(type);
  const parts = value.parts.map((part, i) => {
    const kind = kinds[i] ?? "int";
    const isLiteral = part.kind === "constant" && becomes(part.of, kind);
    return isLiteral ? constant(wrap(kind, part.value), kind) : part;
  });
  const isAlike = parts.every((part, i) => kindOf(part) === kinds[i]);
  return isAlike && parts.length === kinds.length ? { type, parts } : value;
}

/** What a variable holds that is declared without a type: literals become `i32` or `f32`. */
export function concrete(value: Value): Value {
  if (value.type.kind !== "array") return asKind(asKind(value, "i32"), "f32");
  const element = concrete({ type: value.type.element, parts: [] }).type;
  return asType(value, { ...value.type, element });
}

/** Two operands of one kind, each of which may be a literal. */
export function together(a: Value, b: Value, line: number): [Value, Value, ScalarKind] {
  const [of, other] = [scalarKindOf(a, line), scalarKindOf(b, line)];
  const kind = common(of, other);
  const left = asKind(a, kind);
  const right = asKind(b, kind);
  if (scalarKindOf(left, line) !== scalarKindOf(right, line)) {
    const what = `${typeName(a.type)} and ${typeName(b.type)} are operands of one operation`;
    throw new ShaderProblem("refused", line, what);
  }
  return [left, right, kind];
}

/** The kind of two operands, each of which may be a literal. */
export function common(a: ScalarKind, b: ScalarKind): ScalarKind {
  if (!isAbstract(a)) return a;
  return isAbstract(b) && a === "float" ? a : b;
}

/** A scalar repeated, so that it has as many components as another operand. */
export function spread(emitter: Emitter, value: Value, size: number): Value {
  if (value.parts.length === size || value.type.kind !== "scalar") return value;
  const { parts } = emitter.bind(value);
  return {
    type: vector(value.type.of, size),
    parts: Array.from({ length: size }, () => parts).flat(),
  };
}
