import { shaderHash } from "@opcounter/ir/core";
import { type Binding, bindingOf, programOf, type ShaderLaunch } from "../compute/launch.ts";
import { Words } from "../run/memories.ts";
import { WorkgroupRunner } from "../run/workgroup.ts";
import { ShaderProblem } from "../wgsl/problem.ts";
import type { Memory, Program } from "../wgsl/program.ts";
import type { Effort } from "./classes.ts";
import { type DispatchProblem, unlessProblem, type WorkCache } from "./counted.ts";
import { countRuns, type DispatchWork } from "./dispatch.ts";

/** Changes with what is counted, so that nothing is taken from the cache of another version. */
const VERSION = 2;

/** More than some seconds of counting; then what buffers hold is left out. */
const MOST_INFORMED: Effort = { runs: 50_000, rounds: 4_000_000 };

type ContentOf = (binding: Binding) => Uint8Array | undefined;

/**
 * Counts what one dispatch executes.
 *
 * @param contentOf the contents of a binding's range where they are known, before the dispatch. It
 *   is asked only where they decide what is executed: of uniform buffers, and of storage buffers
 *   that the shader does not write. Where they part workgroups in too many ways, counts are bounds
 *   as if they were not known.
 * @param cache keeps what is counted, by the shader, the workgroups, and what decided.
 */
export function countLaunch(
  launch: ShaderLaunch,
  contentOf: ContentOf,
  cache?: WorkCache,
): DispatchWork | DispatchProblem {
  return unlessProblem(() => {
    const informed = new Informed(launch, contentOf);
    if (cache === undefined) return informed.count();
    const key = informed.key();
    const counted = cache.get(key) ?? informed.count();
    cache.set(key, counted);
    return counted;
  });
}

/** A launch with the contents that decide what it executes. */
class Informed {
  readonly #program: Program;
  readonly #asked = new Map<Memory, Uint8Array | undefined>();
  readonly #runner: WorkgroupRunner;

  constructor(
    readonly launch: ShaderLaunch,
    readonly contentOf: ContentOf,
  ) {
    this.#program = programOf(launch);
    // Made, it has asked for all that decides.
    this.#runner = this.#runnerOf(() => true);
  }

  #runnerOf(isAsked: (memory: Memory) => boolean): WorkgroupRunner {
    return new WorkgroupRunner(this.#program, {
      workgroups: this.launch.workgroups,
      sizeOf: (memory) => bindingOf(this.launch, memory).bytes,
      contentsOf: (memory) => (isAsked(memory) ? this.#contentsOf(memory) : undefined),
    });
  }

  #contentsOf(memory: Memory): Words | undefined {
    if (!this.#asked.has(memory)) {
      this.#asked.set(memory, this.contentOf(bindingOf(this.launch, memory)));
    }
    const bytes = this.#asked.get(memory);
    return bytes === undefined ? undefined : new Words(bytes.slice().buffer);
  }

  count(): DispatchWork {
    const isByStorage = [...this.#asked].some(([{ space }, bytes]) => space === "storage" && bytes);
    if (!isByStorage) return countRuns(this.#runner);
    try {
      return countRuns(this.#runner, MOST_INFORMED);
    } catch (error) {
      if (!(error instanceof ShaderProblem)) throw error;
      return countRuns(this.#runnerOf(({ space }) => space === "uniform"));
    }
  }

  /** Stands for all that decides what is counted. */
  key(): string {
    const { source, entryPoint = "", constants = {}, workgroups } = this.launch;
    const contents = [...this.#asked].map(([{ group, binding }, bytes]) => {
      return [group, binding, bytes && hashOf(bytes)];
    });
    const sizes = this.#program.lengths.map(({ memory }) => bindingOf(this.launch, memory).bytes);
    const shader = [shaderHash(source), entryPoint, constants];
    return JSON.stringify([VERSION, ...shader, workgroups, sizes, contents]);
  }
}

function hashOf(bytes: Uint8Array): string {
  return shaderHash(bytes.join(" "));
}
