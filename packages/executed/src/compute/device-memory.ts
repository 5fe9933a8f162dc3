import { Words } from "../run/memories.ts";
import { ShaderProblem } from "../wgsl/problem.ts";
import { type Command, type Effects, effectsOf, type Range, rangesOf } from "./command.ts";
import { kernelOf } from "./kernel.ts";
import { bindingOf, programOf, type ShaderLaunch } from "./launch.ts";

/**
 * The steps that reads may take by default, which is up to 10 s: a step is an operation or an access
 * of one invocation.
 */
const DEFAULT_LIMIT = 4_000_000_000;

/** More pending commands than a program has that reads now and then. */
const MAX_PENDING = 4096;

interface Pending extends Effects {
  readonly command: Command;
  isDone: boolean;
}

/** The contents of a buffer: made when they are first touched. */
class Contents {
  #made: ArrayBuffer | undefined;

  constructor(
    readonly size: number,
    given: Uint8Array | undefined,
  ) {
    if (given !== undefined) this.bytes(0, size).set(given.subarray(0, size));
  }

  /** With room for whole words. */
  get buffer(): ArrayBuffer {
    this.#made ??= zeros(Math.ceil(this.size / 4) * 4);
    return this.#made;
  }

  bytes(offset: number, size: number): Uint8Array {
    return new Uint8Array(this.buffer, offset, size);
  }
}

function zeros(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch {
    const what = `a buffer of ${bytes.toLocaleString("en")} bytes has no room in memory`;
    throw new ShaderProblem("unsupported", 0, what);
  }
}

/**
 * Contents of a device's buffers, computed when they are asked for: a read runs the commands that it
 * depends on, in order, and each shader's invocations one after another. An index outside an array
 * is that of its last element, as Dawn makes it.
 */
export class DeviceMemory {
  readonly #limit: number;
  readonly #buffers = new Map<object, Contents>();
  readonly #destroyed = new Set<object>();
  #pending: Pending[] = [];
  #mostPending = MAX_PENDING;
  #steps = 0;

  /** @param options `limit`: the steps of invocations that reads may take, in all. */
  constructor({ limit = DEFAULT_LIMIT }: { limit?: number } = {}) {
    this.#limit = limit;
  }

  /**
   * Knows a buffer from now on.
   *
   * @param buffer any object that stands for it.
   * @param contents what it holds at first, which is copied; zeros by default, as in WebGPU.
   */
  create(buffer: object, bytes: number, contents?: Uint8Array): void {
    this.#buffers.set(buffer, new Contents(bytes, contents));
  }

  /** Forgets a buffer, when the commands that were submitted before need it no more. */
  destroy(buffer: object): void {
    this.#destroyed.add(buffer);
    if (this.#pending.length === 0) this.#forget();
  }

  /**
   * Keeps commands to be run when something is read that depends on them.
   *
   * @throws RangeError where one has a range that WebGPU refuses; then none is kept.
   */
  submit(commands: readonly Command[]): void {
    for (const command of commands) {
      for (const range of rangesOf(command)) this.#check(range, command.kind);
      if (command.kind === "copy" && command.from === command.to) {
        throw new RangeError("a copy from a buffer to itself is refused");
      }
    }
    for (const command of commands) {
      const kept =
        command.kind === "write" ? { ...command, bytes: command.bytes.slice() } : command;
      this.#pending.push({ command: kept, ...effectsOf(kept), isDone: false });
    }
    if (this.#pending.length > this.#mostPending) this.#forget();
  }

  /**
   * The contents of a part of a buffer, after all that was submitted.
   *
   * @throws ShaderProblem where a shader cannot run, or the limit is reached.
   * @throws RangeError where WebGPU refuses the range.
   */
  read(buffer: object, offset: number, bytes: number): Uint8Array {
    const contents = this.#check({ buffer, offset, bytes }, "read");
    try {
      for (const { pending, decides } of this.#neededFor(buffer))
        this.#runPending(pending, decides);
    } finally {
      this.#pending = this.#pending.filter(({ isDone }) => !isDone);
      if (this.#pending.length === 0) this.#forget();
    }
    return contents.bytes(offset, bytes).slice();
  }

  /**
   * The pending commands that have to be run before a buffer is read, in order: those that decide
   * what it holds, and those that would find changed what they read or write if they ran later.
   */
  #neededFor(buffer: object): { pending: Pending; decides: boolean }[] {
    const decisive = new Set([buffer]);
    const read = new Set<object>();
    const written = new Set<object>();
    const needed = this.#pending.toReversed().flatMap((pending) => {
      const { reads, writes } = pending;
      const decides = writes.some((each) => decisive.has(each));
      const isChanged =
        reads.some((each) => written.has(each)) ||
        writes.some((each) => written.has(each) || read.has(each));
      if (!decides && !isChanged) return [];
      for (const each of reads) (decides ? decisive : read).add(each);
      for (const each of writes) written.add(each);
      return [{ pending, decides }];
    });
    return needed.reverse();
  }

  /** A command that cannot run stays for those that read what it decides, who are told why. */
  #runPending(pending: Pending, decides: boolean): void {
    try {
      this.#run(pending.command);
      pending.isDone = true;
    } catch (error) {
      if (decides || !(error instanceof ShaderProblem)) throw error;
    }
  }

