import type { Timestamps } from "../devices/timestamps.ts";
import type { Work } from "./measure.ts";

const WORKGROUP = 64;
/** How many steps of four numbers one invocation of a loop does. */
const STEPS = 1024;

const FLOATS = {
  of: "f32",
  factor: "0.999, 0.998, 0.997, 0.996",
  starts: ["0", "0.25", "0.5", "0.75"].map((more) => `f32(id.x) * 1e-6 + ${more}`),
};

const INTEGERS = {
  of: "u32",
  factor: "1664525u, 22695477u, 1103515245u, 134775813u",
  starts: ["0u", "1u", "2u", "3u"].map((more) => `id.x + ${more}`),
};

/** Four chains of steps, enough for a core to work on while a step is not done. */
function loopShader(
  step: (to: string, from: string) => string,
  { of, factor, starts: [a, b, c, d] } = FLOATS,
): string {
  return `
@group(0) @binding(0) var<storage, read_write> result : array<vec4<${of}>>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  let factor = vec4<${of}>(${factor});
  var a = vec4<${of}>(${a});
  var b = vec4<${of}>(${b});
  var c = vec4<${of}>(${c});
  var d = vec4<${of}>(${d});
  for (var i = 0u; i < ${STEPS / 4}u; i++) {
    a = ${step("a", "b")};
    b = ${step("b", "c")};
    c = ${step("c", "d")};
    d = ${step("d", "a")};
  }
  result[id.x] = a + b + c + d;
}`;
}

const FMA_SHADER = loopShader((to, from) => `fma(${to}, factor, ${from})`);
const EXP_SHADER = loopShader((to) => `exp(-${to})`);

const INTEGER_SHADER = loopShader((to, from) => `${to} * factor + ${from}`, INTEGERS);

/** Loops of multiply-adds that need no memory; a multiply-add is two operations. */
export function fmaSizes(gpu: GPUDevice): Generator<() => Work> {
  return loopSizes(gpu, FMA_SHADER, 2);
}

/** Loops of a product and a sum of integers that need no memory. */
export function integerSizes(gpu: GPUDevice): Generator<() => Work> {
  return loopSizes(gpu, INTEGER_SHADER, 2);
}

/** Loops of exponentials that need no memory. */
export function expSizes(gpu: GPUDevice): Generator<() => Work> {
  return loopSizes(gpu, EXP_SHADER, 1);
}

function* loopSizes(gpu: GPUDevice, code: string, operations: number): Generator<() => Work> {
  for (let workgroups = 64; workgroups <= 32_768; workgroups *= 2) {
    yield () => {
      const invocations = workgroups * WORKGROUP;
      const result = storage(gpu, 16 * invocations);
      const amount = invocations * STEPS * 4 * operations;
      return dispatchWork(gpu, code, [result], workgroups, amount);
    };
  }
}

/** How many bytes one invocation of the copy reads, and writes. */
const COPY_BYTES = 16;

const COPY_SHADER = `
@group(0) @binding(0) var<storage, read_write> to : array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> from_ : array<vec4<f32>>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3<u32>,
        @builtin(num_workgroups) groups : vec3<u32>) {
  let i = id.x + id.y * groups.x * ${WORKGROUP}u;
  to[i] = from_[i];
}`;

/** Copies of growing buffers, which no cache can hold in the end. */
export function* copySizes(gpu: GPUDevice): Generator<() => Work> {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.limits;
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize, 2 ** 30);
  for (let bytes = 2 ** 24; bytes <= most; bytes *= 2) {
    yield () => {
      const buffers = [storage(gpu, bytes), storage(gpu, bytes)];
      const workgroups = bytes / COPY_BYTES / WORKGROUP;
      return dispatchWork(gpu, COPY_SHADER, buffers, workgroups, 2 * bytes);
    };
  }
}

/**
 * Dispatches that do next to nothing, one after another, each in a pass of its own. They copy 1 KiB:
 * without any memory a dispatch is shorter than the shortest of a model.
 */
export function smallDispatches(gpu: GPUDevice, count: number): Work {
  const bytes = COPY_BYTES * WORKGROUP;
  const buffers = [storage(gpu, bytes), storage(gpu, bytes)];
  return dispatchWork(gpu, COPY_SHADER, buffers, 1, count, count);
}

/** @param passes how often it is dispatched, each time in a pass of its own. */
function dispatchWork(
  gpu: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
  workgroups: number,
  amount: number,
  passes = 1,
): Work {
  const module = gpu.createShaderModule({ code });
  const pipeline = gpu.createComputePipeline({ layout: "auto", compute: { module } });
  const group = gpu.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const columns = Math.min(workgroups, gpu.limits.maxComputeWorkgroupsPerDimension & ~1023);
  const dispatch = (encoder: GPUCommandEncoder, timestamps: Timestamps) => {
    const pass = encoder.beginComputePass({ timestampWrites: timestamps.next() });
    pass.setPipeline(pipeline);
    if (buffers.length > 0) pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(columns, Math.ceil(workgroups / columns));
    pass.end();
  };
  return {
    amount,
    run(timestamps) {
      const encoder = gpu.createCommandEncoder();
      for (let i = 0; i < passes; i++) dispatch(encoder, timestamps);
      gpu.queue.submit([encoder.finish()]);
    },
    dispose() {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}

function storage(gpu: GPUDevice, size: number): GPUBuffer {
  return gpu.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
}
