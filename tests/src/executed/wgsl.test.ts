import {
  countDispatch,
  DeviceMemory,
  readShader,
  WORK_KINDS,
  type Work,
  WorkgroupRunner,
} from "@opcounter/executed";
import { openDevice } from "@opcounter/tracer";
import { expect } from "chai";
import { boundTo, expectSameAsReference } from "./same-as-reference.ts";
import { INVOCATIONS, PROGRAMS, type WgslProgram } from "./wgsl-programs.ts";

const WORKGROUPS = [2, 1, 1] as const;
const FLOATS = Array.from({ length: INVOCATIONS }, (_, i) => ((i * 7) % 17) / 4 - 1.1);
const INTEGERS = Array.from({ length: INVOCATIONS }, (_, i) => ((i * 5) % 13) - 4);

function sourceOf({ module = "", body }: WgslProgram): string {
  return `${module}
@group(0) @binding(0) var<storage, read_write> f : array<f32>;
@group(0) @binding(1) var<storage, read_write> r : array<i32>;
@group(0) @binding(2) var<storage, read> x : array<f32>;
@group(0) @binding(3) var<storage, read> n : array<i32>;
@compute @workgroup_size(${INVOCATIONS} / 2)
fn main(@builtin(global_invocation_id) id : vec3u, @builtin(local_invocation_index) local : u32) {
  let i = i32(id.x);
  _ = local;
  ${body}
}`;
}

/** The buffers by binding, before a program runs. */
function buffers(): Map<number, ArrayBuffer> {
  return new Map([
    [0, new ArrayBuffer(4 * INVOCATIONS)],
    [1, new ArrayBuffer(4 * INVOCATIONS)],
    [2, Float32Array.from(FLOATS).buffer],
    [3, Int32Array.from(INTEGERS).buffer],
  ]);
}

/** What a device stores in the first two buffers. */
async function storedBy(device: GPUDevice, source: string): Promise<ArrayBuffer[]> {
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code: source });
  const layout = device.createBindGroupLayout({
    entries: [0, 1, 2, 3].map((binding) => ({
      ...{ binding, visibility: GPUShaderStage.COMPUTE },
      buffer: { type: binding < 2 ? "storage" : "read-only-storage" },
    })),
  });
  const pipeline = device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: "main" },
  });
  const given = [...buffers()].map(([binding, bytes]) => {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer({ size: bytes.byteLength, usage });
    device.queue.writeBuffer(buffer, 0, bytes);
    return { binding, resource: { buffer } };
  });
  const group = device.createBindGroup({ layout, entries: given });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(...WORKGROUPS);
  pass.end();
  const reads = given.slice(0, 2).map(({ resource: { buffer } }) => {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const read = device.createBuffer({ size: buffer.size, usage });
    encoder.copyBufferToBuffer(buffer, 0, read, 0, buffer.size);
    return read;
  });
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error !== null) throw new Error(error.message);
  return Promise.all(
    reads.map(async (read) => {
      await read.mapAsync(GPUMapMode.READ);
      return read.getMappedRange().slice(0);
    }),
  );
}

/** What DeviceMemory has in the first two buffers. */
function computed(source: string): ArrayBuffer[] {
  const memory = new DeviceMemory();
  const bindings = [...buffers()].map(([binding, contents]) => {
    const buffer = {};
    memory.create(buffer, contents.byteLength, new Uint8Array(contents));
    return { group: 0, binding, buffer, offset: 0, bytes: contents.byteLength };
  });
  memory.submit([{ kind: "dispatch", launch: { source, workgroups: WORKGROUPS, bindings } }]);
  return bindings.slice(0, 2).map(({ buffer, bytes }) => {
    return memory.read(buffer, 0, bytes).slice().buffer;
  });
}

describe("WGSL, feature by feature @linux", () => {
  let device: GPUDevice;
  before(async () => {
    const opened = await openDevice("software");
    device = opened.backend.device;
  });

  for (const [name, program] of Object.entries(PROGRAMS)) {
    const runs = program.notRun === undefined ? it : undefined;
    runs?.(`${name}: stores what SwiftShader stores`, async () => {
      const source = sourceOf(program);
      const [floats = new ArrayBuffer(0), integers = floats] = await storedBy(device, source);
      const contents = buffers();
      const launch = boundTo({ workgroups: WORKGROUPS, buffers: contents });
      const runner = new WorkgroupRunner(readShader(source), launch, true);
      for (const x of [0, 1]) {
        const at = [x, 0, 0] as const;
        runner.run({ low: at, high: at });
      }
      for (const bytes of [[...contents.values()], computed(source)]) {
        const stored = [...new Int32Array(bytes[1] ?? floats)];
        expect(stored).to.deep.equal([...new Int32Array(integers)]);
        const actual = [...new Float32Array(bytes[0] ?? integers)];
        for (const [place, value] of [...new Float32Array(floats)].entries()) {
          const near = 1e-4 * Math.max(1, Math.abs(value));
          expect(actual[place], `f[${place}]`).to.be.closeTo(value, near);
        }
      }
    });

    const hasReference = program.notRun === undefined && !program.hasNoReference;
    const compared = hasReference ? it : undefined;
    compared?.(`${name}: the reference interpreter stores and counts the same`, () => {
      expectSameAsReference(sourceOf(program), { workgroups: WORKGROUPS, buffers: buffers() });
    });

    it(`${name}: counts what is counted by hand`, () => {
      const launch = { workgroups: WORKGROUPS, uniforms: [] };
      const { work, atMost } = countDispatch(readShader(sourceOf(program)), launch);
      expect(perInvocation(work)).to.deep.equal({ stores: 1, storeBytes: 4, ...program.work });
      if (program.atMost === undefined) expect(atMost).to.equal(undefined);
      else expect(perInvocation(atMost ?? work)).to.include(program.atMost);
    });
  }
});

/** The work that is not 0, of one invocation on average. */
function perInvocation(work: Readonly<Work>): Partial<Work> {
  const present = WORK_KINDS.filter((kind) => work[kind] !== 0);
  return Object.fromEntries(present.map((kind) => [kind, work[kind] / INVOCATIONS]));
}
