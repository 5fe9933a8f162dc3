import { expect } from "chai";
import { openPage } from "../browser/chromium.ts";
import { SHIPPED } from "./page-files.ts";

/** A page that knows nothing of TensorFlow.js, and computes when it is told to. */
const PROGRAM = `
const device = await (await navigator.gpu.requestAdapter()).requestDevice();
const code = \`
  @group(0) @binding(0) var<storage, read_write> y : array<f32>;
  @group(0) @binding(1) var<uniform> count : u32;
  @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id : vec3<u32>) {
    if (id.x < count) { y[id.x] = y[id.x] * 2.0 + 1.0; }
  }\`;
const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
const y = device.createBuffer({ label: "y", size: 400, usage });
const count = device.createBuffer({ size: 4, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
const pipelineOf = (label) => {
  const compute = { module: device.createShaderModule({ code }) };
  const pipeline = device.createComputePipeline({ label, layout: "auto", compute });
  const entries = [y, count].map((buffer, binding) => ({ binding, resource: { buffer } }));
  return [pipeline, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries })];
};
const run = ([pipeline, group], times = 1) => {
  device.queue.writeBuffer(count, 0, new Uint32Array([100]));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  for (let i = 0; i < times; i++) pass.dispatchWorkgroups(2);
  pass.end();
  device.queue.submit([encoder.finish()]);
};
const second = () => new Promise((resolve) => setTimeout(resolve, 1300));
const panel = () => document.querySelector("opcounter-panel").shadowRoot;
const rows = () => [...panel().querySelectorAll("tbody tr")].map(({ children }) =>
  [...children].slice(0, -1).map(({ textContent }) => textContent));
const press = (title) => [...panel().querySelectorAll("button")].find(({ textContent }) => textContent === title).click();
const post = (value) => fetch("/result", { method: "POST", body: JSON.stringify(value) });
`;

/** Runs a script in a page beside the script-tag build, without TensorFlow.js. */
function open(script: string, flags: readonly string[] = []): Promise<unknown> {
  const page = `<!doctype html><title>a page</title><link rel="icon" href="data:,">
    <script>
      const fail = (error) => fetch("/error", { method: "POST", body: String(error?.stack ?? error) });
      addEventListener("unhandledrejection", ({ reason }) => fail(reason));
    </script>
    <script src="/opcounter.min.js"></script><script type="module" src="/page.js"></script>`;
  const files = { ...SHIPPED, "index.html": page, "page.js": PROGRAM + script };
  return openPage({ files, flags });
}

describe("the overlay on a page without TensorFlow.js @linux", () => {
  it("lists what the page submits, second by second, and copies the report of one", async () => {
    const found = await open(`
      await opcounter.attach();
      const scale = pipelineOf("scale");
      run(scale, 2);
      run(scale);
      await second();
      let copied;
      navigator.clipboard.writeText = async (text) => { copied = JSON.parse(text); };
      press("Copy JSON");
      const { totals } = copied.report;
      await post({ rows: rows(), macs: totals.macs, dispatches: totals.dispatches, name: copied.report.model });`);
    expect(found).to.deep.equal({
      rows: [["1", "2", "3", "1", "0", "8 B", "0 B", "404 B"]],
      ...{ macs: 300, dispatches: 3, name: "a page" },
    });
  });

  it("knows of what was made before what it tells itself", async () => {
    const found = await open(`
      const early = pipelineOf("early");
      const late = pipelineOf("late");
      await opcounter.attach();
      run(early);
      run(late);
      await second();
      let copied;
      navigator.clipboard.writeText = async (text) => { copied = JSON.parse(text); };
      press("Copy JSON");
      await post({ rows: rows(), report: JSON.stringify(copied.report) });`);
    const { rows, report } = Object(found);
    expect(rows).to.deep.equal([["1", "2", "2", "2", "0", "8 B", "0 B", "4 B"]]);
    expect(report).to.include("wgsl.early");
    expect(report).to.include("its pipeline was made before the recording began");
  });

  it("opens the report of a second in a tab", async () => {
    const found = await open(
      `
      await opcounter.attach();
      run(pipelineOf("scale"));
      await second();
      let tab;
      const { open } = window;
      window.open = (...args) => (tab = open.apply(window, args));
      press("Report");
      // The tab draws when it has time.
      const isShown = () => tab?.document.querySelector("main")?.shadowRoot?.textContent.includes("wgsl.scale") ?? false;
      for (let i = 0; i < 200 && !isShown(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
      await post({ title: tab?.document.title, text: isShown() });`,
      ["--disable-popup-blocking"],
    );
    expect(found).to.deep.equal({ title: "a page – opcounter", text: true });
  });

  it("records one second and no more, and leaves nothing", async () => {
    const found = await open(`
      const classes = [GPUDevice, GPUQueue, GPUBuffer, GPUAdapter, GPU, GPUCommandEncoder, GPUComputePassEncoder];
      const state = () => classes.map(({ prototype }) =>
        Object.entries(Object.getOwnPropertyDescriptors(prototype)).map(([name, { value }]) => [name, value]));
      const same = (a, b) => a.every((entries, i) => entries.length === b[i].length
        && entries.every(([name, value], k) => name === b[i][k][0] && value === b[i][k][1]));
      const before = state();
      const scale = pipelineOf("scale");
      const detach = await opcounter.attach();
      run(scale);
      const changed = !same(before, state());
      press("Record one second");
      run(scale);
      await second();
      const paused = same(before, state());
      run(scale);
      await second();
      const listed = rows().length;
      detach();
      const panels = document.querySelectorAll("opcounter-panel").length;
      await post({ changed, paused, listed, panels, after: same(before, state()) });`);
    expect(found).to.deep.equal({
      ...{ changed: true, paused: true, listed: 1, panels: 0, after: true },
    });
  });

  it("keeps the heap flat, however much a page submits", async () => {
    const found = await open(
      `
      const scale = pipelineOf("scale");
      await opcounter.attach();
      const heapAfter = async (seconds) => {
        for (let i = 0; i < seconds; i++) { run(scale, 10_000); press("Watch"); run(scale, 10_000); await second(); }
        gc();
        return performance.memory.usedJSHeapSize;
      };
      const warm = await heapAfter(12);
      const more = (await heapAfter(3)) - warm;
      await post({ more });`,
      ["--js-flags=--expose-gc", "--enable-precise-memory-info"],
    );
    const { more } = Object(found);
    expect(more).to.be.below(1_000_000);
  });
});
