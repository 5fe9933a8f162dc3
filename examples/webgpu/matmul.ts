/**
 * A WebGPU program of its own: the product of two matrices.
 *
 *   opcounter record examples/webgpu/matmul.ts
 */
const SIZE = 256;
const TILE = 8;

const SHADER = `
override size : u32;
@group(0) @binding(0) var<storage, read> a : array<f32>;
@group(0) @binding(1) var<storage, read> b : array<f32>;
@group(0) @binding(2) var<storage, read_write> product : array<f32>;

@compute @workgroup_size(${TILE}, ${TILE})
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  var sum = 0.0;
  for (var k = 0u; k < size; k++) {
    sum += a[id.y * size + k] * b[k * size + id.x];
  }
  product[id.y * size + id.x] = sum;
}`;

const adapter = await navigator.gpu.requestAdapter();
if (adapter === null) throw new Error("there is no WebGPU adapter");
const device = await adapter.requestDevice();

const bytes = 4 * SIZE * SIZE;
const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
const matrix = (label: string) =>
  device.createBuffer({ label, size: bytes, usage: STORAGE | COPY_DST | COPY_SRC });
const [a, b, product] = [matrix("a"), matrix("b"), matrix("product")];
const result = device.createBuffer({ label: "result", size: bytes, usage: MAP_READ | COPY_DST });
device.queue.writeBuffer(a, 0, new Float32Array(SIZE * SIZE).fill(2));
device.queue.writeBuffer(b, 0, new Float32Array(SIZE * SIZE).fill(3));

const pipeline = device.createComputePipeline({
  label: "matmul",
  layout: "auto",
  compute: {
    module: device.createShaderModule({ code: SHADER }),
    constants: { size: SIZE },
  },
});
const bindings = device.createBindGroup({
  layout: pipeline.getBindGroupLayout(0),
  entries: [a, b, product].map((buffer, binding) => ({ binding, resource: { buffer } })),
});

const encoder = device.createCommandEncoder({ label: "step" });
const pass = encoder.beginComputePass({ label: "forward" });
pass.setPipeline(pipeline);
pass.setBindGroup(0, bindings);
pass.dispatchWorkgroups(SIZE / TILE, SIZE / TILE);
pass.end();
encoder.copyBufferToBuffer(product, 0, result, 0, bytes);
device.queue.submit([encoder.finish()]);

await result.mapAsync(GPUMapMode.READ);
console.log(new Float32Array(result.getMappedRange())[0]);
device.destroy();

export {};
