import type { Operation } from "../wgsl/operations.ts";
import { ShaderProblem } from "../wgsl/problem.ts";
import type { BuiltIn, Expression, Memory, Program, Statement } from "../wgsl/program.ts";
import type { ScalarKind } from "../wgsl/types.ts";
import { argumentsOf, expressionsOf, statementsOf } from "../wgsl/walk.ts";
import { comparisonText, operationText, PRELUDE } from "./operation-text.ts";

/**
 * Writes a program in JavaScript: a function that runs one invocation from its beginning to its end,
 * and loops over invocations and workgroups. Where a program has barriers, an invocation is a
 * generator that yields at each, and the invocations of a workgroup go on in turn.
 *
 * The text consists of words of this file, numbers and the numbers of registers: no name of the
 * shader is in it.
 */
export class Translation {
  /** The operations that the text calls as `call[0]`, `call[1]`, ... */
  readonly operations: Operation[] = [];
  readonly text: string;
  readonly #hasBarriers: boolean;
  #labels = 0;

  constructor(readonly program: Program) {
    const [x, y, z] = program.workgroupSize;
    this.#hasBarriers = x * y * z > 1 && hasBarrier(program.body);
    // First, since it finds the operations.
    const invocation = this.#invocation();
    this.text = `"use strict";${PRELUDE}
${this.operations.map((_, i) => `const call${i} = operations[${i}].evaluate;`).join("\n")}
made.kernel = (memories, lengths, workgroups, limit, stop) => {
${program.memories.map(views).join("\n")}
${this.#hasBarriers ? "" : this.#arrays()}
const [nx, ny, nz] = workgroups;
let steps = 0;
${invocation}
for (let gz = 0; gz < nz; gz++) for (let gy = 0; gy < ny; gy++) for (let gx = 0; gx < nx; gx++) {
${program.memories.map(cleared).join("\n")}
${this.#workgroup()}
}
return steps;
};`;
  }

