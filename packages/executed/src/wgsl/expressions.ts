import {
  ArrayIndex,
  BinaryOperator,
  BitcastExpr,
  CallExpr,
  CreateExpr,
  type Expression as ExpressionNode,
  type Function as FunctionNode,
  LiteralExpr,
  StringExpr,
  UnaryOperator,
  VariableExpr,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { lowerAtomic } from "./atomics.ts";
import { bitcastTo } from "./bits.ts";
import { builtIn } from "./builtins.ts";
import { construct, inferredType } from "./construct.ts";
import { scalarKindOf } from "./convert.ts";
import { constant, type Emitter, type Value } from "./emitter.ts";
import type { Names } from "./names.ts";
import { binaryOperation, complement, NOT, negation } from "./operations.ts";
import { fixed, indexed, lengthOf, member, type Place, read } from "./places.ts";
import { ShaderProblem } from "./problem.ts";
import { operate } from "./products.ts";
import { ATOMICS, type AtomicName, type Expression, type Statement } from "./program.ts";
import { isInferred, readType, shapeOf, type TypeNames } from "./read-type.ts";
import { unknown } from "./subgroups.ts";
import { lowerTexture } from "./textures.ts";
import { isFloat, type ScalarKind, scalar, type Type, typeName } from "./types.ts";

/** What lowering a function needs to know. */
export interface Context {
  readonly emitter: Emitter;
  readonly names: Names;
  readonly types: TypeNames;
  /** Writes a call of the shader's own function; undefined where it returns nothing. */
  inline(callee: FunctionNode, args: readonly Argument[], line: number): Value | undefined;
}

/** What is passed to a function: a value, or the variable that a pointer names. */
export type Argument =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "pointer"; readonly place: Place };

/** The value of an expression. */
export function lowerExpression(context: Context, node: ExpressionNode): Value {
  return read(context.emitter, lowerPlace(context, node), node.line);
}

/** What an expression names, or its value where it names nothing. */
export function lowerPlace(context: Context, node: ExpressionNode): Place {
  let place = lowerPrimary(context, node);
  // A unary operator takes what follows with its operand.
  for (let access = node.postfix; access !== null; access = access.postfix) {
    if (access instanceof ArrayIndex) {
      place = indexed(context.emitter, place, lowerIndex(context, access.index), node.line);
    } else if (access instanceof StringExpr) {
      place = member(context.emitter, place, access.value, node.line);
    }
  }
  return place;
}

function lowerIndex(context: Context, node: ExpressionNode): Expression {
  const value = lowerExpression(context, node);
  const kind = scalarKindOf(value, node.line);
  const [part] = value.parts;
  if (part === undefined || value.parts.length > 1 || isFloat(kind) || kind === "bool") {
    throw new ShaderProblem("refused", node.line, `an index is ${typeName(value.type)}`);
  }
  return part;
}

function lowerPrimary(context: Context, node: ExpressionNode): Place {
  const { emitter, names } = context;
  if (node instanceof VariableExpr) {
    const place = names.find(node.name);
    if (place !== undefined) return place;
    throw new ShaderProblem("refused", node.line, `"${node.name}" is not declared`);
  }
  if (node instanceof UnaryOperator && (node.operator === "*" || node.operator === "&")) {
    return lowerPlace(context, node.right);
  }
  const value = lowerValue(context, node);
  if (value === undefined) {
    throw new ShaderProblem("unsupported", node.line, `an expression is not supported`);
  }
  return { kind: "value", type: value.type, value: node.postfix ? emitter.bind(value) : value };
}

