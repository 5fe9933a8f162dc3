import { expect } from "chai";
import { ShaderProblem } from "../wgsl/problem.ts";
import type { Command } from "./command.ts";
import { DeviceMemory } from "./device-memory.ts";

const words = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer);
const valuesOf = (bytes: Uint8Array) => [...new Int32Array(bytes.slice().buffer)];

/** A shader that writes to its first buffer, of the rest. */
function shader(body: string, invocations = 4): string {
  return `
@group(0) @binding(0) var<storage, read_write> y : array<i32>;
@group(0) @binding(1) var<storage, read> x : array<i32>;
@compute @workgroup_size(${invocations}) fn main(@builtin(global_invocation_id) id : vec3u) {
  let i = id.x;
  ${body}
}`;
}

function dispatch(source: string, to: object, from: object, bytes = 16): Command {
  const bindings = [to, from].map((buffer, binding) => ({
    ...{ group: 0, binding, buffer, offset: 0, bytes },
  }));
  return { kind: "dispatch", launch: { source, workgroups: [1, 1, 1], bindings } };
}

/** A memory with buffers of four words. */
function memoryOf(count: number, limit?: number) {
  const memory = new DeviceMemory(limit === undefined ? {} : { limit });
  const buffers = Array.from({ length: count }, () => ({}));
  for (const [i, buffer] of buffers.entries()) memory.create(buffer, 16, words(i, i, i, i));
  const [a = {}, b = {}, c = {}] = buffers;
  return { memory, a, b, c, valuesIn: (buffer: object) => valuesOf(memory.read(buffer, 0, 16)) };
}

const ADD = shader("y[i] += x[i] + 1;");
const BAD = shader("y[i] = 1.5;");
const ENDLESS = shader("loop { y[i] += 1; }");

