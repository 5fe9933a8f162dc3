import type { Dispatch } from "@opcounter/ir/core";
import { counted } from "../report/cost-sum.ts";
import type { Cost, OpRow } from "../report/report.ts";
import type { Work } from "./limits.ts";

/**
 * Elements of the result that a workgroup computes, by program. Tiles of TensorFlow.js's programs
 * that are not here are small, or filled. Source: TensorFlow.js 4.22, whose `MatMulPackedProgram`
 * and `Conv2DMMProgram` have workgroups of 8×8 invocations of 4×4 elements.
 */
const TILES: ReadonlyMap<string, number> = new Map([
  ["MatMulPackedProgram", 32 * 32],
  ["Conv2DMMProgram", 32 * 32],
]);

/**
 * Programs whose workgroups compute one element of the result each. The invocations first add up
 * their shares, and then add two sums to one until one is left. Source: TensorFlow.js 4.22.
 */
const REDUCTIONS: ReadonlySet<string> = new Set(["ReduceProgram", "MatMulReduceProgram"]);

/** What each invocation does in a step of these: it reads twice, adds, and writes or waits. */
const OPERATIONS_OF_STEP = 4;

/** What an op asks of the device. */
export function workOfOp({ cost, dispatches, outputs }: OpRow): Work {
  const work = workOf(cost);
  const last = dispatches.at(-1);
  if (last === undefined) return work;
  const workgroups = product(last.workgroups);
  const elements = product(outputs[0]?.shape ?? [0]);
  // A dispatch of no workgroup, as a graph from a file may have it, tells nothing of the rate.
  return {
    ...work,
    paddedFlops: elements === 0 ? work.flops : paddedFlops(work.flops, elements, workgroups, last),
    workgroups: workgroups === 0 ? null : workgroups,
  };
}

function paddedFlops(
  flops: number,
  elements: number,
  workgroups: number,
  { program, workgroupSize }: Dispatch,
): number {
  if (REDUCTIONS.has(program) && workgroupSize !== undefined) {
    const invocations = product(workgroupSize);
    const steps = Math.ceil(flops / elements / invocations) + Math.log2(invocations);
    return Math.max(flops, OPERATIONS_OF_STEP * workgroups * invocations * steps);
  }
  const computed = workgroups * (TILES.get(program) ?? 0);
  return flops * Math.max(1, computed / elements);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

/** What a cost asks of the device, its workgroups not known. */
export function workOf(cost: Cost): Work {
  const flops = Number(counted(cost.flops));
  return {
    flops,
    paddedFlops: flops,
    transcendentals: Number(counted(cost.transcendentals)),
    bytes: Number(cost.bytesRead) + Number(cost.bytesWritten),
    dispatches: cost.dispatches,
    workgroups: null,
  };
}
