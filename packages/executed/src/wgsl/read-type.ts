import {
  ArrayType as ArrayNode,
  type Attribute,
  SamplerType,
  Struct as StructNode,
  TemplateType,
  type Type as TypeNode,
} from "wgsl_reflect/wgsl_reflect.module.js";
import type { Shape } from "./construct.ts";
import { ShaderProblem } from "./problem.ts";
import { type ScalarKind, scalar, type Type, typeName, vector } from "./types.ts";

/** What the names of types stand for. */
export interface TypeNames {
  readonly structs: ReadonlyMap<string, StructNode>;
  readonly aliases: ReadonlyMap<string, TypeNode>;
  /** The length of an array that is no literal; undefined for a literal. */
  lengthOf(node: ArrayNode): number | undefined;
}

const SCALARS: Readonly<Record<string, ScalarKind>> = {
  f32: "f32",
  f16: "f16",
  i32: "i32",
  u32: "u32",
  bool: "bool",
};

/** The letters that end `vec4f` and its like. */
const SUFFIXES: Readonly<Record<string, ScalarKind>> = { f: "f32", h: "f16", i: "i32", u: "u32" };

/** A type as the parser gives it. */
export function readType(node: TypeNode | null, names: TypeNames): Type {
  if (node === null) throw new ShaderProblem("refused", 0, "a type is missing");
  const { name, line } = node;
  const scalarKind = SCALARS[name];
  if (scalarKind !== undefined) return scalar(scalarKind);
  const alias = names.aliases.get(name);
  if (alias !== undefined) return readType(alias, names);
  const struct = node instanceof StructNode ? node : names.structs.get(name);
  if (struct !== undefined) return readStruct(struct, names);
  if (node instanceof ArrayNode) {
    const count = names.lengthOf(node) ?? Math.max(0, node.count);
    return { kind: "array", element: readType(node.format, names), count };
  }
  if (node instanceof SamplerType) return readTexture(node);
  const shape = shapeOf(node);
  if (shape !== undefined && shape.kind !== "array") {
    const suffix = /^(?:vec|mat).*([fhiu])$/.exec(name)?.[1];
    const of = suffix === undefined ? elementKind(node, names) : SUFFIXES[suffix];
    if (of !== undefined) {
      return shape.kind === "vector" ? vector(of, shape.size) : { ...shape, of };
    }
  }
  if (node instanceof TemplateType && name === "atomic") {
    const inner = readType(node.format, names);
    if (inner.kind === "scalar") return { ...inner, isAtomic: true };
  }
  throw new ShaderProblem("unsupported", line, `the type ${name} is not supported`);
}

/** The shape of a vector or a matrix, or of an array, whatever its elements are. */
export function shapeOf(node: TypeNode): Shape | undefined {
  if (node instanceof ArrayNode) return { kind: "array" };
  const [, size, columns, rows] =
    /^(?:vec([234])|mat([234])x([234]))[fhiu]?$/.exec(node.name) ?? [];
  if (size !== undefined) return { kind: "vector", size: Number(size) };
  if (columns === undefined) return undefined;
  return { kind: "matrix", columns: Number(columns), rows: Number(rows) };
}

/** Whether a constructor leaves the type of its elements to its arguments. */
export function isInferred(node: TypeNode): boolean {
  if (node instanceof ArrayNode) return node.format === null;
  return node instanceof TemplateType && node.format === null && /\d$/.test(node.name);
}

function readStruct(struct: StructNode, names: TypeNames): Type {
  const members = struct.members.map((member) => {
    const alignment = wordsIn(member.attributes, "align");
    const size = wordsIn(member.attributes, "size");
    return {
      ...{ name: member.name, type: readType(member.type, names) },
      ...(alignment === undefined ? {} : { alignment }),
      ...(size === undefined ? {} : { size }),
    };
  });
  return { kind: "struct", name: struct.name, members };
}

/** What `@align` or `@size` says in bytes, in words. */
function wordsIn(attributes: readonly Attribute[] | null, name: string): number | undefined {
  const bytes = attributes?.find((each) => each.name === name)?.value;
  return typeof bytes === "string" ? Number.parseInt(bytes, 10) / 4 : undefined;
}

function elementKind(node: TypeNode, names: TypeNames): ScalarKind | undefined {
  if (!(node instanceof TemplateType) || node.format === null) return undefined;
  const element = readType(node.format, names);
  if (element.kind === "scalar") return element.of;
  throw new ShaderProblem("refused", node.line, `a vector of ${typeName(element)}`);
}

/** The bytes of one component of a texel. Source: WGSL, "Texel Formats". */
function componentBytes(format: string): number {
  const bits = /^(?:bgra|rgba|rgb|rg|r)(8|10|11|16|32)/.exec(format)?.[1];
  return Number(bits ?? 32) / 8;
}

function readTexture({ name, format }: SamplerType): Type {
  if (typeof format === "string") {
    const isPacked = /^(rgb10|rg11)/.test(format);
    const components = /^(bgra|rgba|rg|r)/.exec(format)?.[1]?.length ?? 4;
    const of = format.endsWith("sint") ? "i32" : format.endsWith("uint") ? "u32" : "f32";
    return {
      kind: "opaque",
      name,
      of,
      texelBytes: isPacked ? 4 : components * componentBytes(format),
    };
  }
  const of = format === null ? "f32" : (SCALARS[format.name] ?? "f32");
  // The format is the program's. A shader gets four components of 32 bits, and one of depth.
  return { kind: "opaque", name, of, texelBytes: name.startsWith("texture_depth") ? 4 : 16 };
}
