import tgpu from "typegpu";
import * as d from "typegpu/data";

const root = await tgpu.init();
const n = 1024;
const Particles = (count: number) => d.arrayOf(d.vec3f, count);
const layout = tgpu.bindGroupLayout({
  velocity: { storage: Particles },
  position: { storage: Particles, access: "mutable" },
  step: { uniform: d.f32 },
});
const move = tgpu.computeFn({ in: { id: d.builtin.globalInvocationId }, workgroupSize: [64] })`{
  layout.$.position[in.id.x] = layout.$.position[in.id.x] + layout.$.velocity[in.id.x] * layout.$.step;
}`.$uses({ layout });
const pipeline = root.createComputePipeline({ compute: move }).$name("move");
const velocity = root
  .createBuffer(
    Particles(n),
    Array.from({ length: n }, (_, i) => d.vec3f(i, 0, 1)),
  )
  .$usage("storage")
  .$name("velocity");
const position = root.createBuffer(Particles(n)).$usage("storage").$name("position");
const step = root.createBuffer(d.f32, 0.5).$usage("uniform").$name("step");
const group = root.createBindGroup(layout, { velocity, position, step });
for (let i = 0; i < 3; i++) pipeline.with(group).dispatchWorkgroups(n / 64);
const moved = await position.read();
console.log(String(moved[2]));
root.destroy();
