import {
  ArrayIndex,
  Assign,
  BinaryOperator,
  BitcastExpr,
  Break,
  Call,
  CallExpr,
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
  LiteralExpr,
  Loop,
  PointerType,
  Return,
  type Statement,
  StaticAssert,
  StringExpr,
  Switch,
  UnaryOperator,
  Var,
  VariableExpr,
  While,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { noWork } from "../src/count/work.ts";
import { BlockStatement } from "../src/wgsl/parse.ts";
import { isInferred, readType, shapeOf } from "../src/wgsl/read-type.ts";
import { type ScalarKind, scalar, scalarsOf, type Type, vector } from "../src/wgsl/types.ts";
import { binary, builtIn, convert, repeat, unary } from "./operations.ts";
import type { ReferenceModule } from "./reference.ts";
import {
  bits,
  charging,
  concrete,
  elementAt,
  fixedValue,
  kindOf,
  literalAs,
  literalTo,
  load,
  memberOf,
  one,
  type Reference,
  store,
  type Value,
} from "./values.ts";

/** How a statement ends. */
type End = "next" | "break" | "continue" | "return";
/** A statement that runs until the next barrier. */
type Running = Generator<void, End>;
type Scope = Map<string, Reference>;

const LITERALS: Readonly<Record<string, ScalarKind>> = {
  x32: "int",
  "abstract-float": "float",
  f32: "f32",
  i32: "i32",
  u32: "u32",
  bool: "bool",
};

/** One invocation of a shader: it walks the statements, and charges each operation that it computes. */
export class Invocation {
  readonly work = noWork();
  hasStored = false;
  /** Whether something was done that a compiler does not compute ahead, as it does the rest. */
  #hasBranched = false;
  readonly #charge = charging(this.work);
  #scopes: Scope[];
  #returned: Value | undefined;

  /** @param shared the module's variables that invocations share. */
  constructor(
    readonly module: ReferenceModule,
    shared: Scope,
  ) {
    this.#scopes = [shared];
  }

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
        type: readType(type, this.module.types),
        parts,
        fixed: parts.map(() => false),
      };
      scope.set(name, { kind: "value", type: value.type, value });
    }
    this.#scopes.push(scope);
    yield* this.#block(entry.body);
    return "next";
  }

  // Statements

  *#block(statements: readonly Statement[]): Running {
    this.#scopes.push(new Map());
    try {
      for (const statement of statements) {
        const end = yield* this.#statement(statement);
        if (end !== "next") return end;
      }
      return "next";
    } finally {
      this.#scopes.pop();
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
      this.#returned = isNothing ? undefined : this.value(node.value);
      return "return";
    }
    if (node instanceof Call && BARRIERS.has(node.name)) yield;
    else if (node instanceof Call && this.module.functions.has(node.name)) {
      yield* this.#call(node.name, node.args);
    } else this.#simple(node);
    return "next";
  }

  /** A statement that has no statements of its own. */
  #simple(node: Statement): void {
    if (node instanceof Var || node instanceof Let || node instanceof Const) this.#declare(node);
    else if (node instanceof Assign) this.#assign(node);
    else if (node instanceof Increment) {
      const target = this.#reference(node.variable);
      const before = load(target, this.#charge);
      const step = one(1, kindOf(before), true);
      this.#store(target, binary(this.#charge, node.operator.slice(1), before, step));
    } else if (node instanceof Call) this.#callBuiltIn(node.name, node.args);
    else if (!(node instanceof StaticAssert))
      throw new Error(`the reference has no ${node.astNodeType}`);
  }

  #declare(node: Var | Let | Const): void {
    const pointed = node.value === null ? undefined : this.#pointed(node.value);
    if (pointed !== undefined) {
      const pointer = { ...pointed };
      this.#pointers.add(pointer);
      this.#define(node.name, pointer);
      return;
    }
    const isOpen = node.type === null || node.type instanceof PointerType;
    const declared = isOpen ? undefined : readType(node.type, this.module.types);
    const given = node.value === null ? undefined : this.value(node.value);
    const type = declared ?? given?.type;
    if (type === undefined) throw new Error("a declaration has no type");
    const zeros = scalarsOf(type).map(() => 0);
    const value = given === undefined ? fixedValue(type, zeros) : literalTo(given, type);
    if (node instanceof Var) {
      const { parts, type: held } = concrete(value);
      this.#define(node.name, { kind: "local", type: held, data: [...parts], offset: 0 });
      if (held.kind === "array") this.#hasBranched = true;
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
    this.#scopes.at(-1)?.set(name, reference);
  }

  #assign({ variable, operator, value: node }: Assign): void {
    if (variable instanceof VariableExpr && variable.name === "_") {
      this.value(node);
      return;
    }
    const target = this.#reference(variable);
    const value = this.value(node);
    if (operator === "=") this.#store(target, literalTo(value, target.type));
    else {
      const before = load(target, this.#charge);
      this.#store(target, binary(this.#charge, operator.slice(0, -1), before, value));
    }
  }

  #store(target: Reference, value: Value): void {
    const isResult = store(target, value, this.#charge);
    if (isResult) this.hasStored = true;
    if (target.kind === "shared") this.#hasBranched = true;
  }

  #test(node: Expression): boolean {
    const { parts, fixed } = this.value(node);
    if (!fixed[0]) this.#hasBranched = true;
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
    this.#scopes.push(new Map());
    if (init !== null) this.#simple(init);
    const step = increment === null ? [] : [increment];
    const end = yield* this.#rounds(() => condition === null || this.#test(condition), body, step);
    this.#scopes.pop();
    return end;
  }

  *#rounds(
    test: () => boolean,
    body: readonly Statement[],
    continuing: readonly Statement[],
  ): Running {
    this.#hasBranched = true;
    while (test()) {
      const end = yield* this.#block(body);
      if (end === "return") return end;
      if (end === "break") return "next";
      if ((yield* this.#block(continuing)) === "break") return "next";
    }
    return "next";
  }

  *#switch(node: Switch): Running {
    this.#hasBranched = true;
    const value = concrete(this.value(node.condition));
    const isDefault = (each: Switch["cases"][number]) =>
      each instanceof Default ||
      (each instanceof Case && each.selectors.some((one) => one instanceof DefaultSelector));
    const chosen =
      node.cases.find((each) => {
        if (!(each instanceof Case) || isDefault(each)) return false;
        // All values of a case are compared, before any decides.
        const same = each.selectors.map((selector) =>
          binary(this.#charge, "==", value, this.value(selector)),
        );
        return same.some(({ parts }) => parts[0] === 1);
      }) ?? node.cases.find(isDefault);
    const end = yield* this.#block(chosen?.body ?? []);
    return end === "break" ? "next" : end;
  }

  // Expressions

  /** The value of an expression. */
  value(node: Expression): Value {
    return load(this.#reference(node), this.#charge);
  }

  /** What an expression names, or its value. */
  #reference(node: Expression): Reference {
    let reference = this.#primary(node);
    for (let access = node.postfix; access !== null; access = access.postfix) {
      if (access instanceof ArrayIndex) {
        const index = this.value(access.index);
        reference = elementAt(reference, index.parts[0] ?? 0, index.fixed[0] ?? false);
      } else if (access instanceof StringExpr) reference = this.#member(reference, access.value);
    }
    return reference;
  }

  #member(reference: Reference, name: string): Reference {
    const { type } = reference;
    if (type.kind === "struct") return memberOf(reference, type, name);
    if (type.kind !== "vector") throw new Error(`${type.kind} has no members`);
    const places = [...name].map((letter) => "xyzwrgba".indexOf(letter) % 4);
    const [only = 0] = places;
    if (places.length === 1) return elementAt(reference, only, true);
    const { parts, fixed } = load(reference, this.#charge);
    const value = {
      type: vector(type.of, places.length),
      parts: places.map((place) => parts[place] ?? 0),
      fixed: places.map((place) => fixed[place] ?? false),
    };
    return { kind: "value", type: value.type, value };
  }

  #primary(node: Expression): Reference {
    if (node instanceof VariableExpr) return this.#find(node.name);
    if (node instanceof UnaryOperator && (node.operator === "*" || node.operator === "&")) {
      return this.#reference(node.right);
    }
    const value = this.#computed(node);
    return { kind: "value", type: value.type, value };
  }

  #find(name: string): Reference {
    const known = this.#scopes.findLast((scope) => scope.has(name))?.get(name);
    const found = known ?? this.module.constantNamed(name);
    if (found === undefined) throw new Error(`"${name}" is not declared`);
    return found;
  }

  #computed(node: Expression): Value {
    if (node instanceof LiteralExpr) {
      return one(node.scalarValue, LITERALS[node.type.name] ?? "f32", true);
    }
    if (node instanceof BinaryOperator) {
      if (node.operator === "&&" || node.operator === "||") return this.#logic(node);
      const left = this.value(node.left);
      return binary(this.#charge, node.operator, left, this.value(node.right));
    }
    if (node instanceof UnaryOperator)
      return unary(this.#charge, node.operator, this.value(node.right));
    if (node instanceof BitcastExpr) {
      const value = concrete(this.value(node.value));
      const type = readType(node.type, this.module.types);
      const to = "of" in type ? type.of : "i32";
      return { ...value, type, parts: value.parts.map((each) => bits(each, kindOf(value), to)) };
    }
    if (node instanceof CreateExpr) return this.#constructed(node);
    if (node instanceof CallExpr) {
      const { name, args } = node;
      if (!this.module.functions.has(name)) return this.#callBuiltIn(name, args ?? []);
      const running = this.#call(name, args ?? []);
      if (running.next().done !== true) throw new Error(`${name} waits in an expression`);
      if (this.#returned !== undefined) return this.#returned;
    }
    throw new Error(`the reference has no ${node.astNodeType}`);
  }

  /** The second operand is computed by all, unless it loads or branches, and the first decides. */
  #logic({ operator, left: leftNode, right: rightNode }: BinaryOperator): Value {
    const left = this.value(leftNode);
    const isDecided = (left.parts[0] === 1) === (operator === "||");
    if (left.fixed[0]) return isDecided ? left : this.value(rightNode);
    const before = { ...this.work };
    const branched = this.#hasBranched;
    this.#hasBranched = false;
    const right = this.value(rightNode);
    const { loadBytes, sharedLoadBytes } = this.work;
    const isPlain =
      !this.#hasBranched &&
      loadBytes === before.loadBytes &&
      sharedLoadBytes === before.sharedLoadBytes;
    this.#hasBranched = branched || !isPlain;
    if (isDecided && !isPlain) Object.assign(this.work, before);
    const value = isDecided ? left.parts[0] : right.parts[0];
    return one(value ?? 0, "bool", false);
  }

  #constructed(node: CreateExpr): Value {
    if (node.type === null) throw new Error("an expression is missing");
    const args = (node.args ?? []).map((arg) => this.value(arg));
    const shape = isInferred(node.type) ? shapeOf(node.type) : undefined;
    const of = args.map(kindOrInt).reduce(widest, "int");
    const type: Type =
      shape === undefined
        ? readType(node.type, this.module.types)
        : shape.kind === "vector"
          ? vector(of, shape.size)
          : shape.kind === "matrix"
            ? { ...shape, of }
            : {
                kind: "array",
                element: args.find((arg) => kindOrInt(arg) === of)?.type ?? scalar(of),
                count: args.length,
              };
    if (args.length === 0)
      return fixedValue(
        type,
        scalarsOf(type).map(() => 0),
      );
    const values =
      "of" in type
        ? args.map((arg) => convert(this.#charge, literalAs(arg, type.of), type.of))
        : args;
    const [only] = values;
    if (type.kind === "vector" && values.length === 1 && only !== undefined) {
      return { ...repeat(only, type.size), type };
    }
    return {
      type,
      parts: values.flatMap(({ parts }) => parts),
      fixed: values.flatMap(({ fixed }) => fixed),
    };
  }

  #callBuiltIn(name: string, args: readonly Expression[]): Value {
    if (name.startsWith("atomic")) return this.#atomic(name, args);
    const type = this.module.typeNamed(name);
    const values = args.map((arg) => this.value(arg));
    if (type === undefined) return builtIn(this.#charge, name, values);
    return {
      type,
      parts: values.flatMap((each) => each.parts),
      fixed: values.flatMap((each) => each.fixed),
    };
  }

  #atomic(name: string, [target, ...others]: readonly Expression[]): Value {
    const reference = target && this.#pointed(target);
    if (reference?.kind !== "shared" || reference.type.kind !== "scalar") {
      throw new Error(`${name} is called without a pointer`);
    }
    const { of } = reference.type;
    const plain: Reference = { ...reference, type: scalar(of) };
    const [value = one(0, of), wanted = one(0, of)] = others.map((arg) =>
      literalAs(this.value(arg), of),
    );
    const ignore = () => undefined;
    const old = load(plain, ignore);
    this.#charge("atomics");
    this.#hasBranched = true;
    const [before = 0] = old.parts;
    const [given = 0] = value.parts;
    const isExchange = name === "atomicCompareExchangeWeak";
    const after = isExchange
      ? before === given
        ? (wanted.parts[0] ?? 0)
        : before
      : changed(name, before, given);
    if (name !== "atomicLoad") store(plain, one(after, of), ignore);
    if (name !== "atomicLoad" && reference.memory.space === "storage") this.hasStored = true;
    if (!isExchange) return old;
    const members = [
      { name: "old_value", type: scalar(of) },
      { name: "exchanged", type: scalar("bool") },
    ];
    const parts = [before, Number(before === given)];
    return { type: { kind: "struct", name: "exchanged", members }, parts, fixed: [false, false] };
  }

  /** What `&x` or a pointer's name points to. */
  #pointed(node: Expression): Reference | undefined {
    if (node instanceof UnaryOperator && node.operator === "&") return this.#reference(node.right);
    if (!(node instanceof VariableExpr) || node.postfix !== null) return undefined;
    const found = this.#find(node.name);
    return this.#pointers.has(found) ? found : undefined;
  }

  readonly #pointers = new WeakSet<Reference>();

  *#call(name: string, args: readonly Expression[]): Running {
    const callee = this.module.functions.get(name);
    if (callee === undefined) throw new Error(`no function ${name}`);
    const scope: Scope = new Map();
    for (const [i, parameter] of callee.args.entries()) {
      const arg = args[i];
      if (arg === undefined) throw new Error(`${name} is called with too little`);
      if (parameter.type instanceof PointerType) {
        const reference = { ...(this.#pointed(arg) ?? this.#reference(arg)) };
        this.#pointers.add(reference);
        scope.set(parameter.name, reference);
        continue;
      }
      const value = literalTo(this.value(arg), readType(parameter.type, this.module.types));
      scope.set(parameter.name, {
        kind: "value",
        type: value.type,
        value: { ...value, isProduct: false },
      });
    }
    const caller = this.#scopes;
    this.#scopes = [...caller.slice(0, 1), scope];
    this.#returned = undefined;
    yield* this.#block(callee.body);
    this.#scopes = caller;
    const result: Value | undefined = this.#returned;
    if (result === undefined || callee.returnType === null) return "next";
    const typed = literalTo(result, readType(callee.returnType, this.module.types));
    const isLast = callee.body.at(-1) instanceof Return && !this.module.returnsEarly(callee);
    if (!isLast) this.#hasBranched = true;
    const fixed = typed.fixed.map((each) => each && isLast);
    this.#returned = { ...typed, fixed, isProduct: false };
    return "next";
  }
}

const BARRIERS = new Set(["workgroupBarrier", "storageBarrier", "textureBarrier"]);

function kindOrInt(value: Value): ScalarKind {
  return "of" in value.type ? value.type.of : "int";
}

function widest(a: ScalarKind, b: ScalarKind): ScalarKind {
  if (a !== "int" && a !== "float") return a;
  return b === "int" ? a : b;
}

function changed(name: string, before: number, given: number): number {
  switch (name) {
    case "atomicLoad":
      return before;
    case "atomicStore":
    case "atomicExchange":
      return given;
    case "atomicAdd":
      return before + given;
    case "atomicSub":
      return before - given;
    case "atomicMax":
      return Math.max(before, given);
    case "atomicMin":
      return Math.min(before, given);
    case "atomicAnd":
      return before & given;
    case "atomicOr":
      return before | given;
    case "atomicXor":
      return before ^ given;
    default:
      throw new Error(`the reference has no ${name}`);
  }
}
