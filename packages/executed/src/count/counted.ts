import { ShaderProblem } from "../wgsl/problem.ts";
import type { DispatchWork } from "./dispatch.ts";

/** Why a dispatch was not counted. */
export interface DispatchProblem {
  /**
   * `refused`: WGSL does not allow the shader, so no device runs it. `unsupported`: this package does
   * not know what it has. `unrecorded`: the graph does not hold it.
   */
  readonly kind: "refused" | "unsupported" | "unrecorded";
  /** A sentence without its full stop: `line 83: f32 is assigned to i32`. */
  readonly reason: string;
}

/** Keeps what was counted, by a key that stands for the shader, its uniforms and workgroups. */
export interface WorkCache {
  get(key: string): DispatchWork | undefined;
  set(key: string, work: DispatchWork): void;
}

export function isProblem(counted: DispatchWork | DispatchProblem): counted is DispatchProblem {
  return "reason" in counted;
}

/** What `run` gives, or the problem of a shader that it throws. */
export function unlessProblem<T>(run: () => T): T | DispatchProblem {
  try {
    return run();
  } catch (error) {
    if (error instanceof ShaderProblem) return { kind: error.kind, reason: error.message };
    throw error;
  }
}
