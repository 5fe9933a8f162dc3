import { shaderHash } from "@opcounter/ir/core";
import { type Binding, bindingOf, programOf, type ShaderLaunch } from "../compute/launch.ts";
import { Words } from "../run/memories.ts";
import { WorkgroupRunner } from "../run/workgroup.ts";
import type { Memory, Program } from "../wgsl/program.ts";
import { type DispatchProblem, unlessProblem, type WorkCache } from "./counted.ts";
import { countRuns, type DispatchWork } from "./dispatch.ts";

/** Changes with what is counted, so that nothing is taken from the cache of another version. */
const VERSION = 1;

/**
 * Counts what one dispatch executes.
 *
 * @param contentOf the contents of a binding's range where they are known, before the dispatch. It
 *   is asked only where they decide what is executed: of uniform buffers, and of storage buffers
 *   that the shader does not write.
 * @param cache keeps what is counted, by the shader, the workgroups, and what decided.
 */
export function countLaunch(
  launch: ShaderLaunch,
  contentOf: (binding: Binding) => Uint8Array | undefined,
  cache?: WorkCache,
): DispatchWork | DispatchProblem {
  return unlessProblem(() => {
    const program = programOf(launch);
    const asked = new Map<Memory, Uint8Array | undefined>();
    const contentsOf = (memory: Memory) => {
      if (!asked.has(memory)) asked.set(memory, contentOf(bindingOf(launch, memory)));
      const bytes = asked.get(memory);
      return bytes === undefined ? undefined : new Words(bytes.slice().buffer);
    };
    const runner = new WorkgroupRunner(program, {
      workgroups: launch.workgroups,
      sizeOf: (memory) => bindingOf(launch, memory).bytes,
      contentsOf,
    });
    // Made, the runner has asked for all that decides.
    const key = keyOf(launch, program, asked);
    const counted = cache?.get(key) ?? countRuns(runner);
    cache?.set(key, counted);
    return counted;
  });
}

function keyOf(
  launch: ShaderLaunch,
  { lengths }: Program,
  asked: ReadonlyMap<Memory, Uint8Array | undefined>,
): string {
  const { source, entryPoint = "", constants = {}, workgroups } = launch;
  return JSON.stringify([
    ...[VERSION, shaderHash(source), entryPoint, constants, workgroups],
    lengths.map(({ memory }) => bindingOf(launch, memory).bytes),
    [...asked].map(([{ group, binding }, bytes]) => [group, binding, bytes && hashOf(bytes)]),
  ]);
}

function hashOf(bytes: Uint8Array): string {
  return shaderHash(bytes.join(" "));
}
