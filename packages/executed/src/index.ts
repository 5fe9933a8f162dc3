/** What each dispatch really executes, counted in its shader, and what buffers then hold. */

export type { Command } from "./compute/command.ts";
export { DeviceMemory } from "./compute/device-memory.ts";
export type { Binding, ShaderLaunch } from "./compute/launch.ts";
export { workAttributes, workOfOp } from "./count/attributes.ts";
export { type DispatchProblem, isProblem, type WorkCache } from "./count/counted.ts";

export { countDispatch, type DispatchWork } from "./count/dispatch.ts";
export { type CountedDispatch, countGraph } from "./count/graph.ts";
export { countLaunch } from "./count/launch.ts";
export { addWork, noWork, WORK_KINDS, type Work, type WorkKind } from "./count/work.ts";
export { WorkgroupRunner } from "./run/workgroup.ts";
export { accessesOf, type MemoryAccess } from "./wgsl/accesses.ts";
export { readShader } from "./wgsl/lower.ts";
export { ShaderProblem } from "./wgsl/problem.ts";
export type { Program } from "./wgsl/program.ts";
