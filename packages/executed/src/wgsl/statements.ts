import {
  Assign,
  Break,
  Call,
  Case,
  Const,
  Continue,
  Continuing,
  CreateExpr,
  Default,
  DefaultSelector,
  type Expression as ExpressionNode,
  For,
  type Function as FunctionNode,
  If,
  Increment,
  Let,
  Loop,
  PointerType,
  Return,
  type Statement as StatementNode,
  StaticAssert,
  Switch,
  UnaryOperator,
  Var,
  VariableExpr,
  While,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { asType, concrete } from "./convert.ts";
import { constant, type Value, zeroOf } from "./emitter.ts";
import {
  type Argument,
  type Context,
  condition,
  lowerCall,
  lowerExpression,
  lowerPlace,
  pointer,
} from "./expressions.ts";
import { BlockStatement } from "./parse.ts";
import { type Place, read, write } from "./places.ts";
import { ShaderProblem } from "./problem.ts";
import { operate } from "./products.ts";
import type { Expression, Register, Statement } from "./program.ts";
import { readType } from "./read-type.ts";
import { isSameType, type ScalarType, scalarsOf, type Type, typeName, wordsOf } from "./types.ts";

type Block = readonly StatementNode[];

/** Where a function's result goes, while its body is lowered. */
interface Result {
  readonly type: Type;
  readonly place: Place;
}

/** Writes statements for a function's body. */
class Body {
  constructor(
    readonly context: Context,
    readonly result: Result | undefined,
  ) {}

  /** The block whose statements are written, and what is declared in it. */
  #declared = new Set<Register>();

  block(statements: Block): void {
    this.#inBlock(() => {
      for (const statement of statements) this.statement(statement);
    });
  }

  #inBlock(write: () => void): void {
    const outer = this.#declared;
    this.#declared = new Set();
    this.context.names.within(write);
    this.#declared = outer;
  }

  /**
   * Writes to a variable. Whoever does not run a statement of the block that declared it has left
   * that block, and reads the variable no more.
   */
  #write(place: Place, value: Value, line: number): void {
    const isWhole =
      place.kind === "registers" && place.registers.every((each) => this.#declared.has(each));
    write(this.context.emitter, place, value, line, isWhole);
  }

  statement(node: StatementNode): void {
    const { emitter } = this.context;
    if (node instanceof BlockStatement) this.block(node.body);
    else if (node instanceof Let || node instanceof Const) this.#constant(node);
    else if (node instanceof Var) this.#variable(node);
    else if (node instanceof Assign) this.#assign(node);
    else if (node instanceof Increment) this.#increment(node);
    else if (node instanceof Call) lowerCall(this.context, node.name, node.args, node.line);
    else if (node instanceof If) this.#if(node);
    else if (node instanceof For) this.#for(node);
    else if (node instanceof While) this.#while(node);
    else if (node instanceof Loop) this.#loop(node);
    else if (node instanceof Return) this.#return(node);
    else if (node instanceof Switch) this.#switch(node);
    else if (node instanceof Break) this.#break(node);
    else if (node instanceof StaticAssert) checkAssertion(this.context, node);
    else if (node instanceof Continue) emitter.addBranch({ kind: "continue" });
    else throw new ShaderProblem("unsupported", node.line, `${node.astNodeType} is not supported`);
  }

  /** The value of a declaration, of the type that it names. */
  #initial(node: Let | Const | Var): Value | undefined {
    const declared = this.#declaredType(node);
    if (node.value === null) return declared && zeroOf(declared);
    const value = lowerExpression(this.context, node.value);
    if (declared === undefined) return value;
    const typed = asType(value, declared);
    if (isSameType(typed.type, declared)) return typed;
    const what = `"${node.name}" is ${typeName(declared)}, and is given ${typeName(value.type)}`;
    throw new ShaderProblem("refused", node.line, what);
  }

  #declaredType(node: Let | Const | Var): Type | undefined {
    const isPointer = node.type === null || node.type instanceof PointerType;
    return isPointer ? undefined : readType(node.type, this.context.types);
  }

  #constant(node: Let | Const): void {
    const place = node.value === null ? undefined : pointer(this.context, node.value);
    if (place !== undefined) {
      this.context.names.define(node.name, place);
      return;
    }
    const given = this.#initial(node);
    if (given === undefined) throw new ShaderProblem("refused", node.line, "a value is missing");
    // A `const` of a literal stays a literal, which becomes what its uses need.
    const value = this.context.emitter.bind(node instanceof Let ? concrete(given) : given);
    this.context.names.define(node.name, { kind: "value", type: value.type, value });
  }

  #variable(node: Var): void {
    const { emitter, names } = this.context;
    const declared = this.#declaredType(node);
    if (declared?.kind === "array" && node.value === null) {
      names.define(node.name, declareArray(this.context, declared, node));
      return;
    }
    const initial = this.#initial(node);
    if (initial === undefined) throw new ShaderProblem("refused", node.line, "a type is missing");
    const value = concrete(initial);
    if (value.type.kind === "array") {
      const place = declareArray(this.context, value.type, node);
      write(emitter, place, value, node.line);
      names.define(node.name, place);
      return;
    }
    const registers = scalarsOf(value.type).map((kind) => emitter.register(kind));
    for (const [i, register] of registers.entries()) {
      this.#declared.add(register);
      const part = value.parts[i];
      if (part !== undefined) emitter.add({ kind: "set", register, value: part, isWhole: true });
    }
    names.define(node.name, { kind: "registers", type: value.type, registers });
  }

  #assign(node: Assign): void {
    const { context } = this;
    const { variable } = node;
    if (variable === null || (variable instanceof VariableExpr && variable.name === "_")) {
      // `_ = &x` keeps x in the layout of the pipeline, and takes nothing of it.
      const isAddress = node.value instanceof UnaryOperator && node.value.operator === "&";
      if (!isAddress) lowerExpression(context, node.value);
      return;
    }
    const target = lowerPlace(context, variable);
    const value = lowerExpression(context, node.value);
    if (node.operator === "=") {
      this.#write(target, asType(value, target.type), node.line);
      return;
    }
    this.#change(target, node.operator.slice(0, -1), value, node.line);
  }

  #increment({ variable, operator, line }: Increment): void {
    const target = lowerPlace(this.context, variable);
    const { type } = target;
    if (type.kind !== "scalar" || (type.of !== "i32" && type.of !== "u32")) {
      throw new ShaderProblem("refused", line, `${typeName(type)}${operator} is no operation`);
    }
    const one: Value = { type: integer(type), parts: [constant(1, type.of)] };
    this.#change(target, operator.slice(1), one, line);
  }

  /** `target operator= value`. */
  #change(target: Place, operator: string, value: Value, line: number): void {
    const { emitter } = this.context;
    const before = read(emitter, target, line);
    this.#write(target, operate(emitter, operator, before, value, line), line);
  }

  #if(node: If): void {
    const { context } = this;
    const test = condition(context, node.condition);
    const [next, ...others] = node.elseif ?? [];
    const otherwise = (): void => {
      if (next === undefined) {
        if (node.else !== null) this.block(node.else);
        return;
      }
      const rest = new If(next.condition, next.body, others, node.else);
      rest.line = next.line;
      this.#if(rest);
    };
    if (test.kind === "constant") {
      if (test.value === 1) this.block(node.body);
      else otherwise();
      return;
    }
    context.emitter.addBranch({
      kind: "if",
      condition: test,
      taken: context.emitter.within(() => this.block(node.body)),
      otherwise: context.emitter.within(otherwise),
      isBranch: true,
    });
  }

  /** The cases in order, as a chain of branches; the default comes last, wherever it is written. */
  #switch(node: Switch): void {
    const { context } = this;
    const { emitter } = context;
    const value = emitter.bind(concrete(lowerExpression(context, node.condition)));
    const chain = (cases: Switch["cases"]): void => {
      const [next, ...others] = cases;
      if (next === undefined) {
        const fallback = node.cases.find(isDefault);
        if (fallback === undefined) {
          throw new ShaderProblem("refused", node.line, "a switch has no default");
        }
        this.block(fallback.body);
        return;
      }
      if (isDefault(next)) {
        chain(others);
        return;
      }
      const selectors = next instanceof Case ? next.selectors : [];
      emitter.addBranch({
        kind: "if",
        condition: this.#selected(value, selectors, node.line),
        taken: emitter.within(() => this.block(next.body)),
        otherwise: emitter.within(() => chain(others)),
        isBranch: true,
      });
    };
    const body = emitter.within(() => chain(node.cases));
    emitter.addBranch({ kind: "scope", leftBy: "break", body });
  }

  /** Whether a value is one of a case's. */
  #selected(value: Value, selectors: readonly ExpressionNode[], line: number): Expression {
    const { emitter } = this.context;
    const isOne = selectors
      .map((each) => operate(emitter, "==", value, lowerExpression(this.context, each), line))
      .reduce((any, each) => operate(emitter, "|", any, each, line));
    const [part] = isOne.parts;
    if (part === undefined) throw new RangeError("a case without a value");
    return part;
  }

  #break({ condition: test }: Break): void {
    const { emitter } = this.context;
    if (test === null) {
      emitter.addBranch({ kind: "break" });
      return;
    }
    emitter.addBranch({
      ...{ kind: "if", condition: condition(this.context, test) },
      ...{ taken: [{ kind: "break" }], otherwise: [], isBranch: true },
    });
  }

  #for({ init, condition: test, increment, body, line }: For): void {
    this.#inBlock(() => {
      if (init !== null) this.statement(init);
      this.#rounds(
        line,
        test === null ? undefined : () => condition(this.context, test),
        body,
        () => {
          if (increment !== null) this.statement(increment);
        },
      );
    });
  }

  #while({ condition: test, body, line }: While): void {
    this.#rounds(
      line,
      () => condition(this.context, test),
      body,
      () => undefined,
    );
  }

  #loop(node: Loop): void {
    const inside = node.body.find((statement) => statement instanceof Continuing);
    const continuing = node.continuing ?? (inside instanceof Continuing ? inside : null);
    const body = node.body.filter((statement) => statement !== inside);
    this.#rounds(node.line, undefined, body, () => {
      if (continuing !== null) this.block(continuing.body);
    });
  }

  #rounds(
    line: number,
    test: (() => ReturnType<typeof condition>) | undefined,
    body: Block,
    continuing: () => void,
  ): void {
    const { emitter } = this.context;
    let tested: ReturnType<typeof condition> | undefined;
    const before = emitter.within(() => {
      tested = test?.();
    });
    const loop: Statement = {
      kind: "loop",
      test: before,
      condition: tested,
      body: emitter.within(() => this.block(body)),
      continuing: emitter.within(continuing),
      line,
    };
    emitter.addBranch(loop);
  }

  #return(node: Return): void {
    const { context, result } = this;
    if (!isMissing(node.value)) {
      const given = lowerExpression(context, node.value);
      if (result === undefined) {
        throw new ShaderProblem("refused", node.line, "a function returns what it has no type for");
      }
      write(context.emitter, result.place, asType(given, result.type), node.line);
    }
    context.emitter.addBranch({ kind: "return" });
  }
}

