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
  type Expression,
  For,
  type Function as FunctionNode,
  If,
  Increment,
  Let,
  Loop,
  PointerType,
  Return,
  type Statement,
  StaticAssert,
  Switch,
  Var,
  VariableExpr,
  While,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { BlockStatement } from "../src/wgsl/parse.ts";
import { scalarsOf, type Type } from "../src/wgsl/types.ts";
import { Expressions, type Running, type Scope } from "./expressions.ts";
import { binary } from "./operations.ts";
import {
  concrete,
  fixedValue,
  kindOf,
  literalTo,
  load,
  one,
  type Reference,
  store,
  type Value,
} from "./values.ts";

/** One invocation of a shader: it walks the statements, and waits at barriers. */
export class Invocation extends Expressions {
  *main(
    entry: FunctionNode,
    variables: readonly Var[],
    partsOf: (name: string) => number[],
  ): Running {
    for (const node of variables) if (node.storage === "private") this.#declare(node);
    const scope: Scope = new Map();
    for (const { name, type, attributes } of entry.args) {
      const builtIn = attributes?.find((each) => each.name === "builtin")?.value;
      const parts = partsOf(String(builtIn));
      const value = {
        type: this.module.type(type),
        parts,
        fixed: parts.map(() => false),
      };
      scope.set(name, { kind: "value", type: value.type, value });
    }
    this.scopes.push(scope);
    yield* this.#block(entry.body);
    return "next";
  }

