import { accessesOf } from "../wgsl/accesses.ts";
import { ShaderProblem } from "../wgsl/problem.ts";
import { type Binding, programOf, type ShaderLaunch } from "./launch.ts";

/** A command of a queue, as far as contents of buffers go. Buffers are named by any object. */
export type Command =
  | {
      readonly kind: "write";
      readonly buffer: object;
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "copy";
      readonly from: object;
      readonly fromOffset: number;
      readonly to: object;
      readonly toOffset: number;
      readonly bytes: number;
    }
  | {
      readonly kind: "clear";
      readonly buffer: object;
      readonly offset: number;
      readonly bytes: number;
    }
  | { readonly kind: "dispatch"; readonly launch: ShaderLaunch }
  /** What it writes is not known; `reason` says why to who reads it. */
  | {
      readonly kind: "unknown";
      readonly buffer: object;
      readonly offset: number;
      readonly bytes: number;
      readonly reason: string;
    };

/** A part of a buffer, in bytes. */
export interface Range {
  readonly buffer: object;
  readonly offset: number;
  readonly bytes: number;
}

/** The parts of buffers that a command names. */
export function rangesOf(command: Command): readonly Range[] {
  switch (command.kind) {
    case "write":
      return [{ ...command, bytes: command.bytes.byteLength }];
    case "copy": {
      const { from, fromOffset, to, toOffset, bytes } = command;
      return [
        { buffer: from, offset: fromOffset, bytes },
        { buffer: to, offset: toOffset, bytes },
      ];
    }
    case "clear":
    case "unknown":
      return [command];
    case "dispatch":
      return command.launch.bindings;
  }
}

/** The buffers that a command reads, and those that it writes, perhaps in part. */
export interface Effects {
  readonly reads: readonly object[];
  readonly writes: readonly object[];
}

export function effectsOf(command: Command): Effects {
  switch (command.kind) {
    case "write":
    case "clear":
    case "unknown":
      return { reads: [], writes: [command.buffer] };
    case "copy":
      return { reads: [command.from], writes: [command.to] };
    case "dispatch":
      return effectsOfLaunch(command.launch);
  }
}

function effectsOfLaunch(launch: ShaderLaunch): Effects {
  const { bindings } = launch;
  const written = writtenBindings(launch);
  const isWritten = ({ group, binding }: Binding) =>
    written === undefined ||
    written.some((each) => each.group === group && each.binding === binding);
  return {
    reads: bindings.map(({ buffer }) => buffer),
    writes: bindings.filter(isWritten).map(({ buffer }) => buffer),
  };
}

type Place = Pick<Binding, "group" | "binding">;

/** What a launch writes; undefined where that may be anything that is bound. */
function writtenBindings(launch: ShaderLaunch): readonly Place[] | undefined {
  try {
    const accesses = [...accessesOf(programOf(launch))];
    return accesses.flatMap(([memory, { isStored }]) => (isStored ? [memory] : []));
  } catch (error) {
    // A shader that cannot be run: whoever reads what it may write is told.
    if (error instanceof ShaderProblem) return writableIn(launch.source);
    throw error;
  }
}

const WRITABLE =
  /@(group|binding)\s*\(\s*(\d+)[iu]?\s*\)\s*@(?:group|binding)\s*\(\s*(\d+)[iu]?\s*\)\s*var\s*<\s*storage\s*,\s*read_write\s*>/g;

/** The bindings that a shader declares as writable; undefined where they are not plain to see. */
function writableIn(source: string): readonly Place[] | undefined {
  const found = [...source.matchAll(WRITABLE)];
  if (found.length !== source.split("read_write").length - 1) return undefined;
  return found.map(([, first, ...numbers]) => {
    const [a = 0, b = 0] = numbers.map(Number);
    return first === "group" ? { group: a, binding: b } : { group: b, binding: a };
  });
}
