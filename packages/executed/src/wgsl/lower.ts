import {
  Alias,
  Argument as ArgumentNode,
  type ArrayType as ArrayNode,
  type Attribute,
  Const,
  type Expression as ExpressionNode,
  Function as FunctionNode,
  type Statement as StatementNode,
  StaticAssert,
  Struct as StructNode,
  type Type as TypeNode,
  Var,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { asType, concrete } from "./convert.ts";
import { constant, Emitter, type Value, zeroOf } from "./emitter.ts";
import { type Context, lowerExpression } from "./expressions.ts";
import { Names } from "./names.ts";
import { withConstants } from "./overrides.ts";
import { type ParsedShader, parseExpression, parseShader } from "./parse.ts";
import { type Place, write } from "./places.ts";
import { ShaderProblem } from "./problem.ts";
import { BUILT_INS, type BuiltIn, type Program } from "./program.ts";
import { readType } from "./read-type.ts";
import { checkAssertion, checkSize, declareArray, inlineCall } from "./statements.ts";
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
  readonly #constants = new Map<string, Const>();
  readonly #names = new Names((name) => this.#constantOf(name));
  readonly #builtIns: BuiltIn[] = [];
  readonly #context: Context;

  readonly declarations: readonly StatementNode[];

  constructor({ declarations, lengths }: ParsedShader) {
    this.declarations = declarations;
    const { functions } = this.#names;
    const structs = new Map<string, StructNode>();
    const aliases = new Map<string, TypeNode>();
    const lengthOf = (node: ArrayNode) => {
      const length = lengths.get(node);
      return length && this.#integer(length);
    };
    this.#context = {
      emitter: this.#emitter,
      names: this.#names,
      types: { structs, aliases, lengthOf },
      inline: (callee, args, line) => inlineCall(this.#context, callee, args, line),
    };
    for (const node of declarations) {
      if (node instanceof StructNode) structs.set(node.name, node);
      if (node instanceof Alias) aliases.set(node.name, node.type);
      if (node instanceof Const) this.#constants.set(node.name, node);
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

  #declare(node: StatementNode): void {
    if (node instanceof StaticAssert) checkAssertion(this.#context, node);
    if (node instanceof Var) this.#names.define(node.name, this.#variable(node));
  }

  /** A constant of the module, whether it is declared before or after its use. */
  #constantOf(name: string): Place | undefined {
    const node = this.#constants.get(name);
    if (node === undefined) return undefined;
    // What names itself is found no more.
    this.#constants.delete(name);
    const given = lowerExpression(this.#context, node.value);
    const value =
      node.type === null ? given : asType(given, readType(node.type, this.#context.types));
    return { kind: "value", type: value.type, value };
  }

  /** The value of an expression that is known before anything runs. */
  #integer(node: ExpressionNode): number {
    const value = this.#names.inFunction(() => lowerExpression(this.#context, node));
    const [part] = value.parts;
    if (part?.kind === "constant" && Number.isInteger(part.value)) return part.value;
    throw new ShaderProblem("refused", node.line, "a size is no constant integer");
  }

  #workgroupSize(entry: FunctionNode): Program["workgroupSize"] {
    const value = entry.attributes?.find(({ name }) => name === "workgroup_size")?.value;
    const [x = 1, y = 1, z = 1] = [value ?? []]
      .flat()
      .map((size) => this.#integer(parseExpression(size, entry.line)));
    if (![x, y, z].every((size) => size > 0) || x * y * z > MAX_INVOCATIONS) {
      throw new ShaderProblem("refused", entry.line, `the size of a workgroup is ${x},${y},${z}`);
    }
    return [x, y, z];
  }

  #attribute({ attributes, line }: Var, name: string): number {
    return this.#integer(parseExpression(attribute(attributes, name) ?? "0", line));
  }

  /** A private variable's type is that of its value where it names none. */
  #typeOf(node: Var): Type {
    if (node.type !== null || node.value === null) return readType(node.type, this.#context.types);
    return concrete(lowerExpression(this.#context, node.value)).type;
  }

  #variable(node: Var): Place {
    const emitter = this.#emitter;
    const type = this.#typeOf(node);
    if (type.kind === "opaque") return { kind: "value", type, value: { type, parts: [] } };
    switch (node.storage) {
      case "uniform":
      case "storage":
      case "workgroup": {
        const memory = emitter.memory({
          space: node.storage,
          name: node.name,
          group: this.#attribute(node, "group"),
          binding: this.#attribute(node, "binding"),
          words: wordsOf(type),
        });
        const isReadOnly = node.storage !== "workgroup" && node.access !== "read_write";
        return { kind: "memory", type, memory, address: constant(0, "int"), isReadOnly };
      }
      case "private": {
        checkSize(type, node);
        const given = node.value ? lowerExpression(this.#context, node.value) : zeroOf(type);
        const value = asType(given, type);
        if (type.kind === "array") {
          const place = declareArray(this.#context, type, node);
          if (node.value !== null) write(emitter, place, value, node.line);
          return place;
        }
        const { parts } = value;
        const registers = scalarsOf(type).map((kind) => emitter.register(kind));
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

  /** A parameter of the entry point: what the device gives, or a struct of it. */
  #builtIn({ name, type: typeNode, attributes, line }: ArgumentNode): Value {
    const type = readType(typeNode, this.#context.types);
    const struct = this.#context.types.structs.get(typeNode.name);
    if (struct !== undefined) {
      const parts = struct.members.flatMap((member) => {
        const { name: named, type: memberType, attributes: own } = member;
        if (memberType === null) return [];
        return this.#builtIn(new ArgumentNode(named, memberType, own)).parts;
      });
      return { type, parts };
    }
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
