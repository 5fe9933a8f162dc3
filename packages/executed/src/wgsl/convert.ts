import { constant, type Emitter, kindOf, type Value } from "./emitter.ts";
import { conversion } from "./operations.ts";
import { ShaderProblem } from "./problem.ts";
import type { Expression } from "./program.ts";
import { type ScalarKind, type Type, typeName, vector } from "./types.ts";

/** The kind of the scalars of a scalar or vector. */
export function scalarKindOf(value: Value, line: number): ScalarKind {
  const { type } = value;
  if (type.kind === "scalar" || type.kind === "vector") return type.of;
  throw new ShaderProblem("refused", line, `${typeName(type)} is used as a number`);
}

/** Converts each scalar, as `f32(x)` and `vec4<f32>(v)` do. */
export function converted(emitter: Emitter, value: Value, to: ScalarKind, line: number): Value {
  const from = scalarKindOf(value, line);
  if (from === to) return value;
  const parts = value.parts.map((part) => convertedPart(emitter, part, to));
  return { type: vector(to, parts.length), parts };
}

function convertedPart(emitter: Emitter, part: Expression, to: ScalarKind): Expression {
  const from = kindOf(part);
  if (from === to) return part;
  // The bits of integers stay; a boolean is chosen, not converted.
  const isConversion = (from === "f32") !== (to === "f32") && from !== "bool" && to !== "bool";
  return emitter.apply(conversion(from, to), [part], isConversion ? "integers" : undefined);
}

/** Gives integer literals the kind that their context needs; other values stay. */
export function asKind(value: Value, to: ScalarKind): Value {
  const { type } = value;
  if ((type.kind !== "scalar" && type.kind !== "vector") || type.of !== "int") return value;
  if (to === "bool" || to === "int") return value;
  const parts = value.parts.map((part) =>
    part.kind === "constant" ? constant(part.value, to) : part,
  );
  return { type: vector(to, parts.length), parts };
}

/** Gives integer literals the kind of a type's scalars. */
export function asType(value: Value, type: Type): Value {
  return type.kind === "scalar" || type.kind === "vector" ? asKind(value, type.of) : value;
}

/** What a variable holds that is declared without a type: an integer literal becomes an `i32`. */
export function concrete(value: Value): Value {
  return asKind(value, "i32");
}

/** Two operands of one kind, each of which may be a literal. */
export function together(a: Value, b: Value, line: number): [Value, Value, ScalarKind] {
  const [of, other] = [scalarKindOf(a, line), scalarKindOf(b, line)];
  const kind = of === "int" ? other : of;
  const left = asKind(a, kind);
  const right = asKind(b, kind);
  if (scalarKindOf(left, line) !== scalarKindOf(right, line)) {
    const what = `${typeName(a.type)} and ${typeName(b.type)} are operands of one operation`;
    throw new ShaderProblem("refused", line, what);
  }
  return [left, right, kind];
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
