import {
  ArrayType as ArrayNode,
  type Attribute,
  Struct as StructNode,
  TemplateType,
  type Type as TypeNode,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { ShaderProblem } from "./problem.ts";
import { type ScalarKind, scalar, type Type, typeName, vector } from "./types.ts";

const SCALARS: Readonly<Record<string, ScalarKind>> = {
  f32: "f32",
  i32: "i32",
  u32: "u32",
  bool: "bool",
};

/** The letters that end `vec4f` and its like. */
const SUFFIXES: Readonly<Record<string, ScalarKind>> = { f: "f32", i: "i32", u: "u32" };

/** A type as the parser gives it. */
export function readType(node: TypeNode | null, structs: ReadonlyMap<string, StructNode>): Type {
  if (node === null) throw new ShaderProblem("refused", 0, "a type is missing");
  const { name, line } = node;
  const scalarKind = SCALARS[name];
  if (scalarKind !== undefined) return scalar(scalarKind);
  const struct = node instanceof StructNode ? node : structs.get(name);
  if (struct !== undefined) {
    const members = struct.members.map((member) => {
      const alignment = wordsIn(member.attributes, "align");
      const size = wordsIn(member.attributes, "size");
      return {
        ...{ name: member.name, type: readType(member.type, structs) },
        ...(alignment === undefined ? {} : { alignment }),
        ...(size === undefined ? {} : { size }),
      };
    });
    return { kind: "struct", name: struct.name, members };
  }
  if (node instanceof ArrayNode) {
    return { kind: "array", element: readType(node.format, structs), count: node.count };
  }
  const [, size, suffix] = /^vec([234])([fiu]?)$/.exec(name) ?? [];
  if (size !== undefined) {
    const of = suffix ? SUFFIXES[suffix] : elementKind(node, structs);
    if (of !== undefined) return vector(of, Number(size));
  }
  if (node instanceof TemplateType && name === "atomic") {
    const inner = readType(node.format, structs);
    if (inner.kind === "scalar") return { ...inner, isAtomic: true };
  }
  throw new ShaderProblem("unsupported", line, `the type ${name} is not supported`);
}

/** What `@align` or `@size` says in bytes, in words. */
function wordsIn(attributes: readonly Attribute[] | null, name: string): number | undefined {
  const bytes = attributes?.find((each) => each.name === name)?.value;
  return typeof bytes === "string" ? Number.parseInt(bytes, 10) / 4 : undefined;
}

function elementKind(
  node: TypeNode,
  structs: ReadonlyMap<string, StructNode>,
): ScalarKind | undefined {
  if (!(node instanceof TemplateType) || node.format === null) return undefined;
  const element = readType(node.format, structs);
  if (element.kind === "scalar") return element.of;
  throw new ShaderProblem("refused", node.line, `a vector of ${typeName(element)}`);
}
