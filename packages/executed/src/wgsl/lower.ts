import {
  type Argument as ArgumentNode,
  type Attribute,
  Const,
  Function as FunctionNode,
  type Statement as StatementNode,
  Struct as StructNode,
  Var,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { asType } from "./convert.ts";
import { constant, Emitter, type Value, zeroOf } from "./emitter.ts";
import { type Context, lowerExpression } from "./expressions.ts";
import { Names } from "./names.ts";
import { withConstants } from "./overrides.ts";
import { parseShader } from "./parse.ts";
import type { Place } from "./places.ts";
import { ShaderProblem } from "./problem.ts";
import { BUILT_INS, type BuiltIn, type Program } from "./program.ts";
import { readType } from "./read-type.ts";
import { checkSize, declareArray, inlineCall } from "./statements.ts";
import { scalarsOf, type Type, wordsOf } from "./types.ts";

/** Which function of a shader is run, and with what constants: as a pipeline says it. */
export interface ShaderOptions {
  /** Absent where the shader has one entry point. */
  readonly entryPoint?: string | undefined;
  /** Values of its `override` declarations, by name, or by the number of `@id`. */
  readonly constants?: Readonly<Record<string, number>> | undefined;
}

/**
 * Reads the WGSL source of a compute shader.
 *
 * @throws ShaderProblem where it is no WGSL, or has what this package does not know.
 */
export function readShader(source: string, options: ShaderOptions = {}): Program {
  const { entryPoint, constants = {} } = options;
  return new Module(parseShader(withConstants(source, constants))).program(entryPoint);
}

class Module {
  readonly #emitter = new Emitter();
  readonly #names = new Names();
  readonly #structs = new Map<string, StructNode>();
  readonly #builtIns: BuiltIn[] = [];
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

  program(entryPoint: string | undefined): Program {
    const emitter = this.#emitter;
    const entry = this.#entry(entryPoint);
    const body = emitter.within(() => {
      for (const node of this.declarations) this.#declare(node);
      const args = entry.args.map((arg) => this.#builtIn(arg));
      inlineCall(this.#context, entry, args.map(asArgument), entry.line);
    });
    return {
      workgroupSize: this.#workgroupSize(entry),
      body,
      blocks: emitter.blocks,
      registers: emitter.registers,
      arrays: emitter.arrays,
      memories: emitter.memories,
      builtIns: this.#builtIns,
      lengths: emitter.lengths,
    };
  }

  #entry(name: string | undefined): FunctionNode {
    const entries = [...this.#names.functions.values()].filter((node) => has(node, "compute"));
    const entry = name === undefined ? entries[0] : entries.find((node) => node.name === name);
    if (entry === undefined) {
      const what = name === undefined ? "" : ` "${name}"`;
      throw new ShaderProblem("refused", 0, `it has no @compute function${what}`);
    }
    if (name === undefined && entries.length > 1) {
      const names = entries.map((node) => node.name).join(", ");
      throw new ShaderProblem("refused", 0, `its entry points are ${names}, and none is named`);
    }
    return entry;
  }

  #workgroupSize(entry: FunctionNode): Program["workgroupSize"] {
    const value = entry.attributes?.find(({ name }) => name === "workgroup_size")?.value;
    const [x = 1, y = 1, z = 1] = [value ?? []].flat().map((size) => this.#integer(size));
    if (
      ![x, y, z].every((size) => Number.isInteger(size) && size > 0) ||
      x * y * z > MAX_INVOCATIONS
    ) {
      throw new ShaderProblem("refused", entry.line, `the size of a workgroup is ${String(value)}`);
    }
    return [x, y, z];
  }

  /** An attribute's integer: a literal, or the name of a constant. */
  #integer(text: string): number {
    const place = this.#names.find(text);
    const [part] = place?.kind === "value" ? place.value.parts : [];
    return part?.kind === "constant" ? part.value : Number(text.replace(/[iu]$/, ""));
  }

  #declare(node: StatementNode): void {
    if (node instanceof Const) {
      const given = lowerExpression(this.#context, node.value);
      const type = node.type === null ? undefined : readType(node.type, this.#structs);
      const value = type === undefined ? given : asType(given, type);
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
      case "storage":
      case "workgroup": {
        const memory = emitter.memory({
          space: node.storage,
          name: node.name,
          group: this.#integer(attribute(node.attributes, "group") ?? "0"),
          binding: this.#integer(attribute(node.attributes, "binding") ?? "0"),
          words: wordsOf(type),
        });
        const isReadOnly = node.storage !== "workgroup" && node.access !== "read_write";
        return { kind: "memory", type, memory, address: constant(0, "i32"), isReadOnly };
      }
      case "private": {
        if (type.kind === "array" && node.value === null) {
          return declareArray(this.#context, type, node);
        }
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

function has(node: FunctionNode, name: string): boolean {
  return node.attributes?.some((each) => each.name === name) ?? false;
}

function attribute(attributes: readonly Attribute[] | null, name: string): string | undefined {
  const value = attributes?.find((each) => each.name === name)?.value;
  return typeof value === "string" ? value : value?.[0];
}

/** Far more than any device has per workgroup. */
const MAX_INVOCATIONS = 4096;
