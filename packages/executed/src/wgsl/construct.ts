import { asKind, asType, common, converted, scalarKindOf, spread } from "./convert.ts";
import { type Emitter, type Value, zeroOf } from "./emitter.ts";
import { ShaderProblem } from "./problem.ts";
import {
  type ArrayType,
  isSameType,
  type MatrixType,
  type ScalarType,
  type StructType,
  type Type,
  typeName,
  type VectorType,
  vector,
} from "./types.ts";

/** A constructor that names no element type: `vec2(1, 2)`, `mat2x2(a, b)`, `array(a, b)`. */
export type Shape =
  | { readonly kind: "vector"; readonly size: number }
  | { readonly kind: "matrix"; readonly columns: number; readonly rows: number }
  | { readonly kind: "array" };

/** The type of what such a constructor makes of these values. */
export function inferredType(shape: Shape, args: readonly Value[], line: number): Type {
  const kinds = args.map((arg) => (shape.kind === "array" ? "int" : scalarKindOf(arg, line)));
  const [first] = args;
  if (first === undefined) {
    if (shape.kind === "array") throw new ShaderProblem("refused", line, "an array has no type");
    return inferredShape(shape, "int");
  }
  if (shape.kind !== "array") return inferredShape(shape, kinds.reduce(common));
  // Literals among the elements become what the others are.
  const { type: element } = args.find((arg) => !isLiteral(arg)) ?? first;
  return { kind: "array", element, count: args.length };
}

function inferredShape(shape: Exclude<Shape, { kind: "array" }>, of: ScalarType["of"]): Type {
  return shape.kind === "vector" ? vector(of, shape.size) : { ...shape, of };
}

function isLiteral({ type }: Value): boolean {
  return "of" in type && (type.of === "int" || type.of === "float");
}

/** A value of a type that its constructor makes of others: `vec4<f32>(x, y, z, 1)`. */
export function construct(emitter: Emitter, to: Type, args: readonly Value[], line: number): Value {
  if (args.length === 0) return zeroOf(to);
  switch (to.kind) {
    case "struct":
      return composed(
        to,
        to.members.map(({ type }) => type),
        args,
        line,
      );
    case "array":
      return composed(
        to,
        Array.from({ length: to.count }, () => to.element),
        args,
        line,
      );
    case "matrix":
      return constructMatrix(emitter, to, args, line);
    case "opaque":
      return refuse(to, args, line);
    default:
      return constructVector(emitter, to, args, line);
  }
}

function refuse(to: Type, args: readonly Value[], line: number): never {
  const types = args.map(({ type }) => typeName(type)).join(", ");
  throw new ShaderProblem("refused", line, `${typeName(to)} is made of ${types}`);
}

function constructVector(
  emitter: Emitter,
  to: ScalarType | VectorType,
  args: readonly Value[],
  line: number,
): Value {
  const size = to.kind === "scalar" ? 1 : to.size;
  const [only] = args;
  if (args.length === 1 && only?.type.kind === "scalar" && size > 1) {
    return spread(emitter, converted(emitter, only, to.of, line), size);
  }
  const parts = args.flatMap((arg) => converted(emitter, arg, to.of, line).parts);
  // A vector's components are not converted one by one in another constructor.
  const isMixed = args.length > 1 && args.some((arg) => !fits(arg, to.of, line));
  const hasMatrix = args.some(({ type }) => type.kind === "matrix");
  if (parts.length !== size || isMixed || hasMatrix) refuse(to, args, line);
  return { type: to, parts };
}

/** A matrix of its scalars, of its columns, or of another matrix. */
function constructMatrix(
  emitter: Emitter,
  to: MatrixType,
  args: readonly Value[],
  line: number,
): Value {
  const [only] = args;
  if (args.length === 1 && only?.type.kind === "matrix") {
    const value = converted(emitter, only, to.of, line);
    return isSameType(value.type, to) ? value : refuse(to, args, line);
  }
  const values = args.map((arg) => asKind(arg, to.of));
  const parts = values.flatMap((value) => value.parts);
  const isOfColumns = values.every(({ type }) => type.kind === "vector" && type.size === to.rows);
  const isOfScalars = values.every(({ type }) => type.kind === "scalar");
  const isRight = parts.length === to.columns * to.rows && (isOfColumns || isOfScalars);
  if (!isRight || values.some((value) => !fits(value, to.of, line))) refuse(to, args, line);
  return { type: to, parts };
}

function fits(value: Value, kind: ScalarType["of"], line: number): boolean {
  return scalarKindOf(asKind(value, kind), line) === kind;
}

/** A struct of its members, or an array of its elements. */
function composed(
  to: StructType | ArrayType,
  types: readonly Type[],
  args: readonly Value[],
  line: number,
): Value {
  const values = args.map((arg, i) => asType(arg, types[i] ?? to));
  const isRight = values.every(({ type }, i) => isSameType(type, types[i] ?? to));
  if (!isRight || args.length !== types.length) refuse(to, args, line);
  return { type: to, parts: values.flatMap(({ parts }) => parts) };
}
