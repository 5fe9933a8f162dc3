import type { BufferFacts, Command, DeviceFacts, Entry, PipelineFacts } from "../commands.ts";

/**
 * Entries as text, to be read in another process: JSON, in which each device, buffer, pipeline and
 * command is written once and named by its number elsewhere. A page that draws in a loop submits the
 * same commands again and again.
 */
interface Written {
  /** Each as JSON. */
  readonly commands: readonly string[];
  readonly devices: readonly DeviceFacts[];
  readonly buffers: readonly object[];
  readonly pipelines: readonly object[];
  readonly sources: readonly string[];
  /** As JSON. */
  readonly entries: string;
}

/** Numbers things in the order in which they are first seen. */
class Numbering<T> {
  readonly seen = new Map<T, number>();

  of(item: T): number {
    const known = this.seen.get(item);
    if (known !== undefined) return known;
    this.seen.set(item, this.seen.size);
    return this.seen.size - 1;
  }
}

/** Writes entries. Of a buffer, the program's own object is left out. */
export function writeEntries(entries: readonly Entry[]): string {
  const devices = new Numbering<DeviceFacts>();
  const buffers = new Numbering<BufferFacts>();
  const pipelines = new Numbering<PipelineFacts>();
  const sources = new Numbering<string>();
  const commands = new Numbering<string>();
  const replace = (key: string, value: unknown): unknown => {
    // Sound: in entries and commands, these names are of these types alone.
    switch (key) {
      case "buffer":
        return buffers.of(value as BufferFacts);
      case "pipeline":
        return typeof value === "string" ? value : pipelines.of(value as PipelineFacts);
      case "device":
        return devices.of(value as DeviceFacts);
      case "commands":
        return (value as Command[]).map((command) => commands.of(JSON.stringify(command, replace)));
      case "data":
        return value instanceof Uint8Array ? base64Of(value) : undefined;
      default:
        return value;
    }
  };
  const written = {
    entries: JSON.stringify(entries, replace),
    commands: [...commands.seen.keys()],
    buffers: [...buffers.seen.keys()].map(({ object: _, device, ...buffer }) => ({
      ...{ ...buffer, device: devices.of(device) },
    })),
    pipelines: [...pipelines.seen.keys()].map(({ source, ...pipeline }) => ({
      ...{ ...pipeline, source: sources.of(source) },
    })),
    sources: [...sources.seen.keys()],
    devices: [...devices.seen.keys()],
  } satisfies Written;
  return JSON.stringify(written);
}

/**
 * Reads entries.
 *
 * @param firstBuffer the number of the first buffer, where entries of several programs come together.
 */
export function readEntries(text: string, firstBuffer = 0): Entry[] {
  // Sound: `writeEntries` wrote the text, and all that is read below.
  const written = JSON.parse(text) as Written;
  const { devices, sources } = written;
  const revive = (tables: Readonly<Record<string, readonly unknown[]>>) => {
    return (key: string, value: unknown): unknown => {
      if (key === "data") return bytesOf(String(value));
      const isReference = typeof value === "number" && key in tables;
      return isReference ? tables[key]?.[value] : value;
    };
  };
  const tables = {
    buffer: written.buffers.map((buffer) => {
      const { id, device, ...facts } = buffer as BufferFacts & { readonly device: number };
      return { ...facts, id: id + firstBuffer, device: devices[device], object: {} };
    }),
    pipeline: written.pipelines.map((pipeline) => {
      const { source, ...facts } = pipeline as { readonly source: number };
      return { ...facts, source: sources[source] ?? "" };
    }),
    device: devices,
  };
  const commands: unknown[] = written.commands.map((each) => JSON.parse(each, revive(tables)));
  const entries = JSON.parse(written.entries, (key, value: unknown) =>
    key === "commands" && Array.isArray(value)
      ? value.map((number) => commands[number])
      : revive(tables)(key, value),
  );
  return entries as Entry[];
}

/** `String.fromCharCode` takes so many at once. */
const CHUNK = 2 ** 13;

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(text);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
