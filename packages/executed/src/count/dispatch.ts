import type { Extent } from "@opcounter/ir/core";
import { Words } from "../run/memories.ts";
import { type Launch, WorkgroupRunner } from "../run/workgroup.ts";
import type { Program } from "../wgsl/program.ts";
import { type Effort, workgroupClasses } from "./classes.ts";
import { addWork, noWork, WORK_KINDS, type Work } from "./work.ts";

/** What a dispatch executes, all workgroups together. */
export interface DispatchWork {
  /** What is executed whatever the buffers hold. */
  readonly work: Readonly<Work>;
  /**
   * What is executed at most, where what buffers hold decides; Infinity where a loop has no bound
   * without them. Absent where `work` is exact.
   */
  readonly atMost?: Readonly<Work>;
  /** Of `work`: by invocations that write no result. */
  readonly idle: Readonly<Work>;
  readonly invocations: number;
  readonly idleInvocations: number;
  /** Barriers that workgroups wait at. */
  readonly barriers: number;
  /** Branches whose invocations part ways, per workgroup. */
  readonly divergences: number;
  /** How many kinds of workgroups there are, of which one each was run. */
  readonly classes: number;
}

/** A dispatch of a shader with one uniform buffer, of whose storage buffers nothing is known. */
export interface UniformLaunch {
  readonly workgroups: Extent;
  /** The words of the uniform buffer. */
  readonly uniforms: readonly number[];
}

/**
 * Counts what a dispatch executes.
 *
 * @throws ShaderProblem where a loop takes too many rounds.
 */
export function countDispatch(program: Program, launch: UniformLaunch): DispatchWork {
  return countRuns(new WorkgroupRunner(program, withUniforms(launch)));
}

/** A launch of which the words of the uniform buffer are known alone. */
export function withUniforms({ workgroups, uniforms }: UniformLaunch): Launch {
  const contents = new Words(Int32Array.from(uniforms).buffer);
  return {
    workgroups,
    sizeOf: () => undefined,
    contentsOf: ({ space }) => (space === "uniform" ? contents : undefined),
  };
}

/**
 * Counts what the dispatch of a runner executes.
 *
 * @throws ShaderProblem where that takes more than the effort.
 */
export function countRuns(runner: WorkgroupRunner, effort?: Effort): DispatchWork {
  const { program, launch } = runner;
  const sum = { least: noWork(), most: noWork(), idle: noWork() };
  let [idleInvocations, barriers, divergences, classes] = [0, 0, 0, 0];
  let isBounded = true;
  for (const { counts, workgroups } of workgroupClasses(runner, effort)) {
    addWork(sum.least, counts.least, workgroups);
    addWork(sum.most, counts.most, workgroups);
    addWork(sum.idle, counts.idle, workgroups);
    idleInvocations += counts.idleInvocations * workgroups;
    barriers += counts.barriers.least * workgroups;
    divergences += counts.divergences.least * workgroups;
    isBounded &&= counts.isBounded;
    classes++;
  }
  const isExact = WORK_KINDS.every((kind) => sum.least[kind] === sum.most[kind]);
  return {
    work: sum.least,
    ...(isExact ? {} : { atMost: isBounded ? sum.most : unbounded(sum.least, sum.most) }),
    idle: sum.idle,
    invocations: [...launch.workgroups, ...program.workgroupSize].reduce((a, b) => a * b),
    ...{ idleInvocations, barriers, divergences, classes },
  };
}

/** The most of what a loop without bound does is infinite. */
function unbounded(least: Work, most: Work): Work {
  const result = noWork();
  for (const kind of WORK_KINDS) {
    result[kind] = most[kind] > least[kind] ? Number.POSITIVE_INFINITY : most[kind];
  }
  return result;
}
