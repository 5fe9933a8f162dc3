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

/** What an op asks of the device. */
export function workOfOp({ cost, dispatches, outputs }: OpRow): Work {
  const work = workOf(cost);
  const last = dispatches.at(-1);
  if (last === undefined) return work;
  const workgroups = last.workgroups.reduce((product, count) => product * count);
  const computed = workgroups * (TILES.get(last.program) ?? 0);
  const elements = outputs[0]?.shape.reduce((product, size) => product * size, 1) ?? 0;
  const padding = elements === 0 ? 1 : Math.max(1, computed / elements);
  // A dispatch of no workgroup, as a graph from a file may have it, tells nothing of the rate.
  return {
    ...work,
    paddedFlops: padding * work.flops,
    workgroups: workgroups === 0 ? null : workgroups,
  };
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
