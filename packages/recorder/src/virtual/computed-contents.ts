import { DeviceMemory, type Command as MemoryCommand } from "@opcounter/executed";
import type { BufferRange, Command, Entry } from "../commands.ts";
import { isIndirect, launchOf, workgroupsIn } from "../graph/launch.ts";
import type { Contents } from "./virtual-buffer.ts";

/**
 * What the buffers of virtual devices hold, computed by the interpreter of shaders when a program maps
 * one to read it.
 */
export class ComputedContents implements Contents {
  readonly #memory = new DeviceMemory();
  /** Why something could not be computed, each once. */
  readonly problems = new Set<string>();
  #reads = 0;
  #milliseconds = 0;

  /** How often contents were computed, and how long that took. */
  get work(): { readonly reads: number; readonly milliseconds: number } {
    return { reads: this.#reads, milliseconds: this.#milliseconds };
  }

  /** Hears what the program does. */
  entry(entry: Entry): void {
    switch (entry.kind) {
      case "create":
        this.#memory.create(entry.buffer.object, entry.buffer.size);
        break;
      case "destroy":
        this.#memory.destroy(entry.buffer.object);
        break;
      case "write": {
        const { to, data } = entry;
        const written = data === undefined ? unknown(to, TOO_LONG) : write(to, data);
        this.#submit([written]);
        break;
      }
      case "read":
        this.#reads++;
        break;
      case "submit":
        // One by one: a command that is refused must not keep the others away.
        for (const command of entry.commands) this.#submit(this.#commandsOf(command));
    }
  }

  read(buffer: object, offset: number, bytes: number): Uint8Array {
    const began = performance.now();
    try {
      return this.#memory.read(buffer, offset, bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const sentence = `The virtual device cannot tell what this buffer holds: ${reason}.`;
      this.problems.add(sentence);
      throw new Error(sentence);
    } finally {
      this.#milliseconds += performance.now() - began;
    }
  }

  #submit(commands: readonly MemoryCommand[]): void {
    try {
      this.#memory.submit(commands);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.problems.add(`A device refuses a command: ${error.message}.`);
    }
  }

  #commandsOf(command: Command): readonly MemoryCommand[] {
    switch (command.kind) {
      case "dispatch": {
        const { pipeline, bindings, workgroups } = command;
        const known = isIndirect(workgroups) ? this.#workgroupsIn(workgroups) : workgroups;
        if (known === undefined) return bindings.map((range) => unknown(range, NO_WORKGROUPS));
        return [{ kind: "dispatch", launch: launchOf(pipeline, bindings, known) }];
      }
      case "copy": {
        const { from, to } = command;
        return [
          {
            ...{ kind: "copy", from: from.buffer.object, fromOffset: from.offset },
            ...{ to: to.buffer.object, toOffset: to.offset, bytes: from.bytes },
          },
        ];
      }
      case "clear": {
        const { buffer, offset, bytes } = command.to;
        return [{ kind: "clear", buffer: buffer.object, offset, bytes }];
      }
      case "other":
        return command.writes.map((range) => unknown(range, `${command.name} wrote it`));
    }
  }

  #workgroupsIn({ buffer, offset, bytes }: BufferRange) {
    try {
      return workgroupsIn(this.#memory.read(buffer.object, offset, bytes));
    } catch {
      return undefined;
    }
  }
}

const TOO_LONG = "it was written with more bytes than are kept";
const NO_WORKGROUPS = "an indirect dispatch wrote it, whose workgroups are not known";

function write({ buffer, offset }: BufferRange, bytes: Uint8Array): MemoryCommand {
  return { kind: "write", buffer: buffer.object, offset, bytes };
}

function unknown({ buffer, offset, bytes }: BufferRange, reason: string): MemoryCommand {
  return { kind: "unknown", buffer: buffer.object, offset, bytes, reason };
}