function lowerValue(context: Context, node: ExpressionNode): Value | undefined {
  const { emitter, types } = context;
  if (node instanceof LiteralExpr) return literal(node);
  if (node instanceof BinaryOperator) {
    if (node.operator === "&&" || node.operator === "||") return lowerLogic(context, node);
    const left = lowerExpression(context, node.left);
    return operate(emitter, node.operator, left, lowerExpression(context, node.right), node.line);
  }
  if (node instanceof UnaryOperator) return lowerUnary(context, node);
  if (node instanceof BitcastExpr) {
    const to = readType(node.type, types);
    return bitcastTo(emitter, to, lowerExpression(context, node.value), node.line);
  }
  if (node instanceof CreateExpr) {
    if (node.type === null)
      throw new ShaderProblem("refused", node.line, "an expression is missing");
    const args = (node.args ?? []).map((arg) => lowerExpression(context, arg));
    const shape = isInferred(node.type) ? shapeOf(node.type) : undefined;
    const type =
      shape === undefined ? readType(node.type, types) : inferredType(shape, args, node.line);
    return construct(emitter, type, args, node.line);
  }
  if (node instanceof CallExpr) {
    const value = lowerCall(context, node.name, node.args ?? [], node.line);
    if (value !== undefined) return value;
    throw new ShaderProblem("refused", node.line, `${node.name} returns nothing`);
  }
  return undefined;
}

const LITERALS: Readonly<Record<string, ScalarKind>> = {
  x32: "int",
  i32: "i32",
  u32: "u32",
  f32: "f32",
  f16: "f16",
  "abstract-float": "float",
  bool: "bool",
};

function literal(node: LiteralExpr): Value {
  const of = LITERALS[node.type.name];
  if (of === undefined || !node.isScalar) {
    throw new ShaderProblem("unsupported", node.line, `a literal of ${node.type.name}`);
  }
  return { type: scalar(of), parts: [constant(node.scalarValue, of)] };
}

/**
 * `&&` and `||`. A second operand that only computes is computed by all, as compilers make no branch
 * of it; one that loads or branches, by the invocations alone for which the first does not decide.
 */
function lowerLogic(context: Context, node: BinaryOperator): Value {
  const { emitter } = context;
  const left = condition(context, node.left);
  const isAnd = node.operator === "&&";
  if (left.kind === "constant") {
    const isDecided = (left.value === 1) !== isAnd;
    const part = isDecided ? left : condition(context, node.right);
    return { type: scalar("bool"), parts: [part] };
  }
  const [first] = emitter.bind({ type: scalar("bool"), parts: [left] }).parts;
  const operation = binaryOperation(isAnd ? "&" : "|", "bool");
  if (first === undefined || operation === undefined) throw new RangeError("no condition");
  const second = emitter.register("bool");
  const right = emitter.within(() => {
    const value = condition(context, node.right);
    emitter.add({ kind: "set", register: second, value, isWhole: true });
  });
  if (!emitter.absorb(right)) {
    const none: Statement[] = [];
    const [taken, otherwise] = isAnd ? [right, none] : [none, right];
    // Nothing leaves an operand, so the same invocations go on.
    emitter.add({ kind: "if", condition: first, taken, otherwise, isBranch: false });
  }
  // Where the first operand decides, it does so whatever the second holds.
  const both = [first, { kind: "read", register: second } as const];
  return { type: scalar("bool"), parts: [emitter.apply(operation, both, undefined)] };
}

/** The value of a condition. */
export function condition(context: Context, node: ExpressionNode): Expression {
  const value = lowerExpression(context, node);
  const [part] = value.parts;
  if (value.type.kind !== "scalar" || value.type.of !== "bool" || part === undefined) {
    const what = `a condition is ${typeName(value.type)}, not bool`;
    throw new ShaderProblem("refused", node.line, what);
  }
  return part;
}

