import { elementAt } from "@opcounter/ir/core";
import { addWork, noWork, type Work, type WorkKind } from "../count/work.ts";
import type { Operation } from "./operations.ts";
import type {
  ArrayLength,
  Expression,
  Memory,
  PrivateArray,
  Register,
  Statement,
} from "./program.ts";
import { type ScalarKind, scalarsOf, type Type } from "./types.ts";

/** A product that a sum may take into a multiply-add, and the block that it was charged to. */
export interface Product {
  readonly block: Work;
}

/** A value of any type: one expression per scalar. */
export interface Value {
  readonly type: Type;
  readonly parts: readonly Expression[];
  readonly product?: Product | undefined;
}

/**
 * Writes a program, statement by statement, and charges what each run of a block costs. A block is a
 * list of statements that the same invocations run: it ends where a branch may part them.
 */
export class Emitter {
  readonly blocks: Work[] = [];
  readonly registers: Register[] = [];
  readonly arrays: PrivateArray[] = [];
  readonly memories: Memory[] = [];
  readonly lengths: ArrayLength[] = [];
  #statements: Statement[] = [];
  #block: Work | undefined;
  readonly #constant = new Set<Register>();

  /** The block that runs now. */
  get block(): Work {
    if (this.#block === undefined) {
      this.#statements.push({ kind: "count", block: this.blocks.length });
      this.#block = noWork();
      this.blocks.push(this.#block);
    }
    return this.#block;
  }

  charge(kind: WorkKind, times = 1): void {
    if (times !== 0) this.block[kind] += times;
  }

  /** Adds a statement after which the same invocations go on. */
  add(statement: Statement): void {
    this.#statements.push(statement);
  }

  /** Adds a statement after which fewer may go on. */
  addBranch(statement: Statement): void {
    this.#statements.push(statement);
    this.#block = undefined;
  }

  /** The statements that `write` adds, apart from those around it. */
  within(write: () => void): Statement[] {
    const [outer, block] = [this.#statements, this.#block];
    const inner: Statement[] = [];
    this.#statements = inner;
    this.#block = undefined;
    write();
    this.#statements = outer;
    this.#block = block;
    return inner;
  }

  /**
   * Adds statements to the block that runs now, if they only compute: without a load or a branch.
   * Returns whether they do.
   */
  absorb(statements: readonly Statement[]): boolean {
    const blocks = statements.flatMap((each) =>
      each.kind === "count" ? [elementAt(this.blocks, each.block)] : [],
    );
    const isPlain =
      statements.every(({ kind }) => kind === "count" || kind === "set") &&
      blocks.every(({ loadBytes, sharedLoadBytes }) => loadBytes + sharedLoadBytes === 0);
    if (!isPlain) return false;
    for (const block of blocks) addWork(this.block, block);
    for (const each of statements) if (each.kind === "set") this.add(each);
    return true;
  }

  register(kind: ScalarKind): Register {
    const register = { id: this.registers.length, kind };
    this.registers.push(register);
    return register;
  }

  /** A register that is set once, before anything reads it. */
  constantRegister(kind: ScalarKind): Register {
    const register = this.register(kind);
    this.#constant.add(register);
    return register;
  }

  array(kinds: readonly ScalarKind[]): PrivateArray {
    const [first, ...others] = kinds;
    const kind = others.every((other) => other === first) ? first : undefined;
    const array = { id: this.arrays.length, kind, length: kinds.length };
    this.arrays.push(array);
    return array;
  }

  memory(memory: Omit<Memory, "id">): Memory {
    const made = { ...memory, id: this.memories.length };
    this.memories.push(made);
    return made;
  }

  /** How many elements the array has that ends a buffer, from this word of it on. */
  length(memory: Memory, start: number, stride: number): Expression {
    const known = this.lengths.find((each) => each.memory === memory);
    if (known !== undefined) return { kind: "read", register: known.register };
    const register = this.constantRegister("u32");
    this.lengths.push({ register, memory, start, stride });
    return { kind: "read", register };
  }

  /** A value that is computed here, whatever is written to variables later. */
  bind({ type, parts }: Value): Value {
    return { type, parts: parts.map((part) => this.#bound(part)) };
  }

  #bound(part: Expression): Expression {
    if (part.kind === "constant") return part;
    if (part.kind === "read" && this.#constant.has(part.register)) return part;
    const register = this.constantRegister(kindOf(part));
    this.add({ kind: "set", register, value: part, isWhole: true });
    return { kind: "read", register };
  }

  /** Applies an operation, and charges it unless it is one of constants. */
  apply(
    operation: Operation,
    args: readonly Expression[],
    work: WorkKind | undefined,
    times = 1,
  ): Expression {
    const folded = fold(operation, args);
    if (folded !== undefined) return folded;
    if (work !== undefined) this.charge(work, times);
    return { kind: "apply", operation, args, of: operation.of };
  }
}

/** The kind of an expression's value. */
export function kindOf(expression: Expression): ScalarKind {
  switch (expression.kind) {
    case "constant":
    case "apply":
    case "unknown":
    case "element":
    case "load":
      return expression.of;
    case "read":
      return expression.register.kind;
  }
}

function fold(operation: Operation, args: readonly Expression[]): Expression | undefined {
  const values = args.flatMap((arg) => (arg.kind === "constant" ? [arg.value] : []));
  if (values.length < args.length) return undefined;
  const [a = 0, b = 0, c = 0] = values;
  return constant(operation.evaluate(a, b, c), operation.of);
}

export function constant(value: number, of: ScalarKind): Expression {
  return { kind: "constant", value, of };
}

/** The zero value of a type. */
export function zeroOf(type: Type): Value {
  return { type, parts: scalarsOf(type).map((kind) => constant(0, kind)) };
}
