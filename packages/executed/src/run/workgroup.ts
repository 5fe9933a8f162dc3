import { type Extent, elementAt } from "@opcounter/ir/core";
import { addWork, noWork, type Work } from "../count/work.ts";
import { rangeOf } from "../wgsl/operations.ts";
import type { BuiltIn, Program } from "../wgsl/program.ts";
import { type Lanes, unknown } from "./lanes.ts";
import { Machine } from "./machine.ts";
import { ALWAYS, type Mask } from "./mask.ts";
import { knownMemory, unknownMemory } from "./memories.ts";
import { running } from "./steps.ts";

/** Workgroups that are run together: from `low` to `high`, both included, along each axis. */
export interface Box {
  readonly low: Extent;
  readonly high: Extent;
}

/** What a workgroup executes: at least, and at most, where buffers decide. */
export interface WorkgroupCounts {
  readonly least: Work;
  readonly most: Work;
  /** Of the least: by invocations that write to no storage buffer. */
  readonly idle: Work;
  readonly idleInvocations: number;
  readonly divergences: { readonly least: number; readonly most: number };
  readonly barriers: { readonly least: number; readonly most: number };
  readonly isBounded: boolean;
}

/** What a dispatch gives its shader besides buffers. */
export interface Launch {
  readonly workgroups: Extent;
  /** The words of the uniform buffer. */
  readonly uniforms: readonly number[];
}

/** Runs workgroups of one program. */
export class WorkgroupRunner {
  readonly #machine: Machine;
  readonly #run: (mask: Mask) => Mask;

  /** @param buffers the storage buffers by binding, to compute values; absent to count alone. */
  constructor(
    readonly program: Program,
    readonly buffers?: ReadonlyMap<number, ArrayBuffer>,
  ) {
    this.#machine = new Machine(program, buffers === undefined);
    this.#run = running(this.#machine, program.body);
  }

  /**
   * Runs all workgroups of a box as one.
   *
   * @throws Indefinite where a branch is not taken alike by all of them.
   */
  run(box: Box, launch: Launch): WorkgroupCounts {
    const machine = this.#machine;
    machine.reset();
    this.#setMemories();
    this.#setUniforms(launch);
    for (const builtIn of this.program.builtIns) this.#setBuiltIn(builtIn, box, launch);
    this.#run(machine.masks.full);
    return this.#counts();
  }

  #setMemories(): void {
    if (this.buffers === undefined) return;
    for (const memory of this.program.memories) {
      const isShared = memory.space === "workgroup";
      const bytes = isShared ? new ArrayBuffer(4 * memory.words) : this.buffers.get(memory.binding);
      const known = bytes === undefined ? unknownMemory(memory) : knownMemory(memory, bytes);
      this.#machine.setMemory(memory, known);
    }
  }

  #setUniforms({ uniforms }: Launch): void {
    const words = new DataView(new ArrayBuffer(4));
    for (const { register, word } of this.program.uniforms) {
      words.setInt32(0, uniforms[word] ?? 0);
      const value =
        register.kind === "f32"
          ? words.getFloat32(0)
          : register.kind === "u32"
            ? words.getUint32(0)
            : words.getInt32(0);
      this.#machine.variable(register).lanes.fill(value);
    }
  }

  #setBuiltIn({ register, name, axis }: BuiltIn, box: Box, { workgroups }: Launch): void {
    const { lanes } = this.#machine.variable(register);
    const [low, high] = [elementAt(box.low, axis), elementAt(box.high, axis)];
    const size = elementAt(this.program.workgroupSize, axis);
    switch (name) {
      case "workgroup_id":
        lanes.fillBounds([low, high], 1 << axis);
        return;
      case "num_workgroups":
        lanes.fill(elementAt(workgroups, axis));
        return;
      case "subgroup_size":
      case "subgroup_invocation_id":
        // The device chooses the size.
        unknown(lanes, rangeOf("u32"));
        return;
      case "local_invocation_index":
        this.#fillEach(lanes, (place) => place);
        return;
      case "local_invocation_id":
        if (size === 1) lanes.fill(0);
        else this.#fillEach(lanes, (place) => this.#coordinate(place, axis));
        return;
      case "global_invocation_id":
        if (size === 1) lanes.fillBounds([low, high], 1 << axis);
        else {
          this.#fillEach(lanes, (place) => low * size + this.#coordinate(place, axis));
          if (low === high) return;
          lanes.isExact = false;
          lanes.depends = 1 << axis;
          for (let i = 0; i < lanes.size; i++) lanes.high[i] = lanes.lowAt(i) + (high - low) * size;
        }
    }
  }

  #fillEach(lanes: Lanes, value: (place: number) => number): void {
    lanes.fill(0);
    if (lanes.size === 1) lanes.low[0] = value(0);
    else {
      lanes.spread();
      for (let place = 0; place < lanes.size; place++) lanes.low[place] = value(place);
    }
  }

  /** A coordinate of an invocation in its workgroup. */
  #coordinate(place: number, axis: number): number {
    const [x, y] = this.program.workgroupSize;
    if (axis === 0) return place % x;
    return axis === 1 ? Math.floor(place / x) % y : Math.floor(place / (x * y));
  }

  #counts(): WorkgroupCounts {
    const { masks, hasStored, divergences, barriers, isBounded } = this.#machine;
    const idleInvocations = hasStored.filter((stored) => stored === 0).length;
    const counts = { least: noWork(), most: noWork(), idle: noWork() };
    for (const mask of masks.used) {
      const idle = idleInvocations === 0 ? 0 : idleOf(mask, hasStored);
      for (const [block, work] of this.program.blocks.entries()) {
        const runs = elementAt(mask.runs, block);
        if (runs === 0) continue;
        addWork(counts.least, work, runs * mask.least);
        addWork(counts.most, work, runs * mask.most);
        addWork(counts.idle, work, runs * idle);
      }
    }
    return {
      ...counts,
      idleInvocations,
      divergences: { ...divergences },
      barriers: { ...barriers },
      isBounded,
    };
  }
}

function idleOf({ lanes }: Mask, hasStored: Uint8Array): number {
  let count = 0;
  for (let lane = 0; lane < lanes.length; lane++) {
    if (lanes[lane] === ALWAYS && hasStored[lane] === 0) count++;
  }
  return count;
}