function lowerUnary(context: Context, node: UnaryOperator): Value {
  const { emitter } = context;
  const value = lowerExpression(context, node.right);
  const of = scalarKindOf(value, node.line);
  const [operation, work] =
    node.operator === "!" && of === "bool"
      ? [NOT, undefined]
      : node.operator === "-" && of !== "bool" && of !== "u32"
        ? [negation(of), isFloat(of) ? ("additions" as const) : ("integers" as const)]
        : node.operator === "~" && of !== "bool" && !isFloat(of)
          ? [complement(of), "integers" as const]
          : [undefined, undefined];
  if (operation === undefined) {
    const what = `${node.operator}${typeName(value.type)} is no operation`;
    throw new ShaderProblem("refused", node.line, what);
  }
  const parts = value.parts.map((part) => emitter.apply(operation, [part], work));
  return { type: value.type, parts };
}

/** A call, of a built-in function or of the shader's own; undefined where it returns nothing. */
export function lowerCall(
  context: Context,
  name: string,
  args: readonly ExpressionNode[],
  line: number,
): Value | undefined {
  const { emitter, names } = context;
  const callee = names.functions.get(name);
  if (callee !== undefined) {
    const passed = args.map((arg): Argument => {
      const place = pointer(context, arg);
      if (place !== undefined) return { kind: "pointer", place };
      return { kind: "value", value: lowerExpression(context, arg) };
    });
    return context.inline(callee, passed, line);
  }
  if (isAtomic(name)) {
    const [target, ...others] = args;
    const place = target === undefined ? undefined : pointer(context, target);
    const values = others.map((arg) => lowerExpression(context, arg));
    return lowerAtomic(emitter, name, place, values, line);
  }
  if (name === "arrayLength") {
    const [target] = args;
    const place = target === undefined ? undefined : pointer(context, target);
    if (place === undefined) {
      throw new ShaderProblem("refused", line, "arrayLength takes a pointer");
    }
    return { type: scalar("u32"), parts: [lengthOf(emitter, place, line)] };
  }
  if (BARRIERS.has(name)) {
    emitter.add({ kind: "barrier" });
    return undefined;
  }
  if (name === "workgroupUniformLoad") return uniformLoad(context, args, line);
  if (name === "arrayLength") return unknown(scalar("u32"));
  const values = args.map((arg) => lowerExpression(context, arg));
  if (name.startsWith("texture")) return lowerTexture(emitter, name, values, line);
  const type = namedType(context, name);
  if (type !== undefined) return construct(emitter, type, values, line);
  const value = builtIn(emitter, name, values, line);
  if (value !== undefined) return value;
  throw new ShaderProblem("unsupported", line, `the function ${name} is not known`);
}

const BARRIERS = new Set([
  "workgroupBarrier",
  "storageBarrier",
  "textureBarrier",
  "subgroupBarrier",
]);

/** The type that a name stands for, where it is declared after its use. */
function namedType({ types }: Context, name: string): Type | undefined {
  const node = types.structs.get(name) ?? types.aliases.get(name);
  return node && readType(node, types);
}

/** `workgroupUniformLoad(&x)`: a load between two barriers. */
function uniformLoad(context: Context, args: readonly ExpressionNode[], line: number): Value {
  const { emitter } = context;
  const place = args[0] && pointer(context, args[0]);
  if (place === undefined) {
    throw new ShaderProblem("refused", line, "workgroupUniformLoad is called without a pointer");
  }
  emitter.add({ kind: "barrier" });
  const value = emitter.bind(read(emitter, place, line));
  emitter.add({ kind: "barrier" });
  return value;
}

function isAtomic(name: string): name is AtomicName {
  return Object.hasOwn(ATOMICS, name);
}

/** What a pointer points to: `&x`, or the name of a pointer; undefined for another expression. */
export function pointer(context: Context, node: ExpressionNode): Place | undefined {
  if (node instanceof VariableExpr && node.postfix === null) {
    const place = context.names.find(node.name);
    return place?.isPointer ? place : undefined;
  }
  if (!(node instanceof UnaryOperator) || node.operator !== "&") return undefined;
  return { ...fixed(context.emitter, lowerPlace(context, node.right)), isPointer: true };
}