  *#block(statements: readonly Statement[]): Running {
    this.scopes.push(new Map());
    try {
      for (const statement of statements) {
        // A statement without others needs no generator, which takes longer than most of them.
        if (isSimple(statement)) this.#simple(statement);
        else {
          const end = yield* this.#statement(statement);
          if (end !== "next") return end;
        }
      }
      return "next";
    } finally {
      this.scopes.pop();
    }
  }

  *#statement(node: Statement): Running {
    if (node instanceof BlockStatement) return yield* this.#block(node.body);
    if (node instanceof If) return yield* this.#if(node);
    if (node instanceof For) return yield* this.#for(node);
    if (node instanceof While) {
      return yield* this.#rounds(() => this.#test(node.condition), node.body, []);
    }
    if (node instanceof Loop) {
      const inside = node.body.find((each) => each instanceof Continuing);
      const body = node.body.filter((each) => each !== inside);
      return yield* this.#rounds(() => true, body, node.continuing?.body ?? []);
    }
    if (node instanceof Switch) return yield* this.#switch(node);
    if (node instanceof Continue) return "continue";
    if (node instanceof Break) {
      return node.condition === null || this.#test(node.condition) ? "break" : "next";
    }
    if (node instanceof Return) {
      const isNothing = node.value instanceof CreateExpr && node.value.type === null;
      this.returned = isNothing ? undefined : this.value(node.value);
      return "return";
    }
    if (node instanceof Call && BARRIERS.has(node.name)) yield;
    else if (node instanceof Call && this.module.functions.has(node.name)) {
      yield* this.call(node.name, node.args);
    } else this.#simple(node);
    return "next";
  }

  /** A statement that has no statements of its own. */
  #simple(node: Statement): void {
    if (node instanceof Var || node instanceof Let || node instanceof Const) this.#declare(node);
    else if (node instanceof Assign) this.#assign(node);
    else if (node instanceof Increment) {
      const target = this.reference(node.variable);
      const before = load(target, this.charge);
      const step = one(1, kindOf(before), true);
      this.#store(target, binary(this.charge, node.operator.slice(1), before, step));
    } else if (node instanceof Call) this.callBuiltIn(node.name, node.args);
    else if (!(node instanceof StaticAssert))
      throw new Error(`the reference has no ${node.astNodeType}`);
  }

  #declare(node: Var | Let | Const): void {
    const pointed = node.value === null ? undefined : this.pointed(node.value);
    if (pointed !== undefined) {
      const pointer = { ...pointed };
      this.pointers.add(pointer);
      this.#define(node.name, pointer);
      return;
    }
    const isOpen = node.type === null || node.type instanceof PointerType;
    const declared = isOpen ? undefined : this.module.type(node.type);
    const given = node.value === null ? undefined : this.value(node.value);
    const type = declared ?? given?.type;
    if (type === undefined) throw new Error("a declaration has no type");
    const value = given === undefined ? zeroOf(type) : literalTo(given, type);
    if (node instanceof Var) {
      const { parts, type: held } = concrete(value);
      this.#define(node.name, { kind: "local", type: held, data: [...parts], offset: 0 });
      if (held.kind === "array") this.hasBranched = true;
      return;
    }
    const bound = node instanceof Let ? concrete(value) : value;
    this.#define(node.name, {
      kind: "value",
      type: bound.type,
      value: { ...bound, isProduct: false },
    });
  }

  #define(name: string, reference: Reference): void {
    this.scopes.at(-1)?.set(name, reference);
  }

  #assign({ variable, operator, value: node }: Assign): void {
    if (variable instanceof VariableExpr && variable.name === "_") {
      this.value(node);
      return;
    }
    const target = this.reference(variable);
    const value = this.value(node);
    if (operator === "=") this.#store(target, literalTo(value, target.type));
    else {
      const before = load(target, this.charge);
      this.#store(target, binary(this.charge, operator.slice(0, -1), before, value));
    }
  }

  #store(target: Reference, value: Value): void {
    const isResult = store(target, value, this.charge);
    if (isResult) this.hasStored = true;
    if (target.kind === "shared") this.hasBranched = true;
  }

  #test(node: Expression): boolean {
    const { parts, fixed } = this.value(node);
    if (!fixed[0]) this.hasBranched = true;
    return parts[0] === 1;
  }

  *#if(node: If): Running {
    if (this.#test(node.condition)) return yield* this.#block(node.body);
    for (const other of node.elseif ?? []) {
      if (this.#test(other.condition)) return yield* this.#block(other.body);
    }
    return node.else === null ? "next" : yield* this.#block(node.else);
  }

  *#for({ init, condition, increment, body }: For): Running {
    this.scopes.push(new Map());
    if (init !== null) this.#simple(init);
    const step = increment === null ? [] : [increment];
    const end = yield* this.#rounds(() => condition === null || this.#test(condition), body, step);
    this.scopes.pop();
    return end;
  }

  *#rounds(
    test: () => boolean,
    body: readonly Statement[],
    continuing: readonly Statement[],
  ): Running {
    this.hasBranched = true;
    while (test()) {
      const end = yield* this.#block(body);
      if (end === "return") return end;
      if (end === "break") return "next";
      if ((yield* this.#block(continuing)) === "break") return "next";
    }
    return "next";
  }

  *#switch(node: Switch): Running {
    this.hasBranched = true;
    const value = concrete(this.value(node.condition));
    const isDefault = (each: Switch["cases"][number]) =>
      each instanceof Default ||
      (each instanceof Case && each.selectors.some((one) => one instanceof DefaultSelector));
    const chosen =
      node.cases.find((each) => {
        if (!(each instanceof Case) || isDefault(each)) return false;
        // All values of a case are compared, before any decides.
        const same = each.selectors.map((selector) =>
          binary(this.charge, "==", value, this.value(selector)),
        );
        return same.some(({ parts }) => parts[0] === 1);
      }) ?? node.cases.find(isDefault);
    const end = yield* this.#block(chosen?.body ?? []);
    return end === "break" ? "next" : end;
  }

  protected *call(name: string, args: readonly Expression[]): Running {
    const callee = this.module.functions.get(name);
    if (callee === undefined) throw new Error(`no function ${name}`);
    const scope: Scope = new Map();
    for (const [i, parameter] of callee.args.entries()) {
      const arg = args[i];
      if (arg === undefined) throw new Error(`${name} is called with too little`);
      if (parameter.type instanceof PointerType) {
        const reference = { ...(this.pointed(arg) ?? this.reference(arg)) };
        this.pointers.add(reference);
        scope.set(parameter.name, reference);
        continue;
      }
      const value = literalTo(this.value(arg), this.module.type(parameter.type));
      scope.set(parameter.name, {
        kind: "value",
        type: value.type,
        value: { ...value, isProduct: false },
      });
    }
    const caller = this.scopes;
    this.scopes = [...caller.slice(0, 1), scope];
    this.returned = undefined;
    yield* this.#block(callee.body);
    this.scopes = caller;
    const result: Value | undefined = this.returned;
    if (result === undefined || callee.returnType === null) return "next";
    const typed = literalTo(result, this.module.type(callee.returnType));
    const isLast = callee.body.at(-1) instanceof Return && !this.module.returnsEarly(callee);
    if (!isLast) this.hasBranched = true;
    const fixed = typed.fixed.map((each) => each && isLast);
    this.returned = { ...typed, fixed, isProduct: false };
    return "next";
  }
}

function zeroOf(type: Type): Value {
  return fixedValue(
    type,
    scalarsOf(type).map(() => 0),
  );
}

/** Whether the next statement always follows, without a barrier in between. */
function isSimple(node: Statement): boolean {
  return (
    node instanceof Let ||
    node instanceof Assign ||
    node instanceof Var ||
    node instanceof Const ||
    node instanceof Increment
  );
}

const BARRIERS = new Set(["workgroupBarrier", "storageBarrier", "textureBarrier"]);
