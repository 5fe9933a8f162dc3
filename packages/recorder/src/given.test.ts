import { type Op, print, verify } from "@opcounter/ir";
import { expect } from "chai";
import { requestDevice, run, scaling } from "../testing/programs.ts";
import { record } from "./record.ts";

/** Stores 64 floats from an offset on, and loads none. */
const fill = (offset: number) => `
@group(0) @binding(0) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64)
fn fill(@builtin(global_invocation_id) id : vec3u) { y[id.x + ${offset}u] = f32(id.x) * 2.0; }`;

/** Dispatches a shader over one buffer. */
function dispatch(device: GPUDevice, code: string, buffer: GPUBuffer, workgroups: number[]): void {
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
  const layout = pipeline.getBindGroupLayout(0);
  const entries = [{ binding: 0, resource: { buffer } }];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  for (const each of workgroups) pass.dispatchWorkgroups(each);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

async function storageBuffer(size: number): Promise<[GPUDevice, GPUBuffer]> {
  const device = await requestDevice();
  const { STORAGE, COPY_DST, COPY_SRC } = GPUBufferUsage;
  return [device, device.createBuffer({ size, usage: STORAGE | COPY_DST | COPY_SRC })];
}

const workOf = ({ attrs }: Op) => attrs["multiplications"];

describe("what a program gives WebGPU", () => {
  for (const device of ["virtual", "software"] as const) {
    it(`is cut off to integers, as a device does: ${device} @linux`, async () => {
      const program = async () => {
        const [device, y] = await storageBuffer(512.5);
        dispatch(device, fill(0), y, [1.9]);
        const encoder = device.createCommandEncoder();
        encoder.clearBuffer(y, 0.5, 8.5);
        device.queue.submit([encoder.finish()]);
      };
      const { graph } = await record(program, { device });
      const [filled, cleared] = graph.ops;
      expect(filled?.dispatches[0]?.workgroups).to.deep.equal([1, 1, 1]);
      expect(filled?.attrs).to.include({ stores: 64, multiplications: 64 });
      expect(graph.values.map(({ shape }) => shape)).to.deep.equal([[128], [2]]);
      expect(cleared?.kernel).to.equal("webgpu.clearBuffer");
    });
  }

  for (const device of ["virtual", "software"] as const) {
    it(`is not run twice where it is a command buffer: ${device} @linux`, async () => {
      const program = async () => {
        const [device, y] = await storageBuffer(512);
        const encoder = device.createCommandEncoder();
        encoder.clearBuffer(y);
        const commands = encoder.finish();
        device.queue.submit([commands]);
        device.queue.submit([commands]);
        await device.queue.onSubmittedWorkDone();
      };
      const { graph } = await record(program, { device });
      expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["webgpu.clearBuffer"]);
      expect(print(graph)).to.match(
        /note "The device refused a command: .*(?:twice|more than once)/,
      );
    });
  }

  for (const device of ["virtual", "software"] as const) {
    it(`is refused where it is a dispatch without a pipeline: ${device} @linux`, async () => {
      const { graph } = await record(
        async () => {
          const [device] = await storageBuffer(512);
          const encoder = device.createCommandEncoder();
          const pass = encoder.beginComputePass();
          pass.dispatchWorkgroups(1);
          pass.end();
          device.queue.submit([encoder.finish()]);
          await device.queue.onSubmittedWorkDone();
        },
        { device },
      );
      expect(graph.ops).to.deep.equal([]);
      expect(print(graph)).to.match(/note "The device refused a command: .*pipeline/i);
    });
  }

  it("is refused where it is no count of workgroups", async () => {
    const { stopped } = await record(async () => {
      const [device, y] = await storageBuffer(512);
      run(scaling(device));
      dispatch(device, fill(0), y, [Number.NaN]);
    });
    expect(stopped?.message).to.include("NaN is no count of workgroups: it is an integer from 0");
  });

  it("is none where no workgroup runs: nothing is read or written", async () => {
    const { graph } = await record(async () => {
      const [device, y] = await storageBuffer(512);
      dispatch(device, fill(0), y, [0, 1]);
    });
    expect(verify(graph)).to.deep.equal([]);
    expect(graph.ops.map(workOf)).to.deep.equal([undefined, 64]);
    expect(graph.ops.map(({ results }) => results.length)).to.deep.equal([0, 1]);
  });

  it("is kept where a shader stores to a part of a buffer, and not read", async () => {
    const { graph } = await record(async () => {
      const [device, y] = await storageBuffer(512);
      dispatch(device, fill(0), y, [1]);
      dispatch(device, fill(64), y, [1]);
    });
    expect(verify(graph)).to.deep.equal([]);
    const [first = "", second = ""] = print(graph).split("\n").slice(1);
    expect(first).to.include('() {submit=0, writes=["y"], multiplications=64');
    expect(second).to.include('(y=%0) {submit=1, writes=["y"], keeps=["y"], multiplications=64');
  });

  it("is no read of the device where a buffer is mapped to be written", async () => {
    const { graph } = await record(async () => {
      const device = await requestDevice();
      run(scaling(device));
      const usage = GPUBufferUsage.MAP_WRITE | GPUBufferUsage.COPY_SRC;
      const buffer = device.createBuffer({ size: 16, usage });
      await buffer.mapAsync(GPUMapMode.WRITE);
      buffer.unmap();
    });
    expect(print(graph)).to.not.include("The program reads contents");
  });
});
