import {
  type Binding,
  countLaunch,
  type DispatchProblem,
  type DispatchWork,
  type WorkCache,
} from "@opcounter/executed";
import type { Extent } from "@opcounter/ir/core";
import type { BoundBuffer, BufferRange, Command, PipelineFacts } from "../commands.ts";

export type DispatchCommand = Extract<Command, { readonly kind: "dispatch" }>;

/** A dispatch as the interpreter of shaders takes it. */
export function launchOf(
  { source, entryPoint, constants }: PipelineFacts,
  bindings: readonly BoundBuffer[],
  workgroups: Extent,
) {
  return {
    ...{ source, entryPoint, constants, workgroups },
    bindings: bindings.map(({ group, binding, buffer, offset, bytes }) => ({
      ...{ group, binding, buffer: buffer.object, offset, bytes },
    })),
  };
}

/** Whether the workgroups of a dispatch lie in a buffer. */
export function isIndirect(workgroups: Extent | BufferRange): workgroups is BufferRange {
  return "buffer" in workgroups;
}

/** The workgroups that a buffer holds. */
export function workgroupsIn(bytes: Uint8Array): Extent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
}

const UNKNOWN_SHADER: DispatchProblem = {
  kind: "unrecorded",
  reason: "its pipeline was made before the recording began",
};

const UNKNOWN_WORKGROUPS: DispatchProblem = {
  kind: "unrecorded",
  reason: "its workgroups lie in a buffer whose contents are not known",
};

/** What a dispatch executes, with contents of buffers where they are known. */
export function workOf(
  { pipeline, bindings }: DispatchCommand,
  workgroups: Extent | undefined,
  bytesOf: (range: BufferRange) => Uint8Array | undefined,
  cache: WorkCache,
): DispatchWork | DispatchProblem {
  if (pipeline.source === "") return UNKNOWN_SHADER;
  if (workgroups === undefined) return UNKNOWN_WORKGROUPS;
  const launch = launchOf(pipeline, bindings, workgroups);
  const contentOf = ({ group, binding }: Binding) => {
    const bound = bindings.find((each) => each.group === group && each.binding === binding);
    return bound && bytesOf(bound);
  };
  return countLaunch(launch, contentOf, cache);
}
