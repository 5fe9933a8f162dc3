import { type Dispatch, type Graph, type Op, recordingOf } from "@opcounter/ir/core";
import { programOf } from "../compute/launch.ts";
import { workOfOp } from "./attributes.ts";
import { type DispatchProblem, isProblem, unlessProblem, type WorkCache } from "./counted.ts";
import { countDispatch, type DispatchWork } from "./dispatch.ts";

/** One dispatch of a graph, with what it executes. */
export interface CountedDispatch {
  readonly op: Op;
  readonly dispatch: Dispatch;
  /** What it executes, or why that is not known. */
  readonly counted: DispatchWork | DispatchProblem;
}

/** Changes with what is counted, so that nothing is taken from the cache of another version. */
const VERSION = 2;

/**
 * Counts what every dispatch of a graph executes, in order. Dispatches of one shader with the same
 * uniforms and workgroups are counted once.
 *
 * @param graph as it was recorded: a graph that a pass made has no shaders.
 * @param cache keeps what is counted for other graphs, and other runs.
 */
export function countGraph(graph: Graph, cache: WorkCache = new Map()): CountedDispatch[] {
  const shaders = recordingOf(graph)?.shaders ?? new Map<string, string>();
  const problems = new Map<string, DispatchProblem>();
  const countOne = (dispatch: Dispatch) => {
    const { shader = "", uniforms, workgroups, entryPoint, constants } = dispatch;
    const source = shaders.get(shader);
    if (source === undefined || uniforms === undefined) return UNRECORDED;
    const pipeline = (entryPoint ?? constants) ? [JSON.stringify([entryPoint, constants])] : [];
    const parts = [VERSION, shader, workgroups.join("x"), uniforms.join(" "), ...pipeline];
    const key = parts.join("/");
    const known = cache.get(key) ?? problems.get(key);
    if (known !== undefined) return known;
    const counted = unlessProblem(() =>
      countDispatch(programOf({ source, entryPoint, constants }), { workgroups, uniforms }),
    );
    if (isProblem(counted)) problems.set(key, counted);
    else cache.set(key, counted);
    return counted;
  };
  return graph.ops.flatMap((op) =>
    op.dispatches.map((dispatch) => ({
      ...{ op, dispatch },
      // A recorded program was counted with what its buffers held then.
      counted: workOfOp(op) ?? countOne(dispatch),
    })),
  );
}

const UNRECORDED: DispatchProblem = {
  kind: "unrecorded",
  reason: "the graph does not hold its shader and its uniforms",
};
