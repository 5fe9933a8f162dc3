import {
  type DeviceEvent,
  elementAt,
  type OpId,
  type Recording,
  whenAsked,
} from "@opcounter/ir/core";
import type { DeviceLog } from "../devices/device-recorder.ts";

/** The parts that only the end of a pass knows; undefined where the recording has no such part. */
export interface OtherParts extends PartsOf<"evaluated" | "hostValues" | "left"> {
  readonly unused: () => NonNullable<Recording["unused"]>;
}

type PartsOf<Name extends keyof Recording> = {
  readonly [Part in Name]: Recording[Part] | undefined;
};

/** What a recording is made of. None of it holds on to tensors, buffers or layers. */
interface Parts extends OtherParts, Pick<Recording, "reads" | "isTraining" | "shaders"> {
  readonly events: DeviceLog["events"];
  /** By event, the run of a kernel that caused it, or `NO_RUN`. */
  readonly causes: readonly number[];
  /** By run, the op it became. */
  readonly ops: readonly (OpId | undefined)[];
  readonly madeConstants: Recording["reads"];
  readonly memory: () => Recording["memory"];
}

/** The recording of a pass. Of what programs seldom look at, the rows are made when they do. */
export function recordingWhenAsked(parts: Parts): Recording {
  const { events, causes, ops, reads, madeConstants, isTraining, memory, shaders } = parts;
  const { unused, evaluated, hostValues, left } = parts;
  return whenAsked<Recording>({
    events: () => eventsOf(events, causes, ops),
    reads: () => reads,
    ...(madeConstants.length === 0 ? {} : { madeConstants: () => madeConstants }),
    isTraining: () => isTraining,
    memory,
    shaders: () => shaders,
    unused,
    ...(evaluated === undefined ? {} : { evaluated: () => evaluated }),
    ...(hostValues === undefined ? {} : { hostValues: () => hostValues }),
    ...(left === undefined ? {} : { left: () => left }),
  });
}

/** The events with what caused them. They are the pass's own: copying thousands takes longer. */
function eventsOf(
  events: DeviceLog["events"],
  causes: readonly number[],
  ops: readonly (OpId | undefined)[],
): readonly DeviceEvent[] {
  return causes.map((run, place) => {
    const event = elementAt(events, place);
    const op = ops[run];
    if (op !== undefined) event.op = op;
    return event;
  });
}
