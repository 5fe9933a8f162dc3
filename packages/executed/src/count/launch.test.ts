import { expect } from "chai";
import type { ShaderLaunch } from "../compute/launch.ts";
import { isProblem } from "./counted.ts";
import type { DispatchWork } from "./dispatch.ts";
import { countLaunch } from "./launch.ts";

/** Bytes of words, which are floats where they are not all integers. */
function bytesOf(words: readonly number[]): Uint8Array {
  const isInteger = words.every(Number.isInteger);
  return new Uint8Array((isInteger ? Int32Array : Float32Array).from(words).buffer);
}

/** A launch of a shader whose bindings have these contents, by `group.binding`. */
function launchOf(
  source: string,
  contents: Readonly<Record<string, readonly number[] | number>>,
  more: Partial<ShaderLaunch> = {},
) {
  const known = new Map<object, Uint8Array>();
  const bindings = Object.entries(contents).map(([place, words]) => {
    const [group = 0, binding = 0] = place.split(".").map(Number);
    const buffer = {};
    if (typeof words !== "number") known.set(buffer, bytesOf(words));
    const bytes = 4 * (typeof words === "number" ? words : words.length);
    return { group, binding, buffer, offset: 0, bytes };
  });
  const launch: ShaderLaunch = { source, workgroups: [1, 1, 1], bindings, ...more };
  return { launch, contentOf: ({ buffer }: { buffer: object }) => known.get(buffer) };
}

function counted(...args: Parameters<typeof launchOf>): DispatchWork {
  const { launch, contentOf } = launchOf(...args);
  const work = countLaunch(launch, contentOf);
  if (isProblem(work)) throw new Error(work.reason);
  return work;
}

const ROWS = `
@group(0) @binding(0) var<storage, read> starts : array<u32>;
@group(0) @binding(1) var<storage, read> values : array<f32>;
@group(1) @binding(0) var<storage, read_write> sums : array<f32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id : vec3u) {
  if (id.x >= arrayLength(&sums)) { return; }
  var sum = 0.0;
  for (var k = starts[id.x]; k < starts[id.x + 1]; k++) { sum += values[k]; }
  sums[id.x] = sum;
}`;

