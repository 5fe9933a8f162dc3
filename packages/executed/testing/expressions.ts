import {
  ArrayIndex,
  BinaryOperator,
  BitcastExpr,
  CallExpr,
  CreateExpr,
  type Expression,
  LiteralExpr,
  StringExpr,
  UnaryOperator,
  VariableExpr,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { noWork } from "../src/count/work.ts";
import { isInferred, shapeOf } from "../src/wgsl/read-type.ts";
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
  load,
  memberOf,
  one,
  type Reference,
  store,
  type Value,
} from "./values.ts";

/** How a statement ends. */
export type End = "next" | "break" | "continue" | "return";
/** A statement that runs until the next barrier. */
export type Running = Generator<void, End>;
export type Scope = Map<string, Reference>;

const LITERALS: Readonly<Record<string, ScalarKind>> = {
  x32: "int",
  "abstract-float": "float",
  f32: "f32",
  i32: "i32",
  u32: "u32",
  bool: "bool",
};

/** What an invocation has while it runs, and the values of expressions: each operation is charged. */
export abstract class Expressions {
  readonly work = noWork();
  hasStored = false;
  /** Whether something was done that a compiler does not compute ahead, as it does the rest. */
  protected hasBranched = false;
  protected readonly charge = charging(this.work);
  protected scopes: Scope[];
  protected returned: Value | undefined;

  /** @param shared the module's variables that invocations share. */
  constructor(
    readonly module: ReferenceModule,
    shared: Scope,
  ) {
    this.scopes = [shared];
  }

  /** Calls one of the shader's own functions; what it returns is in `returned`. */
  protected abstract call(name: string, args: readonly Expression[]): Running;

  /** The value of an expression. */
  value(node: Expression): Value {
    return load(this.reference(node), this.charge);
  }

  /** What an expression names, or its value. */
  protected reference(node: Expression): Reference {
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
    const { parts, fixed } = load(reference, this.charge);
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
      return this.reference(node.right);
    }
    const value = this.#computed(node);
    return { kind: "value", type: value.type, value };
  }

  #find(name: string): Reference {
    for (let inner = this.scopes.length - 1; inner >= 0; inner--) {
      const known = this.scopes[inner]?.get(name);
      if (known !== undefined) return known;
    }
    const found = this.module.constantNamed(name);
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
      return binary(this.charge, node.operator, left, this.value(node.right));
    }
    if (node instanceof UnaryOperator)
      return unary(this.charge, node.operator, this.value(node.right));
    if (node instanceof BitcastExpr) {
      const value = concrete(this.value(node.value));
      const type = this.module.type(node.type);
      const to = "of" in type ? type.of : "i32";
      return { ...value, type, parts: value.parts.map((each) => bits(each, kindOf(value), to)) };
    }
    if (node instanceof CreateExpr) return this.#constructed(node);
    if (node instanceof CallExpr) {
      const { name, args } = node;
      if (!this.module.functions.has(name)) return this.callBuiltIn(name, args ?? []);
      const running = this.call(name, args ?? []);
      if (running.next().done !== true) throw new Error(`${name} waits in an expression`);
      if (this.returned !== undefined) return this.returned;
    }
    throw new Error(`the reference has no ${node.astNodeType}`);
  }

  /** The second operand is computed by all, unless it loads or branches, and the first decides. */
  #logic({ operator, left: leftNode, right: rightNode }: BinaryOperator): Value {
    const left = this.value(leftNode);
    const isDecided = (left.parts[0] === 1) === (operator === "||");
    if (left.fixed[0]) return isDecided ? left : this.value(rightNode);
    const before = { ...this.work };
    const branched = this.hasBranched;
    this.hasBranched = false;
    const right = this.value(rightNode);
    const { loadBytes, sharedLoadBytes } = this.work;
    const isPlain =
      !this.hasBranched &&
      loadBytes === before.loadBytes &&
      sharedLoadBytes === before.sharedLoadBytes;
    this.hasBranched = branched || !isPlain;
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
        ? this.module.type(node.type)
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
        ? args.map((arg) => convert(this.charge, literalAs(arg, type.of), type.of))
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

  protected callBuiltIn(name: string, args: readonly Expression[]): Value {
    if (name.startsWith("atomic")) return this.#atomic(name, args);
    const type = this.module.typeNamed(name);
    const values = args.map((arg) => this.value(arg));
    if (type === undefined) return builtIn(this.charge, name, values);
    return {
      type,
      parts: values.flatMap((each) => each.parts),
      fixed: values.flatMap((each) => each.fixed),
    };
  }

  #atomic(name: string, [target, ...others]: readonly Expression[]): Value {
    const reference = target && this.pointed(target);
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
    this.charge("atomics");
    this.hasBranched = true;
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
  protected pointed(node: Expression): Reference | undefined {
    if (node instanceof UnaryOperator && node.operator === "&") return this.reference(node.right);
    if (!(node instanceof VariableExpr) || node.postfix !== null) return undefined;
    const found = this.#find(node.name);
    return this.pointers.has(found) ? found : undefined;
  }

  protected readonly pointers = new WeakSet<Reference>();
}

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
