/** Parts of programs that the tests record, as a program would write them. */

/** A device of `navigator.gpu`. */
export async function requestDevice(descriptor?: GPUDeviceDescriptor): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error("there is no adapter");
  return adapter.requestDevice(descriptor);
}

/** y = x·factor + 1 for the first `count` elements. */
export const SCALE = `
struct Sizes { count : u32, factor : f32 };
@group(0) @binding(0) var<storage, read> x : array<f32>;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@group(0) @binding(2) var<uniform> sizes : Sizes;
@compute @workgroup_size(64)
fn scale(@builtin(global_invocation_id) id : vec3<u32>) {
  if (id.x < sizes.count) { y[id.x] = x[id.x] * sizes.factor + 1.0; }
}`;

export interface Scaling {
  readonly device: GPUDevice;
  readonly x: GPUBuffer;
  readonly y: GPUBuffer;
  /** Sets the pipeline and its bindings. */
  readonly bind: (pass: GPUComputePassEncoder) => void;
  /** Encodes one dispatch. */
  readonly dispatch: (pass: GPUComputePassEncoder) => void;
}

/** What `SCALE` needs for `count` elements, which are 0, 1, 2, … */
export function scaling(device: GPUDevice, count = 100, factor = 2, otherUsage = 0): Scaling {
  const { STORAGE, COPY_DST, COPY_SRC, UNIFORM } = GPUBufferUsage;
  const usage = STORAGE | COPY_DST | COPY_SRC | otherUsage;
  const x = device.createBuffer({ label: "x", size: 4 * count, usage });
  const y = device.createBuffer({ label: "y", size: 4 * count, usage });
  const sizes = device.createBuffer({ size: 8, usage: UNIFORM, mappedAtCreation: true });
  const view = new DataView(sizes.getMappedRange());
  view.setUint32(0, count, true);
  view.setFloat32(4, factor, true);
  sizes.unmap();
  device.queue.writeBuffer(
    x,
    0,
    Float32Array.from({ length: count }, (_, i) => i),
  );
  const bind = pipelineWith(device, SCALE, [x, y, sizes]);
  const dispatch = (pass: GPUComputePassEncoder) => {
    bind(pass);
    pass.dispatchWorkgroups(Math.ceil(count / 64));
  };
  return { device, x, y, bind, dispatch };
}

/** A pipeline with buffers bound in order: what sets both in a pass. */
export function pipelineWith(
  device: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
): (pass: GPUComputePassEncoder) => void {
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = device.createComputePipeline({ layout: "auto", compute });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  return (pass) => {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
  };
}

/** Runs one pass. */
export function run({ device, dispatch }: Scaling, label = ""): void {
  const encoder = device.createCommandEncoder({ label });
  const pass = encoder.beginComputePass({ label: label === "" ? "" : "pass" });
  dispatch(pass);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

/** The floats that a buffer holds. */
export async function readBack(device: GPUDevice, from: GPUBuffer): Promise<Float32Array> {
  const { COPY_DST, MAP_READ } = GPUBufferUsage;
  const staging = device.createBuffer({ size: from.size, usage: COPY_DST | MAP_READ });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(from, 0, staging, 0, from.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}