  #invocation(): string {
    const { registers, builtIns, lengths, body, workgroupSize } = this.program;
    const given = new Map<number, string>();
    for (const builtIn of builtIns)
      given.set(builtIn.register.id, builtInText(builtIn, workgroupSize));
    for (const [i, { register }] of lengths.entries()) given.set(register.id, `lengths[${i}]`);
    const variables = registers.map(({ id }) => `r${id} = ${given.get(id) ?? 0}`);
    const kind = this.#hasBarriers ? "function*" : "function";
    return `${kind} invocation(gx, gy, gz, lx, ly, lz, li) {
let t = ${1 + costOf(body)}, left = limit - steps;
if (t > left) stop();
${this.#hasBarriers ? this.#arrays() : ""}
${variables.length === 0 ? "" : `let ${variables.join(", ")};`}
${this.#statements(body, {})}
steps += t;
}`;
  }

  #workgroup(): string {
    const [x, y, z] = this.program.workgroupSize;
    const call = "invocation(gx, gy, gz, lx, ly, lz, li++)";
    const each = (run: string) => `let li = 0;
for (let lz = 0; lz < ${z}; lz++) for (let ly = 0; ly < ${y}; ly++) for (let lx = 0; lx < ${x}; lx++) ${run};`;
    if (!this.#hasBarriers) return each(call);
    return `let going = [];
${each(`going.push(${call})`)}
while (going.length > 0) going = going.filter((each) => !each.next().done);`;
  }

  #arrays(): string {
    const of = ({ id, kind, length }: Program["arrays"][number]) =>
      `const a${id} = new ${kind === undefined ? "Float64Array" : arrayType(kind)}(${length});`;
    return this.program.arrays.map(of).join("\n");
  }

  #statements(statements: readonly Statement[], targets: Targets): string {
    return statements.map((statement) => this.#statement(statement, targets)).join("\n");
  }

  #statement(statement: Statement, targets: Targets): string {
    switch (statement.kind) {
      case "count":
        return "";
      case "set":
        return `r${statement.register.id} = ${this.#value(statement.value)};`;
      case "set-element": {
        const { array, index, value } = statement;
        return `a${array.id}[${this.#value(index)}] = ${this.#value(value)};`;
      }
      case "clear":
        return `a${statement.array.id}.fill(0);`;
      case "store": {
        const { memory, address, value, of } = statement;
        return `${view(memory, of)}[${this.#value(address)}] = ${this.#value(value)};`;
      }
      case "atomic":
        return this.#atomic(statement);
      case "if": {
        const { condition, taken, otherwise } = statement;
        const rest =
          otherwise.length === 0 ? "" : ` else {\n${this.#statements(otherwise, targets)}\n}`;
        return `if (${this.#condition(condition)}) {\n${this.#statements(taken, targets)}\n}${rest}`;
      }
      case "loop":
        return this.#loop(statement, targets);
      case "scope": {
        const label = `s${this.#labels++}`;
        const inside =
          statement.leftBy === "return" ? { return: label } : { ...targets, break: label };
        return `${label}: {\n${this.#statements(statement.body, inside)}\n}`;
      }
      case "break":
      case "continue":
      case "return":
        return `break ${targets[statement.kind]};`;
      case "texture-store":
        return notComputed(TEXTURES);
      case "barrier":
        if (!this.#hasBarriers) return "";
        return "steps += t; t = 0; yield; left = limit - steps;";
    }
  }

  /** Both `break` and `continue` leave a labelled block, so that `continuing` follows either way. */
  #loop(statement: Extract<Statement, { kind: "loop" }>, targets: Targets): string {
    const { test, condition, body, continuing } = statement;
    const label = this.#labels++;
    const inside = { ...targets, break: `l${label}`, continue: `c${label}` };
    const tested = condition === undefined ? 0 : sizeOf(condition);
    const cost = costOf([...test, ...body, ...continuing]) + tested + 1;
    return `l${label}: for (;;) {
if ((t += ${cost}) > left) stop();
${this.#statements(test, targets)}
${condition === undefined ? "" : `if (!(${this.#condition(condition)})) break;`}
c${label}: {\n${this.#statements(body, inside)}\n}
${this.#statements(continuing, inside)}
}`;
  }

  #atomic(statement: Extract<Statement, { kind: "atomic" }>): string {
    const { name, memory, address, args, old, exchanged } = statement;
    const words = view(memory, old.kind);
    const [value = "0", expected = "0"] = args.map((arg) => this.#value(arg));
    const isExpected =
      exchanged === undefined ? "" : `r${exchanged.id} = old === ${expected} ? 1 : 0;`;
    return `{ const at = ${this.#value(address)}, old = ${words}[at];
${words}[at] = atomics.${name}(old, ${value}, ${expected}); r${old.id} = old; ${isExpected} }`;
  }

  #condition(expression: Expression): string {
    if (expression.kind === "apply") {
      const operator = comparisonText(expression.operation);
      const [a, b] = expression.args;
      if (operator !== undefined && a !== undefined && b !== undefined) {
        return `${this.#value(a)} ${operator} ${this.#value(b)}`;
      }
    }
    return `${this.#value(expression)} !== 0`;
  }

  #value(expression: Expression): string {
    switch (expression.kind) {
      case "constant":
        return numberText(
          expression.of === "f32" ? Math.fround(expression.value) : expression.value,
        );
      case "read":
        return `r${expression.register.id}`;
      case "element":
        return `a${expression.array.id}[${this.#value(expression.index)}]`;
      case "unknown":
        return notComputed(TEXTURES);
      case "load":
        return `${view(expression.memory, expression.of)}[${this.#value(expression.address)}]`;
      case "apply":
        return this.#application(expression);
    }
  }

  #application(expression: Extract<Expression, { kind: "apply" }>): string {
    const { operation, args } = expression;
    if (comparisonText(operation) !== undefined) return `(${this.#condition(expression)} ? 1 : 0)`;
    const [a = "0", b = "0", c = "0"] = args.map((arg) => this.#value(arg));
    const text = operationText(operation);
    if (text !== undefined) return text(a, b, c);
    const known = this.operations.indexOf(operation);
    const place = known === -1 ? this.operations.push(operation) - 1 : known;
    return `call${place}(${a}, ${b}, ${c})`;
  }
}

const TEXTURES = "textures and subgroups";

/** @throws ShaderProblem, since a shader has what can be counted alone. */
function notComputed(what: string): never {
  throw new ShaderProblem("unsupported", 0, `${what} are counted, and not computed`);
}

/** The labels that statements leave. */
interface Targets {
  readonly break?: string;
  readonly continue?: string;
  readonly return?: string;
}

function numberText(value: number): string {
  return Object.is(value, -0) || value < 0
    ? `(${Object.is(value, -0) ? "-0" : value})`
    : `${value}`;
}

/** The views of a memory's words, by kind. */
function views({ id }: Memory): string {
  return `const f${id} = memories[${id}].as("f32"), i${id} = memories[${id}].as("i32"), u${id} = memories[${id}].as("u32");`;
}

function view({ id }: Memory, kind: ScalarKind): string {
  if (kind === "f16") notComputed("16-bit floats in memory");
  return kind === "f32" ? `f${id}` : kind === "i32" ? `i${id}` : `u${id}`;
}

/** Memory of the workgroup is zero at first. */
function cleared({ id, space, words }: Memory): string {
  if (space !== "workgroup") return "";
  return `i${id}.fill(0); steps += ${Math.ceil(words / WORDS_PER_STEP)};`;
}

/** So many words are made zero in the time of a step. */
const WORDS_PER_STEP = 8;

/** A generator that yields and goes on takes as long as so many steps. */
const BARRIER_STEPS = 20;

function arrayType(kind: ScalarKind): string {
  return kind === "f32" ? "Float32Array" : kind === "i32" ? "Int32Array" : "Uint32Array";
}

function builtInText({ name, axis }: BuiltIn, size: Program["workgroupSize"]): string {
  const letter = "xyz"[axis] ?? "x";
  switch (name) {
    case "workgroup_id":
      return `g${letter}`;
    case "num_workgroups":
      return `n${letter}`;
    case "local_invocation_id":
      return `l${letter}`;
    case "local_invocation_index":
      return "li";
    case "subgroup_size":
    case "subgroup_invocation_id":
      return notComputed(TEXTURES);
    case "global_invocation_id":
      return `g${letter} * ${size[axis] ?? 1} + l${letter}`;
  }
}

function hasBarrier(statements: readonly Statement[]): boolean {
  return statements.some((each) => each.kind === "barrier" || hasBarrier(statementsOf(each)));
}

/** The steps of running statements once, without the rounds of loops: operations and accesses. */
function costOf(statements: readonly Statement[]): number {
  return statements.reduce((steps, statement) => {
    if (statement.kind === "loop") return steps;
    const inner = expressionsOf(statement).reduce((sum, each) => sum + sizeOf(each), 0);
    return steps + ownCost(statement) + inner + costOf(statementsOf(statement));
  }, 0);
}

function ownCost(statement: Statement): number {
  switch (statement.kind) {
    case "if":
    case "store":
    case "set-element":
    case "atomic":
      return 1;
    case "clear":
      return statement.array.length;
    case "barrier":
      return BARRIER_STEPS;
    default:
      return 0;
  }
}

function sizeOf(expression: Expression): number {
  if (expression.kind === "constant" || expression.kind === "read") return 0;
  return argumentsOf(expression).reduce((sum, each) => sum + sizeOf(each), 1);
}
