import type { Extent } from "@opcounter/ir/core";
import type { Words } from "../run/memories.ts";
import { ShaderProblem } from "../wgsl/problem.ts";
import { ATOMICS, type Program } from "../wgsl/program.ts";
import { Translation } from "./translate.ts";

/**
 * Runs every invocation of a dispatch, and writes to its memories.
 *
 * @param memories by the number of the program's memories.
 * @param lengths of the program's arrays that end a buffer, in order.
 * @param stop is called where more steps than `limit` were taken, and throws.
 * @returns the steps that were taken.
 */
export type Kernel = (
  memories: readonly Words[],
  lengths: readonly number[],
  workgroups: Extent,
  limit: number,
  stop: () => never,
) => number;

const kernels = new WeakMap<Program, Kernel>();

/**
 * A program as JavaScript that was compiled.
 *
 * @throws ShaderProblem where a page forbids to compile text.
 */
export function kernelOf(program: Program): Kernel {
  const known = kernels.get(program);
  if (known !== undefined) return known;
  const { text, operations } = new Translation(program);
  const made: { kernel?: Kernel } = {};
  try {
    new Function("made", "operations", "atomics", text)(made, operations, ATOMICS);
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
  }
  if (made.kernel === undefined) {
    const what = "the page's Content-Security-Policy forbids to compile it (unsafe-eval)";
    throw new ShaderProblem("unsupported", 0, what);
  }
  kernels.set(program, made.kernel);
  return made.kernel;
}
