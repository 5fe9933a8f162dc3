import {
  type Argument as ArgumentNode,
  type Attribute,
  Const,
  Function as FunctionNode,
  type Statement as StatementNode,
  Struct as StructNode,
  Var,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { constant, Emitter, type Value, zeroOf } from "./emitter.ts";
import { type Context, lowerExpression } from "./expressions.ts";
import { Names } from "./names.ts";
import { parseShader } from "./parse.ts";
import type { Place } from "./places.ts";
import { ShaderProblem } from "./problem.ts";
import { BUILT_INS, type BuiltIn, type Program, type Register } from "./program.ts";
import { readType } from "./read-type.ts";
import { checkSize, inlineCall } from "./statements.ts";
import { offsetOf, type ScalarKind, scalarsOf, type Type, typeName, wordsOf } from "./types.ts";

/**
 * Reads the WGSL source of a compute shader.
 *
 * @throws ShaderProblem where it is no WGSL, or has what this package does not know.
 */
export function readShader(source: string): Program {
  return new Module(parseShader(source)).program();
}

class Module {
  readonly #emitter = new Emitter();
  readonly #names = new Names();
  readonly #structs = new Map<string, StructNode>();
  readonly #builtIns: BuiltIn[] = [];
  readonly #uniforms: { register: Register; word: number }[] = [];
  readonly #context: Context;

  constructor(readonly declarations: readonly StatementNode[]) {
    const { functions } = this.#names;
    this.#context = {
      emitter: this.#emitter,
      names: this.#names,
      structs: this.#structs,
      inline: (callee, args, line) => inlineCall(this.#context, callee, args, line),
    };
    for (const node of declarations) {
      if (node instanceof StructNode) this.#structs.set(node.name, node);
      if (node instanceof FunctionNode) functions.set(node.name, node);
    }
  }

  program(): Program {
    const emitter = this.#emitter;
    const entry = [...this.#names.functions.values()].find((node) => has(node, "compute"));
    if (entry === undefined) throw new ShaderProblem("refused", 0, "it has no @compute function");
    const body = emitter.within(() => {
      for (const node of this.declarations) this.#declare(node);
      const args = entry.args.map((arg) => this.#builtIn(arg));
      inlineCall(this.#context, entry, args.map(asArgument), entry.line);
    });
    return {
      workgroupSize: workgroupSize(entry),
      body,
      blocks: emitter.blocks,
      registers: emitter.registers,
      arrays: emitter.arrays,
      memories: emitter.memories,
      builtIns: this.#builtIns,
      uniforms: this.#uniforms,
    };
  }

  #declare(node: StatementNode): void {
    if (node instanceof Const) {
      const value = lowerExpression(this.#context, node.value);
      this.#names.define(node.name, { kind: "value", type: value.type, value });
    }
    if (!(node instanceof Var)) return;
    const type = readType(node.type, this.#structs);
    this.#names.define(node.name, this.#variable(node, type));
  }

  #variable(node: Var, type: Type): Place {
    const emitter = this.#emitter;
    switch (node.storage) {
      case "uniform":
        return this.#uniform(node, type);
      case "storage":
      case "workgroup": {
        const memory = emitter.memory({
          space: node.storage,
          name: node.name,
          kind: elementKind(type, node),
          binding: Number(attribute(node.attributes, "binding") ?? 0),
          words: wordsOf(type),
        });
        const isReadOnly = node.storage === "storage" && node.access !== "read_write";
        return { kind: "memory", type, memory, address: constant(0, "i32"), isReadOnly };
      }
      case "private": {
        checkSize(type, node);
        const registers = scalarsOf(type).map((kind) => emitter.register(kind));
        const { parts } = node.value ? lowerExpression(this.#context, node.value) : zeroOf(type);
        for (const [i, register] of registers.entries()) {
          const value = parts[i];
          if (value !== undefined) emitter.add({ kind: "set", register, value, isWhole: true });
        }
        return { kind: "registers", type, registers };
      }
      default:
        throw new ShaderProblem("unsupported", node.line, `"${node.name}" is no buffer`);
    }
  }

  #uniform(node: Var, type: Type): Place {
    const parts = uniformWords(type, 0, node).map(({ kind, word }) => {
      const register = this.#emitter.constantRegister(kind);
      this.#uniforms.push({ register, word });
      return { kind: "read", register } as const;
    });
    const value: Value = { type, parts };
    return { kind: "value", type, value };
  }

  #builtIn({ name, type: typeNode, attributes, line }: ArgumentNode): Value {
    const type = readType(typeNode, this.#structs);
    const wanted = attribute(attributes, "builtin");
    const found = BUILT_INS.find((builtIn) => builtIn === wanted);
    if (found === undefined) {
      throw new ShaderProblem("unsupported", line, `the parameter "${name}" is not known`);
    }
    const parts = scalarsOf(type).map((kind, axis) => {
      const register = this.#emitter.constantRegister(kind);
      this.#builtIns.push({ register, name: found, axis });
      return { kind: "read", register } as const;
    });
    return { type, parts };
  }
}

function asArgument(value: Value) {
  return { kind: "value", value } as const;
}

/** Where each scalar of a uniform variable is. */
function uniformWords(type: Type, start: number, node: Var): { kind: ScalarKind; word: number }[] {
  switch (type.kind) {
    case "scalar":
    case "vector":
      return scalarsOf(type).map((kind, i) => ({ kind, word: start + i }));
    case "struct":
      return type.members.flatMap((member, i) =>
        uniformWords(member.type, start + offsetOf(type, i), node),
      );
    default:
      throw new ShaderProblem("unsupported", node.line, `${typeName(type)} among the uniforms`);
  }
}

function elementKind(type: Type, node: Var): ScalarKind {
  switch (type.kind) {
    case "array":
      return elementKind(type.element, node);
    case "struct":
      throw new ShaderProblem("unsupported", node.line, `a buffer of ${type.name}`);
    default:
      return type.of;
  }
}

function has(node: FunctionNode, name: string): boolean {
  return node.attributes?.some((each) => each.name === name) ?? false;
}

function attribute(attributes: readonly Attribute[] | null, name: string): string | undefined {
  const value = attributes?.find((each) => each.name === name)?.value;
  return typeof value === "string" ? value : value?.[0];
}

function workgroupSize(entry: FunctionNode): Program["workgroupSize"] {
  const value = entry.attributes?.find(({ name }) => name === "workgroup_size")?.value;
  const [x = 1, y = 1, z = 1] = [value ?? []].flat().map((size) => Number.parseInt(size, 10));
  if (
    ![x, y, z].every((size) => Number.isInteger(size) && size > 0) ||
    x * y * z > MAX_INVOCATIONS
  ) {
    throw new ShaderProblem("refused", entry.line, `the size of a workgroup is ${String(value)}`);
  }
  return [x, y, z];
}

/** Far more than any device has per workgroup. */
const MAX_INVOCATIONS = 4096;
