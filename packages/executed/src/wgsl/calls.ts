import {
  For,
  type Function as FunctionNode,
  If,
  Loop,
  PointerType,
  Return,
  Switch,
  While,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { asType } from "./convert.ts";
import type { Value } from "./emitter.ts";
import { type Argument, type Context, lowerExpression } from "./expressions.ts";
import { BlockStatement } from "./parse.ts";
import { type Place, read } from "./places.ts";
import { ShaderProblem } from "./problem.ts";
import { readType } from "./read-type.ts";
import { type Block, Body, type Result } from "./statements.ts";
import { isSameType, scalarsOf, type Type, typeName } from "./types.ts";

/** Writes a call of the shader's own function where it stands; undefined where it returns nothing. */
export function inlineCall(
  context: Context,
  callee: FunctionNode,
  args: readonly Argument[],
  line: number,
): Value | undefined {
  const { emitter, names, types } = context;
  const places = callee.args.map((parameter, i): [string, Place] => {
    const arg = args[i];
    if (arg === undefined || args.length > callee.args.length) {
      throw new ShaderProblem("refused", line, `${callee.name} is called with other arguments`);
    }
    return [parameter.name, parameterPlace(context, callee, i, arg, line)];
  });
  const type = callee.returnType === null ? undefined : readType(callee.returnType, types);
  return names.inFunction(() => {
    for (const [name, place] of places) names.define(name, place);
    if (type === undefined) {
      lowerBody(context, callee.body, undefined);
      return undefined;
    }
    const last = callee.body.at(-1);
    if (last instanceof Return && !hasReturn(callee.body.slice(0, -1))) {
      return names.within(() => onlyResult(context, callee, type, last));
    }
    const registers = scalarsOf(type).map((kind) => emitter.register(kind));
    const place: Place = { kind: "registers", type, registers };
    lowerBody(context, callee.body, { type, place });
    return emitter.bind(read(emitter, place, line));
  });
}

function parameterPlace(
  { emitter, types }: Context,
  callee: FunctionNode,
  index: number,
  arg: Argument,
  line: number,
): Place {
  if (arg.kind === "pointer") return arg.place;
  const node = callee.args[index]?.type;
  if (node === undefined || node instanceof PointerType) {
    throw new ShaderProblem("refused", line, `${callee.name} is called without a pointer`);
  }
  const type = readType(node, types);
  const value = asType(arg.value, type);
  if (!isSameType(value.type, type)) {
    const what = `${callee.name} takes ${typeName(type)}, and is given ${typeName(value.type)}`;
    throw new ShaderProblem("refused", line, what);
  }
  return { kind: "value", type, value: emitter.bind(value) };
}

/** The result of a function that returns at its end alone. */
function onlyResult(context: Context, callee: FunctionNode, type: Type, last: Return): Value {
  const body = new Body(context, undefined);
  for (const statement of callee.body.slice(0, -1)) body.statement(statement);
  const value = asType(lowerExpression(context, last.value), type);
  if (isSameType(value.type, type)) return context.emitter.bind(value);
  const what = `${callee.name} returns ${typeName(value.type)}, not ${typeName(type)}`;
  throw new ShaderProblem("refused", last.line, what);
}

/** A body that `return` may leave anywhere. */
function lowerBody(context: Context, statements: Block, result: Result | undefined): void {
  const body = new Body(context, result);
  if (!hasReturn(statements)) {
    body.block(statements);
    return;
  }
  const inner = context.emitter.within(() => body.block(statements));
  context.emitter.addBranch({ kind: "scope", leftBy: "return", body: inner });
}

function hasReturn(statements: Block): boolean {
  return statements.some((node) => {
    if (node instanceof BlockStatement) return hasReturn(node.body);
    if (node instanceof Switch) return node.cases.some(({ body }) => hasReturn(body));
    if (node instanceof If) {
      const others = node.elseif ?? [];
      return [node.body, node.else ?? [], ...others.map(({ body }) => body)].some(hasReturn);
    }
    if (node instanceof For || node instanceof While || node instanceof Loop) {
      return hasReturn(node.body);
    }
    return node instanceof Return;
  });
}
