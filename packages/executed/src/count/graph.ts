import { type Dispatch, type Graph, type Op, recordingOf } from "@opcounter/ir/core";
import { readShader } from "../wgsl/lower.ts";
import { ShaderProblem } from "../wgsl/problem.ts";
import type { Program } from "../wgsl/program.ts";
import { countDispatch, type DispatchWork } from "./dispatch.ts";

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

/** One dispatch of a graph, with what it executes. */
export interface CountedDispatch {
  readonly op: Op;
  readonly dispatch: Dispatch;
  /** What it executes, or why that is not known. */
  readonly counted: DispatchWork | DispatchProblem;
}

/** Keeps what was counted, by a key that stands for the shader, its uniforms and workgroups. */
export interface WorkCache {
  get(key: string): DispatchWork | undefined;
  set(key: string, work: DispatchWork): void;
}

/** Changes with what is counted, so that nothing is taken from the cache of another version. */
const VERSION = 1;

export function isProblem(counted: DispatchWork | DispatchProblem): counted is DispatchProblem {
  return "reason" in counted;
}

/**
 * Counts what every dispatch of a graph executes, in order. Dispatches of one shader with the same
 * uniforms and workgroups are counted once.
 *
 * @param graph as it was recorded: a graph that a pass made has no shaders.
 * @param cache keeps what is counted for other graphs, and other runs.
 */
export function countGraph(graph: Graph, cache: WorkCache = new Map()): CountedDispatch[] {
  const shaders = recordingOf(graph)?.shaders ?? new Map<string, string>();
  const programs = new Map<string, Program | DispatchProblem>();
  const problems = new Map<string, DispatchProblem>();
  const programOf = (shader: string, source: string) => {
    const known = programs.get(shader);
    if (known !== undefined) return known;
    const program = unlessProblem(() => readShader(source));
    programs.set(shader, program);
    return program;
  };
  const countOne = ({ shader = "", uniforms, workgroups }: Dispatch) => {
    const source = shaders.get(shader);
    if (source === undefined || uniforms === undefined) return UNRECORDED;
    const key = [VERSION, shader, workgroups.join("x"), uniforms.join(" ")].join("/");
    const known = cache.get(key) ?? problems.get(key);
    if (known !== undefined) return known;
    const program = programOf(shader, source);
    if ("reason" in program) return program;
    const counted = unlessProblem(() => countDispatch(program, { workgroups, uniforms }));
    if (isProblem(counted)) problems.set(key, counted);
    else cache.set(key, counted);
    return counted;
  };
  return graph.ops.flatMap((op) =>
    op.dispatches.map((dispatch) => ({ op, dispatch, counted: countOne(dispatch) })),
  );
}

const UNRECORDED: DispatchProblem = {
  kind: "unrecorded",
  reason: "the graph does not hold its shader and its uniforms",
};

function unlessProblem<T>(run: () => T): T | DispatchProblem {
  try {
    return run();
  } catch (error) {
    if (error instanceof ShaderProblem) return { kind: error.kind, reason: error.message };
    throw error;
  }
}
