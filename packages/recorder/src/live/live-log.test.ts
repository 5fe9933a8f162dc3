import { print } from "@opcounter/ir";
import { expect } from "chai";
import { requestDevice, run, scaling } from "../../testing/programs.ts";
import { buildGraph } from "../graph/build-graph.ts";
import { lendGpu } from "../lend.ts";
import { createVirtualGpu } from "../virtual/virtual-gpu.ts";
import { Watcher } from "../watch/watcher.ts";
import { LiveLog } from "./live-log.ts";

const FACTS = { name: "page", device: "gpu", notes: [] };

describe("a live log", () => {
  const log = new LiveLog();
  const watcher = new Watcher(log);
  const undo: (() => void)[] = [];
  before(() => {
    const contents = { read: (_: object, _at: number, bytes: number) => new Uint8Array(bytes) };
    const gpu = createVirtualGpu({ contents });
    undo.push(...lendGpu(gpu));
    watcher.watch(gpu);
  });
  after(() => {
    watcher.stop();
    for (const step of undo.reverse()) step();
  });

  it("counts what a span has, and makes a graph of it with what was there before", async () => {
    const work = scaling(await requestDevice());
    expect(log.take()).to.equal(undefined);
    run(work, "step");
    run(work, "step");
    const span = log.take();
    expect(span).to.include({ submits: 2, dispatches: 2, draws: 0, pipelines: 1 });
    expect(span).to.include({ writtenBytes: 0, bufferBytes: 808 });
    const graph = buildGraph(span?.entries ?? [], FACTS);
    expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["wgsl.scale", "wgsl.scale"]);
    // The sizes were written to the uniform buffer before the span began.
    expect(print(graph)).to.include('wgsl.scale(x=%x) {submit=0, writes=["y"], multiplyAdds=100,');
  });

  it("keeps no commands where there are too many, and says so", async () => {
    const { device, dispatch } = scaling(await requestDevice());
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < 20_001; i++) dispatch(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
    expect(log.take()).to.include({ dispatches: 20_001, entries: undefined });
  });

  it("keeps no more than 4 MiB of what a page writes within a span", async () => {
    const device = await requestDevice();
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer({ size: 2 ** 16, usage });
    log.take();
    for (let i = 0; i < 100; i++) device.queue.writeBuffer(buffer, 0, new Uint8Array(2 ** 16));
    device.queue.submit([]);
    const span = log.take();
    expect(span?.writtenBytes).to.equal(100 * 2 ** 16);
    const kept = span?.entries?.filter((entry) => entry.kind === "write" && entry.data);
    expect(kept).to.have.length(64);
  });

  it("knows a uniform buffer no more once the device wrote to it", async () => {
    const device = await requestDevice();
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const [from, to] = [0, 1].map(() => device.createBuffer({ size: 4, usage }));
    if (from === undefined || to === undefined) throw new Error("there are two");
    device.queue.writeBuffer(from, 0, new Uint8Array([1, 2, 3, 4]));
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, to, 0, 4);
    device.queue.submit([encoder.finish()]);
    log.take();
    device.queue.submit([]);
    const held = log.take()?.entries?.flatMap((entry) => (entry.kind === "held" ? [entry] : []));
    const [known, unknown] = held?.slice(-2) ?? [];
    expect([...(known?.data ?? [])]).to.deep.equal([1, 2, 3, 4]);
    expect(unknown?.data).to.equal(undefined);
  });
});