describe("DeviceMemory", () => {
  it("has zeros at first, or what is given", () => {
    const memory = new DeviceMemory();
    const [zeros, given] = [{}, {}];
    memory.create(zeros, 10);
    memory.create(given, 8, words(5, 6));
    expect(valuesOf(memory.read(zeros, 4, 4))).to.deep.equal([0]);
    expect(valuesOf(memory.read(given, 4, 4))).to.deep.equal([6]);
  });

  it("gives and takes copies", () => {
    const { memory, a, valuesIn } = memoryOf(1);
    const bytes = words(7, 8);
    memory.submit([{ kind: "write", buffer: a, offset: 4, bytes }]);
    bytes.fill(0);
    memory.read(a, 0, 16).fill(9);
    expect(valuesIn(a)).to.deep.equal([0, 7, 8, 0]);
  });

  it("runs what a read depends on, and nothing else", () => {
    const { memory, a, b, c, valuesIn } = memoryOf(3);
    memory.submit([dispatch(ADD, b, c), dispatch(BAD, c, a), dispatch(ADD, a, b)]);
    expect(valuesIn(a)).to.deep.equal([5, 5, 5, 5]);
    expect(() => memory.read(c, 0, 16)).to.throw(
      ShaderProblem,
      "line 6: a float literal is assigned to i32",
    );
    expect(valuesIn(b)).to.deep.equal([4, 4, 4, 4]);
  });

  it("runs what reads a buffer before it is overwritten", () => {
    const { memory, a, b, c, valuesIn } = memoryOf(3);
    memory.submit([
      dispatch(ADD, c, b),
      { kind: "write", buffer: b, offset: 0, bytes: words(50, 50, 50, 50) },
      { kind: "copy", from: b, fromOffset: 0, to: a, toOffset: 8, bytes: 8 },
    ]);
    expect(valuesIn(a)).to.deep.equal([0, 0, 50, 50]);
    expect(valuesIn(c)).to.deep.equal([4, 4, 4, 4]);
  });

  it("keeps what was destroyed until nothing submitted before needs it", () => {
    const { memory, a, b, valuesIn } = memoryOf(3);
    memory.submit([dispatch(ADD, a, b)]);
    memory.destroy(b);
    expect(valuesIn(a)).to.deep.equal([2, 2, 2, 2]);
    expect(() => memory.read(b, 0, 4)).to.throw("a buffer is used that was not created");
  });

  it("forgets commands of which nothing can be read", () => {
    const { memory, a, valuesIn } = memoryOf(1);
    for (let i = 0; i < 10_000; i++) {
      const passing = {};
      memory.create(passing, 16);
      memory.submit([dispatch(BAD, passing, a)]);
      memory.destroy(passing);
    }
    memory.submit([{ kind: "clear", buffer: a, offset: 0, bytes: 4 }]);
    expect(valuesIn(a)).to.deep.equal([0, 0, 0, 0]);
  });

  it("ends shaders that take too many steps, and says what to do", () => {
    const { memory, a, b, c, valuesIn } = memoryOf(3, 1_000_000);
    memory.submit([dispatch(ADD, c, b), dispatch(ENDLESS, a, b)]);
    expect(valuesIn(c)).to.deep.equal([4, 4, 4, 4]);
    const stopped = `computing it takes more than 1,000,000 steps of shaders; use { device: "software" }`;
    expect(() => memory.read(a, 0, 16)).to.throw(ShaderProblem, stopped);
    memory.submit([dispatch(ADD, c, b)]);
    expect(() => memory.read(c, 0, 16)).to.throw(ShaderProblem, stopped);
    expect(valuesIn(b)).to.deep.equal([1, 1, 1, 1]);
  });

  it("ends endless loops with barriers too", () => {
    const source = `
      var<workgroup> tile : array<i32, 4>;
      ${shader("loop { tile[i] += 1; workgroupBarrier(); y[i] = tile[3 - i]; }")}`;
    const { memory, a, b } = memoryOf(2, 100_000);
    memory.submit([dispatch(source, a, b)]);
    expect(() => memory.read(a, 0, 16)).to.throw(ShaderProblem, "more than 100,000 steps");
  });

  it("makes no room before something is read, and says where there is none", () => {
    const { memory, a, b, valuesIn } = memoryOf(2);
    const large = {};
    // No array can be so long. Before V8 refuses one that can, it collects garbage eight times.
    memory.create(large, 1e16);
    memory.submit([
      { kind: "copy", from: a, fromOffset: 0, to: large, toOffset: 1e11, bytes: 16 },
      dispatch(ADD, a, b),
    ]);
    expect(() => memory.read(large, 1e11, 4)).to.throw(
      ShaderProblem,
      "a buffer of 10,000,000,000,000,000 bytes has no room in memory",
    );
    expect(valuesIn(a)).to.deep.equal([2, 2, 2, 2]);
  });

  it("refuses ranges as WebGPU does, and then keeps none of the commands", () => {
    const { memory, a, b, valuesIn } = memoryOf(2);
    const clear: Command = { kind: "clear", buffer: a, offset: 0, bytes: 16 };
    const refused: readonly [Command, string][] = [
      [
        { kind: "copy", from: a, fromOffset: 2, to: b, toOffset: 0, bytes: 4 },
        "a copy of 4 bytes from byte 2 on is refused: both must be multiples of 4",
      ],
      [
        { kind: "write", buffer: a, offset: 4, bytes: new Uint8Array(3) },
        "a write of 3 bytes from byte 4 on is refused: both must be multiples of 4",
      ],
      [
        { kind: "clear", buffer: a, offset: 8, bytes: 12 },
        "a clear of 12 bytes from byte 8 on is refused: the buffer has 16",
      ],
      [
        { kind: "copy", from: a, fromOffset: 0, to: a, toOffset: 8, bytes: 8 },
        "a copy from a buffer to itself is refused",
      ],
      [dispatch(ADD, a, b, 32), "a dispatch of 32 bytes from byte 0 on is refused"],
      [dispatch(ADD, a, {}), "a buffer is used that was not created"],
    ];
    for (const [command, reason] of refused) {
      expect(() => memory.submit([clear, command]), reason).to.throw(RangeError, reason);
    }
    expect(() => memory.read(b, 0, 5)).to.throw(RangeError, "a read of 5 bytes from byte 0 on");
    expect(valuesIn(a)).to.deep.equal([0, 0, 0, 0]);
    expect(valuesIn(b)).to.deep.equal([1, 1, 1, 1]);
  });

  it("multiplies matrices of 256 by 256 in a second", () => {
    const memory = new DeviceMemory();
    const [y, x] = [{}, {}];
    const bytes = 4 * 256 * 256;
    memory.create(y, bytes);
    memory.create(
      x,
      bytes,
      new Uint8Array(Int32Array.from({ length: 65_536 }, (_, i) => i % 7).buffer),
    );
    const source = shader(
      `var sum = 0;
      for (var k = 0u; k < 256u; k++) { sum += x[i / 256u * 256u + k] * x[k * 256u + i % 256u]; }
      y[i] = sum;`,
      64,
    );
    const command = dispatch(source, y, x, bytes);
    if (command.kind !== "dispatch") throw new Error("no dispatch");
    memory.submit([{ ...command, launch: { ...command.launch, workgroups: [1024, 1, 1] } }]);
    const started = Date.now();
    const [value] = valuesOf(memory.read(y, 4 * (3 * 256 + 5), 4));
    expect(Date.now() - started).to.be.lessThan(5000);
    let expected = 0;
    for (let k = 0; k < 256; k++) expected += ((3 * 256 + k) % 7) * ((k * 256 + 5) % 7);
    expect(value).to.equal(expected);
  });
});
