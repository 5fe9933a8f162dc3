import { print } from "@opcounter/ir";
import { expect } from "chai";
import { pipelineWith, requestDevice } from "../../testing/programs.ts";
import { record } from "../record.ts";

const STORES = `@group(0) @binding(0) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = 1.0; }`;
const READS_UNIFORM = `@group(0) @binding(0) var<uniform> x : vec4f;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = x.x; }`;

type UsageName = "COPY_SRC" | "COPY_DST" | "MAP_READ" | "STORAGE" | "UNIFORM" | "INDIRECT";

/** A buffer with these usages. */
function made(device: GPUDevice, ...usages: UsageName[]): GPUBuffer {
  const usage = usages.reduce((sum, name) => sum | GPUBufferUsage[name], 0);
  return device.createBuffer({ label: usages.join(), size: 512, usage });
}

function submit(device: GPUDevice, encode: (encoder: GPUCommandEncoder) => void): void {
  const encoder = device.createCommandEncoder();
  encode(encoder);
  device.queue.submit([encoder.finish()]);
}

function dispatch(device: GPUDevice, bind: (pass: GPUComputePassEncoder) => void): void {
  submit(device, (encoder) => {
    const pass = encoder.beginComputePass();
    bind(pass);
    pass.dispatchWorkgroups(1);
    pass.end();
  });
}

function copy(from: GPUBuffer, to: GPUBuffer, bytes = 512) {
  return (encoder: GPUCommandEncoder) => encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
}

/** What a device refuses, with what its message names. */
const REFUSED: Readonly<Record<string, readonly [RegExp, (device: GPUDevice) => unknown]>> = {
  "a copy from a buffer without COPY_SRC": [
    /COPY_?SRC|CopySrc/i,
    (device) => submit(device, copy(made(device, "STORAGE"), made(device, "COPY_DST"))),
  ],
  "a copy into a buffer without COPY_DST": [
    /COPY_?DST|CopyDst/i,
    (device) => submit(device, copy(made(device, "COPY_SRC"), made(device, "STORAGE"))),
  ],
  "a copy of bytes that are no words": [
    /multiple of 4/,
    (device) => submit(device, copy(made(device, "COPY_SRC"), made(device, "COPY_DST"), 6)),
  ],
  "clearing a buffer without COPY_DST": [
    /CopyDst|COPY_DST/,
    (device) => submit(device, (encoder) => encoder.clearBuffer(made(device, "STORAGE"))),
  ],
  "writing a buffer without COPY_DST": [
    /CopyDst|COPY_DST/,
    (device) => device.queue.writeBuffer(made(device, "STORAGE"), 0, new Float32Array(4)),
  ],
  "writing a buffer that is mapped": [
    /mapped/,
    async (device) => {
      const buffer = made(device, "MAP_READ", "COPY_DST");
      await buffer.mapAsync(GPUMapMode.READ);
      device.queue.writeBuffer(buffer, 0, new Float32Array(4));
    },
  ],
  "a command on a buffer that is mapped": [
    /mapped/,
    async (device) => {
      const buffer = made(device, "MAP_READ", "COPY_DST");
      await buffer.mapAsync(GPUMapMode.READ);
      submit(device, copy(made(device, "COPY_SRC"), buffer));
    },
  ],
  "binding a buffer without STORAGE": [
    /STORAGE|Storage/,
    (device) => dispatch(device, pipelineWith(device, STORES, [made(device, "UNIFORM")])),
  ],
  "binding a buffer without UNIFORM": [
    /UNIFORM|Uniform/,
    (device) => {
      const buffers = [made(device, "STORAGE"), made(device, "STORAGE")];
      dispatch(device, pipelineWith(device, READS_UNIFORM, buffers));
    },
  ],
  "an indirect dispatch by a buffer without INDIRECT": [
    /INDIRECT|Indirect/,
    (device) => {
      const bind = pipelineWith(device, STORES, [made(device, "STORAGE")]);
      submit(device, (encoder) => {
        const pass = encoder.beginComputePass();
        bind(pass);
        pass.dispatchWorkgroupsIndirect(made(device, "COPY_DST"), 0);
        pass.end();
      });
    },
  ],
  "a buffer with MAP_READ and STORAGE": [
    /MAP_READ|MapRead/,
    (device) => made(device, "MAP_READ", "STORAGE"),
  ],
  "a shader that enables f16 where the device was not asked for it": [
    /f16/,
    (device) => device.createShaderModule({ code: `/* a */ enable f16;\n${STORES}` }),
  ],
};

/** Something that a device takes, so that there is a graph. */
async function sound(device: GPUDevice): Promise<void> {
  submit(device, (encoder) => encoder.clearBuffer(made(device, "COPY_DST")));
  await device.queue.onSubmittedWorkDone();
}

for (const device of ["virtual", "software"] as const) {
  describe(`the ${device} device @linux`, () => {
    it("takes what is sound", async () => {
      const { graph } = await record(
        async () => {
          const device = await requestDevice();
          const [x, y] = [made(device, "COPY_DST", "UNIFORM"), made(device, "STORAGE", "COPY_SRC")];
          device.queue.writeBuffer(x, 0, new Float32Array(4));
          dispatch(device, pipelineWith(device, READS_UNIFORM, [x, y]));
          const to = made(device, "MAP_READ", "COPY_DST");
          submit(device, copy(y, to));
          await to.mapAsync(GPUMapMode.READ);
          to.unmap();
          submit(device, copy(y, to));
          await sound(device);
        },
        { device },
      );
      expect(print(graph)).to.not.include("refused");
    });

    for (const [what, [message, misuse]] of Object.entries(REFUSED)) {
      it(`refuses ${what}, and a note says so`, async () => {
        const { graph } = await record(
          async () => {
            const device = await requestDevice();
            await misuse(device);
            await sound(device);
          },
          { device },
        );
        const [note = "no note"] = print(graph).match(/note "The device refused[^\n]*/) ?? [];
        expect(note).to.match(message);
      });
    }
  });
}