function isDefault(node: Switch["cases"][number]): boolean {
  if (node instanceof Default) return true;
  return node instanceof Case && node.selectors.some((each) => each instanceof DefaultSelector);
}

/** @throws ShaderProblem where a `const_assert` is false. */
export function checkAssertion(context: Context, { expression, line }: StaticAssert): void {
  const test = condition(context, expression);
  if (test.kind === "constant" && test.value === 1) return;
  throw new ShaderProblem("refused", line, "a const_assert is not true");
}

/** The parser gives a constructor of no type where `return` stands alone. */
function isMissing(value: Return["value"]): boolean {
  return value instanceof CreateExpr && value.type === null;
}

function integer({ of }: ScalarType): ScalarType {
  return { kind: "scalar", of };
}

/** More words than an invocation's variables have on any device. */
const MAX_WORDS = 1 << 14;

/** @throws ShaderProblem where a variable is larger than any device has room for. */
export function checkSize(type: Type, node: Var): void {
  const words = wordsOf(type);
  if (words <= MAX_WORDS) return;
  const what = `"${node.name}" has ${words.toLocaleString("en")} words, and each invocation has one`;
  throw new ShaderProblem("unsupported", node.line, what);
}

/** An array variable: zeros at first. */
export function declareArray({ emitter }: Context, type: Type, node: Var): Place {
  checkSize(type, node);
  const array = emitter.array(scalarsOf(type));
  emitter.add({ kind: "clear", array });
  return { kind: "array", type, array, index: constant(0, "int") };
}

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
