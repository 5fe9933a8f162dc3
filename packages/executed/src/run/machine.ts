import { elementAt } from "@opcounter/ir/core";
import type { Memory, PrivateArray, Program, Register } from "../wgsl/program.ts";
import { Masks } from "./mask.ts";
import { type SharedMemory, UNKNOWN_MEMORY } from "./memories.ts";
import { type Relevant, relevantTo } from "./relevant.ts";
import { ArrayVariable, Variable } from "./variables.ts";

/** How often something happened: at least, and at most. */
export interface Times {
  least: number;
  most: number;
}

/** What the invocations of one workgroup have while they run a program in step. */
export class Machine {
  readonly invocations: number;
  readonly masks: Masks;
  readonly #variables: Variable[];
  readonly #arrays: ArrayVariable[];
  readonly #memories: SharedMemory[];
  readonly #relevant: Relevant | undefined;
  /** By invocation: whether it wrote to a storage buffer. */
  readonly hasStored: Uint8Array;
  readonly divergences: Times = { least: 0, most: 0 };
  readonly barriers: Times = { least: 0, most: 0 };
  /** False where a loop depends on buffers, so that no number of rounds is the most. */
  isBounded = true;
  /** Rounds of loops, in this run and in all. */
  rounds = 0;
  allRounds = 0;

  /**
   * @param known the memories with contents that stay as they are.
   * @param isCounting whether only what decides control flow is computed, and nothing is written.
   */
  constructor(
    readonly program: Program,
    readonly isCounting: boolean,
    known: (memory: Memory) => SharedMemory | undefined,
  ) {
    const [x, y, z] = program.workgroupSize;
    this.invocations = x * y * z;
    this.masks = new Masks(this.invocations, program.blocks.length);
    this.#variables = program.registers.map(() => new Variable(this.invocations));
    this.#arrays = program.arrays.map((array) => new ArrayVariable(array, this.invocations));
    this.#memories = program.memories.map(() => UNKNOWN_MEMORY);
    const isKnown = (memory: Memory) => {
      if (this.isKnown(memory)) return true;
      const contents = known(memory);
      if (contents !== undefined) this.setMemory(memory, contents);
      return contents !== undefined;
    };
    this.#relevant = isCounting ? relevantTo(program, isKnown) : undefined;
    this.hasStored = new Uint8Array(this.invocations);
  }

  /** Forgets what a run left. */
  reset(): void {
    this.masks.reset();
    // What other workgroups left there depends on other coordinates.
    for (const { lanes } of this.#variables) lanes.fill(0);
    this.hasStored.fill(0);
    this.divergences.least = 0;
    this.divergences.most = 0;
    this.barriers.least = 0;
    this.barriers.most = 0;
    this.isBounded = true;
    this.rounds = 0;
  }

  variable({ id }: Register): Variable {
    return elementAt(this.#variables, id);
  }

  array({ id }: PrivateArray): ArrayVariable {
    return elementAt(this.#arrays, id);
  }

  memory({ id }: Memory): SharedMemory {
    return elementAt(this.#memories, id);
  }

  /** Whether a load is looked up. */
  isKnown(memory: Memory): boolean {
    return this.memory(memory) !== UNKNOWN_MEMORY;
  }

  setMemory({ id }: Memory, memory: SharedMemory): void {
    this.#memories[id] = memory;
  }

  needs(register: Register): boolean {
    return this.#relevant === undefined || this.#relevant.registers.has(register);
  }

  needsArray(array: PrivateArray): boolean {
    return this.#relevant === undefined || this.#relevant.arrays.has(array);
  }
}
