import { type Extent, elementAt } from "@opcounter/ir/core";
import { addWork, noWork, type Work } from "../count/work.ts";
import { accessesOf } from "../wgsl/accesses.ts";
import { rangeOf } from "../wgsl/operations.ts";
import type { ArrayLength, BuiltIn, Memory, Program } from "../wgsl/program.ts";
import { type Lanes, unknown } from "./lanes.ts";
import { Machine } from "./machine.ts";
import { ALWAYS, type Mask } from "./mask.ts";
import { knownMemory, type SharedMemory, Words } from "./memories.ts";
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

/** What a dispatch gives its shader, and what is known of the buffers that are bound. */
export interface Launch {
  readonly workgroups: Extent;
  /** In bytes; undefined where it is not known. */
  sizeOf(memory: Memory): number | undefined;
  contentsOf(memory: Memory): Words | undefined;
}

/** Runs workgroups of one program. */
export class WorkgroupRunner {
  readonly #machine: Machine;
  readonly #run: (mask: Mask) => Mask;
  /** Of each invocation: its place in the workgroup, and by axis its coordinate there. */
  readonly #places: Float64Array;
  readonly #coordinates: readonly [Float64Array, Float64Array, Float64Array];

  /**
   * @param computes whether values are computed, and written to what is bound; otherwise contents of
   *   buffers are looked up alone, where they decide what is executed and the shader leaves them.
   */
  constructor(
    readonly program: Program,
    readonly launch: Launch,
    readonly computes = false,
  ) {
    const accesses = accessesOf(program);
    this.#machine = new Machine(program, !computes, (memory) =>
      accesses.get(memory)?.isStored ? undefined : this.#contents(memory),
    );
    this.#setMemories();
    this.#run = running(this.#machine, program.body);
    const [x, y] = program.workgroupSize;
    this.#places = Float64Array.from({ length: this.#machine.invocations }, (_, place) => place);
    this.#coordinates = [
      this.#places.map((place) => place % x),
      this.#places.map((place) => Math.floor(place / x) % y),
      this.#places.map((place) => Math.floor(place / (x * y))),
    ];
  }

  /**
   * Runs all workgroups of a box as one.
   *
   * @throws Indefinite where a branch is not taken alike by all of them.
   */
  run(box: Box): WorkgroupCounts {
    const machine = this.#machine;
    machine.reset();
    this.#setMemories();
    for (const length of this.program.lengths) this.#setLength(length);
    for (const builtIn of this.program.builtIns) this.#setBuiltIn(builtIn, box);
    this.#run(machine.masks.full);
    return this.#counts();
  }

  /** Rounds of loops in all runs so far. */
  get rounds(): number {
    return this.#machine.allRounds;
  }

  #setMemories(): void {
    if (!this.computes) return;
    for (const memory of this.program.memories) {
      const isShared = memory.space === "workgroup";
      const known = isShared
        ? knownMemory(new Words(new ArrayBuffer(4 * memory.words)))
        : this.#contents(memory);
      if (known !== undefined) this.#machine.setMemory(memory, known);
    }
  }

  #contents(memory: Memory): SharedMemory | undefined {
    const contents = this.launch.contentsOf(memory);
    return contents === undefined ? undefined : knownMemory(contents);
  }

  #setLength({ register, memory, start, stride }: ArrayLength): void {
    const { lanes } = this.#machine.variable(register);
    const size = this.launch.sizeOf(memory);
    if (size === undefined) unknown(lanes, rangeOf(register.kind));
    else lanes.fill(Math.floor((size / 4 - start) / stride));
  }

  #setBuiltIn({ register, name, axis }: BuiltIn, box: Box): void {
    const { lanes } = this.#machine.variable(register);
    const [low, high] = [elementAt(box.low, axis), elementAt(box.high, axis)];
    const size = elementAt(this.program.workgroupSize, axis);
    switch (name) {
      case "workgroup_id":
        lanes.fillBounds([low, high], 1 << axis);
        return;
      case "num_workgroups":
        lanes.fill(elementAt(this.launch.workgroups, axis));
        return;
      case "subgroup_size":
      case "subgroup_invocation_id":
        // The device chooses the size.
        unknown(lanes, rangeOf("u32"));
        return;
      case "local_invocation_index":
        fillEach(lanes, this.#places);
        return;
      case "local_invocation_id":
        if (size === 1) lanes.fill(0);
        else fillEach(lanes, elementAt(this.#coordinates, axis));
        return;
      case "global_invocation_id":
        if (size === 1) lanes.fillBounds([low, high], 1 << axis);
        else {
          fillEach(lanes, elementAt(this.#coordinates, axis));
          for (let i = 0; i < lanes.size; i++) lanes.low[i] = low * size + lanes.lowAt(i);
          if (low === high) return;
          lanes.isExact = false;
          lanes.depends = 1 << axis;
          for (let i = 0; i < lanes.size; i++) lanes.high[i] = lanes.lowAt(i) + (high - low) * size;
        }
    }
  }

  #counts(): WorkgroupCounts {
    const { masks, hasStored, divergences, barriers, isBounded } = this.#machine;
    let idleInvocations = 0;
    for (const stored of hasStored) if (stored === 0) idleInvocations++;
    const counts = { least: noWork(), most: noWork(), idle: noWork() };
    const used = masks.used.map((mask) => {
      return { mask, idle: idleInvocations === 0 ? 0 : idleOf(mask, hasStored) };
    });
    for (const [block, work] of this.program.blocks.entries()) {
      let [least, most, idleRuns] = [0, 0, 0];
      for (const { mask, idle } of used) {
        const times = mask.runs[block] ?? 0;
        least += times * mask.least;
        most += times * mask.most;
        idleRuns += times * idle;
      }
      addWork(counts.least, work, least);
      addWork(counts.most, work, most);
      addWork(counts.idle, work, idleRuns);
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

/** Gives each invocation its own value. */
function fillEach(lanes: Lanes, values: Float64Array): void {
  lanes.fill(0);
  if (lanes.size > 1) lanes.step = 1;
  lanes.low.set(values);
}

function idleOf({ lanes }: Mask, hasStored: Uint8Array): number {
  let count = 0;
  for (let lane = 0; lane < lanes.length; lane++) {
    if (lanes[lane] === ALWAYS && hasStored[lane] === 0) count++;
  }
  return count;
}
