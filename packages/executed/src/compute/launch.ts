import type { Extent } from "@opcounter/ir/core";
import { readShader } from "../wgsl/lower.ts";
import { ShaderProblem } from "../wgsl/problem.ts";
import type { Memory, Program } from "../wgsl/program.ts";

/** What is bound for a shader's buffer: a range of a buffer, which any object stands for. */
export interface Binding {
  readonly group: number;
  readonly binding: number;
  readonly buffer: object;
  /** In bytes, with dynamic offsets added. */
  readonly offset: number;
  readonly bytes: number;
}

/** A dispatch of a shader, with all that a pipeline and its bind groups say. */
export interface ShaderLaunch {
  /** WGSL. */
  readonly source: string;
  /** Absent where the shader has one entry point. */
  readonly entryPoint?: string | undefined;
  /** Values of the shader's `override` declarations, by name, or by the number of `@id`. */
  readonly constants?: Readonly<Record<string, number>> | undefined;
  readonly workgroups: Extent;
  readonly bindings: readonly Binding[];
}

/** So many programs are kept, which are read again where they are launched after others. */
const MAX_KEPT = 256;

const programs = new Map<string, Program | ShaderProblem>();

/**
 * The program that a launch runs. The programs of the last launches are kept.
 *
 * @throws ShaderProblem where the shader cannot be run.
 */
export function programOf({
  source,
  entryPoint,
  constants = {},
}: Pick<ShaderLaunch, "source" | "entryPoint" | "constants">): Program {
  const key = JSON.stringify([entryPoint, constants, source]);
  const program = programs.get(key) ?? unlessProblem(source, { entryPoint, constants });
  programs.delete(key);
  programs.set(key, program);
  const [oldest] = programs.keys();
  if (programs.size > MAX_KEPT && oldest !== undefined) programs.delete(oldest);
  if (program instanceof ShaderProblem) throw program;
  return program;
}

function unlessProblem(
  source: string,
  options: { entryPoint: string | undefined; constants: Readonly<Record<string, number>> },
): Program | ShaderProblem {
  try {
    return readShader(source, options);
  } catch (error) {
    if (error instanceof ShaderProblem) return error;
    throw error;
  }
}

/**
 * What is bound for a memory of a program.
 *
 * @throws ShaderProblem where nothing is.
 */
export function bindingOf({ bindings }: ShaderLaunch, { name, group, binding }: Memory): Binding {
  const found = bindings.find((each) => each.group === group && each.binding === binding);
  if (found !== undefined) return found;
  const where = `group ${group}, binding ${binding}`;
  throw new ShaderProblem("refused", 0, `nothing is bound for "${name}" (${where})`);
}
