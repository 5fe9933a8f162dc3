import { accessesOf, type Program, readShader, ShaderProblem } from "@opcounter/executed";
import type { Extent } from "@opcounter/ir/core";
import type { PipelineFacts } from "../commands.ts";

/** A buffer that a shader declares, and how its entry point uses it. */
export interface ShaderBuffer {
  readonly group: number;
  readonly binding: number;
  readonly name: string;
  readonly isUniform: boolean;
  readonly isLoaded: boolean;
  readonly isStored: boolean;
  /** Whether its elements are f32, or vectors, matrices and arrays of it. */
  readonly isFloat: boolean;
}

/** What a pipeline's shader takes. */
export interface ShaderFacts {
  readonly entryPoint: string;
  readonly workgroupSize: Extent | undefined;
  readonly buffers: readonly ShaderBuffer[];
}

/**
 * What the shader of a pipeline takes and gives. Where it has what the interpreter does not know, this
 * is what its declarations say: what may be loaded is taken to be.
 */
export function shaderFacts({ source, entryPoint, constants }: PipelineFacts): ShaderFacts {
  const name = entryPoint ?? /@compute[^{]*?\bfn\s+(\w+)/.exec(source)?.[1] ?? "main";
  const declared = declaredBuffers(source);
  try {
    const program = readShader(source, { entryPoint, constants });
    const { workgroupSize } = program;
    return { entryPoint: name, workgroupSize, buffers: usedBuffers(program, declared) };
  } catch (error) {
    if (!(error instanceof ShaderProblem)) throw error;
    return { entryPoint: name, workgroupSize: undefined, buffers: declared };
  }
}

/** The buffers that a program uses: a pipeline may have others bound. */
function usedBuffers(program: Program, declared: readonly ShaderBuffer[]): ShaderBuffer[] {
  const accesses = accessesOf(program);
  return program.memories.flatMap((memory) => {
    const { group, binding, name, space } = memory;
    const access = accesses.get(memory);
    if (space === "workgroup" || access === undefined) return [];
    if (!access.isLoaded && !access.isStored && space !== "uniform") return [];
    const known = declared.find((each) => each.group === group && each.binding === binding);
    const isFloat = known?.isFloat ?? access.isFloat;
    return [{ group, binding, name, isUniform: space === "uniform", ...access, isFloat }];
  });
}

const BUFFER =
  /((?:@(?:group|binding)\s*\(\s*\d+\w?\s*\)\s*){2})var\s*<\s*(storage|uniform)\s*(?:,\s*(\w+)\s*)?>\s*(\w+)\s*:\s*([^;]+);/g;

/** The buffers that a source declares. */
export function declaredBuffers(source: string): ShaderBuffer[] {
  return [...source.matchAll(BUFFER)].map(
    ([, places = "", space, access, name = "", type = ""]) => {
      const placeOf = (what: string) =>
        Number.parseInt(new RegExp(`@${what}\\s*\\(\\s*(\\d+)`).exec(places)?.[1] ?? "0", 10);
      return {
        ...{ group: placeOf("group"), binding: placeOf("binding"), name },
        isUniform: space === "uniform",
        isLoaded: access !== "write",
        isStored: access === "read_write" || access === "write",
        isFloat: isFloat(type),
      };
    },
  );
}

/** `f32`, `array<vec4f, 8>`, `array<mat4x4<f32>>` and their like. */
function isFloat(type: string): boolean {
  const inner = type.replace(/\s/g, "").replace(/^(?:array<)+/, "");
  return /^(?:f32|vec[234](?:f|<f32>)|mat[234]x[234](?:f|<f32>))(?:[,>]|$)/.test(inner);
}
