import { together } from "./convert.ts";
import type { Emitter, Value } from "./emitter.ts";
import { binary } from "./operators.ts";
import { ShaderProblem } from "./problem.ts";
import type { Expression } from "./program.ts";
import { type MatrixType, type ScalarKind, scalar, type Type, typeName, vector } from "./types.ts";

/** An operator applied to two values, of which any may be a matrix. */
export function operate(
  emitter: Emitter,
  operator: string,
  a: Value,
  b: Value,
  line: number,
): Value {
  if (a.type.kind !== "matrix" && b.type.kind !== "matrix") {
    return binary(emitter, operator, a, b, line);
  }
  const [left, right, of] = together(a, b, line);
  const shape = resultOf(operator, left.type, right.type);
  if (shape === undefined) {
    const what = `${typeName(a.type)} ${operator} ${typeName(b.type)} is no operation`;
    throw new ShaderProblem("refused", line, what);
  }
  if (shape === "each") return each(emitter, operator, left, right, line);
  const [x, y] = [emitter.bind(left), emitter.bind(right)];
  const { columns, rows } = shape;
  const parts: Expression[] = [];
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const terms = [rowOf(x, row, of), columnOf(y, column, of)] as const;
      parts.push(...dot(emitter, ...terms, line).parts);
    }
  }
  const type: Type = shape.isVector
    ? vector(of, columns * rows)
    : { kind: "matrix", of, columns, rows };
  return { type, parts };
}

interface Shape {
  readonly columns: number;
  readonly rows: number;
  readonly isVector: boolean;
}

/** The shape of a product; `each` where an operator is applied to each component. */
function resultOf(operator: string, a: Type, b: Type): Shape | "each" | undefined {
  const isSame = typeName(a) === typeName(b);
  if (operator === "+" || operator === "-") return isSame ? "each" : undefined;
  if (operator !== "*") return undefined;
  if (a.kind === "scalar" || b.kind === "scalar") return "each";
  const [left, right] = [asMatrix(a, "row"), asMatrix(b, "column")];
  if (left === undefined || right === undefined || left.columns !== right.rows) return undefined;
  return {
    ...{ columns: right.columns, rows: left.rows },
    isVector: a.kind === "vector" || b.kind === "vector",
  };
}

/** A vector is a row before a matrix, and a column after one. */
function asMatrix(
  type: Type,
  as: "row" | "column",
): Pick<MatrixType, "columns" | "rows"> | undefined {
  if (type.kind === "matrix") return type;
  if (type.kind !== "vector") return undefined;
  return as === "row" ? { columns: type.size, rows: 1 } : { columns: 1, rows: type.size };
}

function each(emitter: Emitter, operator: string, a: Value, b: Value, line: number): Value {
  const type = a.type.kind === "matrix" ? a.type : b.type;
  const flat = ({ type: given, parts }: Value): Value =>
    given.kind === "matrix"
      ? { type: vector(given.of, parts.length), parts }
      : { type: given, parts };
  const { parts } = binary(emitter, operator, flat(a), flat(b), line);
  return { type, parts };
}

function rowOf({ type, parts }: Value, row: number, of: ScalarKind): Value {
  const rows = type.kind === "matrix" ? type.rows : 1;
  const chosen = parts.filter((_, place) => place % rows === row);
  return { type: vector(of, chosen.length), parts: chosen };
}

function columnOf({ type, parts }: Value, column: number, of: ScalarKind): Value {
  const rows = type.kind === "matrix" ? type.rows : parts.length;
  const chosen = parts.slice(column * rows, (column + 1) * rows);
  return { type: vector(of, chosen.length), parts: chosen };
}

/** The dot product of two vectors of one type: a product, then a multiply-add per further component. */
export function dot(emitter: Emitter, a: Value, b: Value, line: number): Value {
  const one = ({ type, parts }: Value, i: number): Value => ({
    type: type.kind === "vector" ? scalar(type.of) : type,
    parts: parts.slice(i, i + 1),
  });
  let sum = binary(emitter, "*", one(a, 0), one(b, 0), line);
  // The first product stays one, which a sum may take; so it comes last into the multiply-adds.
  const { product } = sum;
  for (let i = 1; i < a.parts.length; i++) {
    const term = binary(emitter, "*", one(a, i), one(b, i), line);
    sum = binary(emitter, "+", { ...sum, product: undefined }, term, line);
  }
  return { ...sum, ...(product === undefined ? {} : { product }) };
}
