import type { Files } from "./server.ts";

/** The shader of all programs here, and what it needs. */
const SCALE = `
const COUNT = 1000;
const adapter = await navigator.gpu.requestAdapter();
const device = await adapter.requestDevice();
const module = device.createShaderModule({ code: \`
  struct Sizes { count : u32, factor : f32 };
  @group(0) @binding(0) var<storage, read> x : array<f32>;
  @group(0) @binding(1) var<storage, read_write> y : array<f32>;
  @group(0) @binding(2) var<uniform> sizes : Sizes;
  @compute @workgroup_size(64)
  fn scale(@builtin(global_invocation_id) id : vec3<u32>) {
    if (id.x < sizes.count) { y[id.x] = x[id.x] * sizes.factor + 1.0; }
  }\` });
const pipeline = device.createComputePipeline({ label: "scale", layout: "auto", compute: { module } });
const { STORAGE, COPY_DST, COPY_SRC, UNIFORM, MAP_READ } = GPUBufferUsage;
const [x, y] = ["x", "y"].map((label) =>
  device.createBuffer({ label, size: 4 * COUNT, usage: STORAGE | COPY_DST | COPY_SRC }));
const sizes = device.createBuffer({ size: 8, usage: UNIFORM | COPY_DST });
device.queue.writeBuffer(sizes, 0, new Uint32Array([COUNT]));
device.queue.writeBuffer(sizes, 4, new Float32Array([2]));
device.queue.writeBuffer(x, 0, Float32Array.from({ length: COUNT }, (_, i) => i));
const group = device.createBindGroup({
  layout: pipeline.getBindGroupLayout(0),
  entries: [x, y, sizes].map((buffer, binding) => ({ binding, resource: { buffer } })),
});
const compute = (encoder) => {
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(Math.ceil(COUNT / 64));
  pass.end();
};
const submit = (label, ...encodes) => {
  const encoder = device.createCommandEncoder({ label });
  for (const encode of encodes) encode(encoder);
  device.queue.submit([encoder.finish()]);
};
const staging = device.createBuffer({ size: 4 * COUNT, usage: COPY_DST | MAP_READ });
const read = async () => {
  submit("read", (encoder) => encoder.copyBufferToBuffer(y, 0, staging, 0, 4 * COUNT));
  await staging.mapAsync(GPUMapMode.READ);
  const [, second] = new Float32Array(staging.getMappedRange());
  staging.unmap();
  return second;
};`;

/** A program that computes, and reads what it computed. It runs in a page and in Node. */
export const COMPUTE = `${SCALE}
submit("step", compute, compute);
const second = await read();
if (second !== 3) throw new Error(\`the second element is \${second}\`);`;

/** Draws a triangle on a canvas, and computes, once per frame. */
const DRAWS = `${SCALE}
const context = document.querySelector("canvas").getContext("webgpu");
const format = navigator.gpu.getPreferredCanvasFormat();
context.configure({ device, format });
const shaders = device.createShaderModule({ code: \`
  @vertex fn corner(@builtin(vertex_index) i : u32) -> @builtin(position) vec4f {
    return vec4f(f32(i & 1u), f32(i >> 1u), 0.0, 1.0);
  }
  @fragment fn color() -> @location(0) vec4f { return vec4f(1.0, 0.0, 0.0, 1.0); }\` });
const triangle = device.createRenderPipeline({
  label: "triangle", layout: "auto",
  vertex: { module: shaders }, fragment: { module: shaders, targets: [{ format }] },
});
const draw = (encoder) => {
  const view = context.getCurrentTexture().createView();
  const colorAttachments = [{ view, loadOp: "clear", storeOp: "store" }];
  const pass = encoder.beginRenderPass({ colorAttachments });
  pass.setPipeline(triangle);
  pass.draw(3);
  pass.end();
};
const frame = () => {
  submit("frame", compute, draw);
  requestAnimationFrame(frame);
};
frame();`;

const MAPS = `${SCALE}
for (let step = 0; step < 3; step++) {
  submit("step", compute);
  await read();
}`;

/** Loses its device, and goes on. */
const LOST = `${SCALE}
submit("step", compute);
device.destroy();
await device.lost;
submit("late", compute);`;

/** Submits one command, whose scope says where. */
const clears = (scope: string) => `
(async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter.requestDevice();
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder({ label: "${scope}" });
  encoder.clearBuffer(buffer);
  device.queue.submit([encoder.finish()]);
})();`;

const HANGS = `${SCALE}
submit("step", compute);
for (;;);`;

const html = (script: string, body = "") =>
  `<!doctype html><link rel="icon" href="data:,">${body}<script type="module">${script}</script>`;

const CRASHES = `
const held = [];
for (;;) held.push(new Array(100_000).fill(Math.random()));`;

export const PAGES: Exclude<Files, string> = {
  "index.html": html(""),
  "empty.html": html(""),
  "idle.html": html("await (await navigator.gpu.requestAdapter()).requestDevice();"),
  "compute.html": html(COMPUTE),
  "draws.html": html(DRAWS, '<canvas width="16" height="16"></canvas>'),
  "maps.html": html(MAPS),
  "lost.html": html(LOST),
  "hangs.html": html(HANGS),
  "crashes.html": html(CRASHES),
  // As an idle thread of wasm waits: nothing that a debugger sends gets there.
  "waits.js":
    "Atomics.wait(new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer), 0, 0);",
  "waits.html": html(`new Worker("/waits.js"); ${clears("page")}`),
  "only-waits.html": html('new Worker("/waits.js");'),
  "frame.html": html(clears("frame")),
  "worker.js": clears("worker"),
  "nested.html": html(
    `${clears("page")} new Worker("/worker.js");`,
    '<iframe src="/frame.html"></iframe>',
  ),
};