describe("countLaunch", () => {
  const starts = [0, 3, 3, 10, 11, 17, 20];

  it("counts by what storage buffers hold, where the shader leaves them", () => {
    const asked: number[] = [];
    const contents = { "0.0": starts, "0.1": 20, "1.0": 6 };
    const { launch, contentOf } = launchOf(ROWS, contents, { workgroups: [2, 1, 1] });
    const work = countLaunch(launch, (binding) => {
      asked.push(binding.binding);
      return contentOf(binding);
    });
    expect(work).to.deep.include({ idleInvocations: 2, invocations: 8 });
    expect(work).to.have.nested.property("work.additions", 20);
    expect(work).to.not.have.property("atMost");
    // The values decide nothing.
    expect(asked).to.deep.equal([0]);
  });

  it("gives bounds where contents decide that are not known, or that the shader writes", () => {
    const unknown = counted(ROWS, { "0.0": 7, "0.1": 20, "1.0": 6 });
    expect(unknown.work).to.include({ additions: 0, stores: 4 });
    expect(unknown.atMost?.additions).to.equal(Number.POSITIVE_INFINITY);
    const writing = `@group(0) @binding(0) var<storage, read_write> x : array<i32>;
      @compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i : u32) {
        if (x[i] > 0) { x[i] = 0; }
      }`;
    const work = counted(writing, { "0.0": [1, 1, 0, 1] });
    expect([work.work.stores, work.atMost?.stores]).to.deep.equal([0, 4]);
  });

  it("reads uniform buffers of any layout, of several groups", () => {
    const source = `
      struct Layer { @align(16) rounds : u32, scale : vec3f, on : i32, @size(20) rest : u32, last : u32 }
      @group(0) @binding(3) var<uniform> layers : array<Layer, 2>;
      @group(2) @binding(1) var<uniform> chosen : vec2u;
      @group(1) @binding(0) var<storage, read_write> y : array<f32>;
      @compute @workgroup_size(1) fn main() {
        for (var k = 0u; k < layers[chosen.y].rounds; k++) { y[k] = sqrt(y[k]); }
        for (var k = 0u; k < layers[0].last; k++) { y[k] = exp(y[k]) + 1.0; }
      }`;
    // A layer has 16 words: rounds is word 0, scale 4 to 6, on 7, rest 8, last 13.
    const layer = (rounds: number, last: number) =>
      Array.from({ length: 16 }, (_, word) => (word === 0 ? rounds : word === 13 ? last : 99));
    const { work } = counted(source, {
      "0.3": [...layer(5, 3), ...layer(7, 1)],
      ...{ "2.1": [0, 1], "1.0": 64 },
    });
    expect(work).to.include({ transcendentals: 10, additions: 3 });
  });

  it("chooses entry points, and takes constants by name or number", () => {
    const source = `
      override size : u32 = 4; // override size : u32 = 5;
      @id(7) override factor : f32;
      override half = size / 2u;
      var<workgroup> tile : array<f32, size>;
      @group(0) @binding(0) var<storage, read_write> y : array<f32>;
      @compute @workgroup_size(size) fn one(@builtin(local_invocation_index) i : u32) {
        tile[i] = factor * y[i];
        for (var k = 0u; k < half; k++) { y[i] = tile[k]; }
      }
      @compute @workgroup_size(half, 3) fn two() { y[0] = sqrt(y[0]); }`;
    const constants = { size: 8, 7: 0.5 };
    const one = counted(source, { "0.0": 8 }, { entryPoint: "one", constants });
    expect(one).to.deep.include({ invocations: 8 });
    expect(one.work).to.include({ multiplications: 8, stores: 32, sharedLoadBytes: 128 });
    const two = counted(source, { "0.0": 8 }, { entryPoint: "two", constants: { 7: 1 } });
    expect(two).to.deep.include({ invocations: 6 });
    expect(two.work).to.include({ transcendentals: 6 });
    const problem = (more: Partial<ShaderLaunch>) => {
      const { launch, contentOf } = launchOf(source, { "0.0": 8 }, more);
      return countLaunch(launch, contentOf);
    };
    const refused = (reason: string) => ({ kind: "refused", reason });
    expect(problem({ entryPoint: "three", constants })).to.deep.equal(
      refused('it has no @compute function "three"'),
    );
    expect(problem({ constants })).to.deep.equal(
      refused("its entry points are one, two, and none is named"),
    );
    expect(problem({ entryPoint: "one" })).to.deep.equal(
      refused('line 3: the pipeline gives "factor" no value'),
    );
    expect(problem({ entryPoint: "one", constants: { ...constants, factor: 1 } })).to.deep.equal(
      refused('it has no override "factor", which the pipeline gives'),
    );
  });

  it("says what is not bound", () => {
    const { launch, contentOf } = launchOf(ROWS, { "0.0": starts, "0.1": 20 });
    expect(countLaunch(launch, contentOf)).to.deep.equal({
      ...{ kind: "refused", reason: 'nothing is bound for "sums" (group 1, binding 0)' },
    });
  });

  it("counts once what the same contents decide", () => {
    const cache = new Map<string, DispatchWork>();
    const count = (words: readonly number[], values: readonly number[] = [1, 2]) => {
      const { launch, contentOf } = launchOf(ROWS, { "0.0": words, "0.1": values, "1.0": 4 });
      return countLaunch(launch, contentOf, cache);
    };
    const first = count([0, 1, 1, 2, 2]);
    expect(count([0, 1, 1, 2, 2], [3, 4])).to.equal(first);
    expect(count([0, 1, 1, 2, 3])).to.not.equal(first);
    expect(cache.size).to.equal(2);
  });

  it("gives bounds where contents part workgroups in too many ways", () => {
    const source = `
      @group(0) @binding(0) var<storage, read> x : array<i32>;
      @group(0) @binding(1) var<storage, read_write> y : array<i32>;
      @group(0) @binding(2) var<uniform> size : vec4u;
      @compute @workgroup_size(1) fn main(@builtin(workgroup_id) id : vec3u) {
        if (id.x < size.x && x[id.x] > 0) { y[id.x] = 1; }
      }`;
    const count = (workgroups: number, size: number) => {
      const x = Array.from({ length: workgroups }, (_, i) => i % 2);
      const contents = { "0.0": x, "0.1": workgroups, "0.2": [size, 0, 0, 0] };
      return counted(source, contents, { workgroups: [workgroups, 1, 1] });
    };
    const few = count(1000, 700);
    expect([few.work.stores, few.atMost]).to.deep.equal([350, undefined]);
    const many = count(60_000, 50_000);
    expect([many.work.stores, many.atMost?.stores]).to.deep.equal([0, 50_000]);
  }).timeout(20_000);
});