  /** Forgets destroyed buffers, and the commands that nothing can be read of. */
  #forget(): void {
    const needed = new Set([...this.#buffers.keys()].filter((each) => !this.#destroyed.has(each)));
    const kept = this.#pending.toReversed().filter(({ reads, writes }) => {
      const isNeeded = writes.some((each) => needed.has(each));
      if (isNeeded) for (const each of reads) needed.add(each);
      return isNeeded;
    });
    this.#pending = kept.reverse();
    this.#mostPending = Math.max(MAX_PENDING, 2 * this.#pending.length);
    const used = new Set(this.#pending.flatMap(({ reads, writes }) => [...reads, ...writes]));
    for (const buffer of this.#destroyed) {
      if (used.has(buffer)) continue;
      this.#buffers.delete(buffer);
      this.#destroyed.delete(buffer);
    }
  }

  #run(command: Command): void {
    switch (command.kind) {
      case "write": {
        const { buffer, offset, bytes } = command;
        this.#contents(buffer).bytes(offset, bytes.byteLength).set(bytes);
        return;
      }
      case "copy": {
        const { from, fromOffset, to, toOffset, bytes } = command;
        const source = this.#contents(from).bytes(fromOffset, bytes);
        this.#contents(to).bytes(toOffset, bytes).set(source);
        return;
      }
      case "clear":
        this.#contents(command.buffer).bytes(command.offset, command.bytes).fill(0);
        return;
      case "dispatch":
        this.#dispatch(command.launch);
        return;
      case "unknown":
        throw new ShaderProblem("unsupported", 0, command.reason);
    }
  }

  #dispatch(launch: ShaderLaunch): void {
    const program = programOf(launch);
    const memories = program.memories.map((memory) => {
      if (memory.space === "workgroup") return new Words(new ArrayBuffer(4 * memory.words));
      const { buffer, offset, bytes } = bindingOf(launch, memory);
      return new Words(this.#contents(buffer).buffer, offset, bytes);
    });
    const lengths = program.lengths.map(({ memory, start, stride }) => {
      const { bytes } = bindingOf(launch, memory);
      return Math.floor((bytes / 4 - start) / stride);
    });
    const kernel = kernelOf(program);
    const left = this.#limit - this.#steps;
    // A kernel that stops has used up what was left.
    this.#steps = this.#limit;
    this.#steps -= left - kernel(memories, lengths, launch.workgroups, left, () => this.#stop());
  }

  #stop(): never {
    const most = this.#limit.toLocaleString("en");
    const what = `computing it takes more than ${most} steps of shaders`;
    throw new ShaderProblem("unsupported", 0, `${what}; use { device: "software" }`);
  }

  #contents(buffer: object): Contents {
    const contents = this.#buffers.get(buffer);
    if (contents === undefined) throw new RangeError("a buffer is used that was not created");
    return contents;
  }

  #check({ buffer, offset, bytes }: Range, what: string): Contents {
    const contents = this.#contents(buffer);
    if (offset % 4 !== 0 || bytes % 4 !== 0) {
      const range = `a ${what} of ${bytes} bytes from byte ${offset} on`;
      throw new RangeError(`${range} is refused: both must be multiples of 4`);
    }
    if (offset < 0 || bytes < 0 || offset + bytes > contents.size) {
      const range = `a ${what} of ${bytes} bytes from byte ${offset} on`;
      throw new RangeError(`${range} is refused: the buffer has ${contents.size}`);
    }
    return contents;
  }
}
