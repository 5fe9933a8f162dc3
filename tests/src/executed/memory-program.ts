import { type Command, DeviceMemory, type ShaderLaunch } from "@opcounter/executed";
import { expect } from "chai";
import { SoftwareMemory } from "./software-memory.ts";

/** Both memories, as programs use them. */
interface AnyMemory {
  create(buffer: object, bytes: number, contents?: Uint8Array): void;
  destroy(buffer: object): void;
  submit(commands: readonly Command[]): void;
  read(buffer: object, offset: number, bytes: number): Uint8Array | Promise<Uint8Array>;
}

type Words = Float32Array | Int32Array | Uint32Array;

/** A buffer of a program, with what it holds at first: words, or so many zeros. */
export class Buffer {
  readonly bytes: number;

  /** @param words zeros of integers where it is a number. */
  constructor(readonly words: Words | number) {
    this.bytes = 4 * (typeof words === "number" ? words : words.length);
  }

  get contents(): Uint8Array | undefined {
    return typeof this.words === "number" ? undefined : new Uint8Array(this.words.buffer);
  }
}

export function dispatch(
  source: string,
  buffers: readonly Buffer[],
  workgroups: ShaderLaunch["workgroups"] = [1, 1, 1],
  more: Partial<ShaderLaunch> = {},
): Command {
  const bindings = buffers.map((buffer, binding) => ({
    ...{ group: 0, binding, buffer, offset: 0, bytes: buffer.bytes },
  }));
  return { kind: "dispatch", launch: { source, workgroups, bindings, ...more } };
}

/** What a program submits, and the buffers that are compared when it has run. */
export interface MemoryProgram {
  readonly buffers: readonly Buffer[];
  readonly commands: readonly Command[];
}

/** Integers exactly; floats nearly, as WGSL lets devices divide and fuse as they like. */
function expectSame(
  actual: Uint8Array | undefined,
  expected: Uint8Array | undefined,
  isFloat: boolean,
  what: string,
): void {
  const wordsOf = (bytes: Uint8Array = new Uint8Array()) =>
    new (isFloat ? Float32Array : Int32Array)(bytes.slice().buffer);
  const [got, wanted] = [[...wordsOf(actual)], [...wordsOf(expected)]];
  const near = got.map((value, i) => {
    const other = wanted[i] ?? Number.NaN;
    return isFloat && Math.abs(value - other) <= 1e-6 * Math.max(1, Math.abs(other))
      ? other
      : value;
  });
  expect(near, what).to.deep.equal(wanted);
}

/** What a program leaves in its buffers. */
async function contentsAfter(memory: AnyMemory, { buffers, commands }: MemoryProgram) {
  for (const buffer of buffers) memory.create(buffer, buffer.bytes, buffer.contents);
  memory.submit(commands);
  const contents: Uint8Array[] = [];
  for (const buffer of buffers) contents.push(await memory.read(buffer, 0, buffer.bytes));
  return contents;
}

/** Runs a program through `DeviceMemory` and on a device, and compares what it leaves. */
export async function expectAsOnDevice(device: GPUDevice, program: MemoryProgram): Promise<void> {
  device.pushErrorScope("validation");
  const expected = await contentsAfter(new SoftwareMemory(device), program);
  expect((await device.popErrorScope())?.message ?? "valid").to.equal("valid");
  const computed = await contentsAfter(new DeviceMemory(), program);
  for (const [i, { words }] of program.buffers.entries()) {
    expectSame(computed[i], expected[i], words instanceof Float32Array, `buffer ${i}`);
  }
}
