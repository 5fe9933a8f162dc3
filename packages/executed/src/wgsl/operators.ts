import type { WorkKind } from "../count/work.ts";
import { asKind, concrete, scalarKindOf, spread, together } from "./convert.ts";
import type { Emitter, Value } from "./emitter.ts";
import { binaryOperation } from "./operations.ts";
import { ShaderProblem } from "./problem.ts";
import type { Expression } from "./program.ts";
import { type ScalarKind, typeName, vector } from "./types.ts";

const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);

const FLOAT_WORK: Readonly<Record<string, WorkKind>> = {
  "+": "additions",
  "-": "additions",
  "*": "multiplications",
  "/": "divisions",
  "%": "divisions",
};

/** What an operator costs per component; logic on booleans is free, as it sets no flag anew. */
function workOf(operator: string, of: ScalarKind): WorkKind | undefined {
  if (of === "bool") return undefined;
  if (of !== "f32") return "integers";
  return COMPARISONS.has(operator) ? "comparisons" : FLOAT_WORK[operator];
}

/** An operator applied to two values; a scalar beside a vector is repeated. */
export function binary(
  emitter: Emitter,
  operator: string,
  a: Value,
  b: Value,
  line: number,
): Value {
  const isShift = operator === "<<" || operator === ">>";
  const [left, right, of] = isShift ? shifted(a, b, line) : together(a, b, line);
  const size = Math.max(left.parts.length, right.parts.length);
  const isMixed = left.parts.length !== right.parts.length;
  const operation = binaryOperation(operator, of === "int" ? "i32" : of);
  const isSpreadable = left.type.kind === "scalar" || right.type.kind === "scalar";
  if (operation === undefined || (isMixed && (!isSpreadable || COMPARISONS.has(operator)))) {
    const what = `${typeName(a.type)} ${operator} ${typeName(b.type)} is no operation`;
    throw new ShaderProblem("refused", line, what);
  }
  const isSum = of === "f32" && "+-".includes(operator);
  const [product, otherProduct] = [left, right].flatMap((each) =>
    isSum && each.product !== undefined && each.parts.length === size ? [each.product] : [],
  );
  const lefts = spread(emitter, left, size).parts;
  const rights = spread(emitter, right, size).parts;
  const work = product === undefined ? workOf(operator, of) : "multiplyAdds";
  const parts: Expression[] = lefts.map((part, i) => {
    const other = rights[i] ?? part;
    return emitter.apply(operation, [part, other], work);
  });
  // A sum takes a product into a multiply-add, as compilers do.
  if (product !== undefined) product.block.multiplications -= size;
  const isProduct = operator === "*" && of === "f32" && parts.every(({ kind }) => kind === "apply");
  const kind = COMPARISONS.has(operator) ? "bool" : of;
  // Of a sum of products, one is left for the sum that takes it, as of a `dot`.
  const untaken = isProduct ? { block: emitter.block } : otherProduct;
  return {
    type: vector(kind, size),
    parts: of === "int" && kind === "int" ? parts.map(asLiteral) : parts,
    ...(untaken === undefined ? {} : { product: untaken }),
  };
}

/** What is shifted, of any integer kind, and by how far, which is a `u32`. */
function shifted(a: Value, b: Value, line: number): [Value, Value, ScalarKind] {
  const isLiteral = b.parts.every(({ kind }) => kind === "constant");
  const value = isLiteral ? a : concrete(a);
  const far = asKind(b, "u32");
  if (scalarKindOf(far, line) === "u32") return [value, far, scalarKindOf(value, line)];
  const what = `${typeName(a.type)} is shifted by ${typeName(b.type)}, which is not u32`;
  throw new ShaderProblem("refused", line, what);
}

/** An operation on literals gives a literal. */
function asLiteral(part: Expression): Expression {
  return part.kind === "constant" ? { ...part, of: "int" } : part;
}
