import type { WorkKind } from "../count/work.ts";
import { asKind, concrete, scalarKindOf, spread, together } from "./convert.ts";
import type { Emitter, Value } from "./emitter.ts";
import { binaryOperation } from "./operations.ts";
import { ShaderProblem } from "./problem.ts";
import type { Expression } from "./program.ts";
import { isFloat, type ScalarKind, typeName, vector } from "./types.ts";

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
  if (!isFloat(of)) return "integers";
  return COMPARISONS.has(operator) ? "comparisons" : FLOAT_WORK[operator];
}

/** A shift, by as many bits as unsigned integers say. */
function shift(emitter: Emitter, operator: string, a: Value, b: Value, line: number): Value {
  const by = asKind(b, "u32");
  const of = scalarKindOf(a, line);
  const value = of === "int" && by.parts.some(({ kind }) => kind !== "constant") ? concrete(a) : a;
  const kind = scalarKindOf(value, line);
  const operation = binaryOperation(operator, kind);
  const isAlike = value.parts.length === by.parts.length && scalarKindOf(by, line) === "u32";
  if (operation === undefined || kind === "bool" || !isAlike) {
    const what = `${typeName(a.type)} ${operator} ${typeName(b.type)} is no operation`;
    throw new ShaderProblem("refused", line, what);
  }
  const parts = value.parts.map((part, i) =>
    emitter.apply(operation, [part, by.parts[i] ?? part], "integers"),
  );
  return { type: value.type, parts };
}

/** An operator applied to two scalars or vectors; a scalar beside a vector is repeated. */
export function binary(
  emitter: Emitter,
  operator: string,
  a: Value,
  b: Value,
  line: number,
): Value {
  if (operator === "<<" || operator === ">>") return shift(emitter, operator, a, b, line);
  const [left, right, of] = together(a, b, line);
  const size = Math.max(left.parts.length, right.parts.length);
  const isMixed = left.parts.length !== right.parts.length;
  const operation = binaryOperation(operator, of);
  const isSpreadable = left.type.kind === "scalar" || right.type.kind === "scalar";
  if (operation === undefined || (isMixed && (!isSpreadable || COMPARISONS.has(operator)))) {
    const what = `${typeName(a.type)} ${operator} ${typeName(b.type)} is no operation`;
    throw new ShaderProblem("refused", line, what);
  }
  const isSum = isFloat(of) && "+-".includes(operator);
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
  const isProduct = operator === "*" && isFloat(of) && parts.every(({ kind }) => kind === "apply");
  const kind = COMPARISONS.has(operator) ? "bool" : of;
  // Of a sum of products, one is left for the sum that takes it, as of a `dot`.
  const untaken = isProduct ? { block: emitter.block } : otherProduct;
  return {
    type: vector(kind, size),
    parts,
    ...(untaken === undefined ? {} : { product: untaken }),
  };
}
