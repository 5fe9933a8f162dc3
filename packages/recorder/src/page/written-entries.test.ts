import { print } from "@opcounter/ir";
import { expect } from "chai";
import { requestDevice, run, scaling } from "../../testing/programs.ts";
import { buildGraph } from "../graph/build-graph.ts";
import { lendGpu } from "../lend.ts";
import { createVirtualGpu } from "../virtual/virtual-gpu.ts";
import { Watcher } from "../watch/watcher.ts";
import { PageLog } from "./page-log.ts";
import { readEntries, writeEntries } from "./written-entries.ts";

const FACTS = { name: "page", device: "gpu", notes: [] };

/** Runs a program as in a page. */
async function logOf(program: () => Promise<void>): Promise<PageLog> {
  const undo: (() => void)[] = [];
  const contents = { read: (_: object, _offset: number, bytes: number) => new Uint8Array(bytes) };
  const gpu = createVirtualGpu({ contents });
  undo.push(...lendGpu(gpu));
  const log = new PageLog((step) => undo.push(step));
  const watcher = new Watcher(log);
  watcher.watch(gpu);
  try {
    await program();
  } finally {
    watcher.stop();
    for (const step of undo.reverse()) step();
  }
  return log;
}

const scale = async () => {
  const work = scaling(await requestDevice());
  for (let step = 0; step < 3; step++) run(work, "step");
};

describe("written entries", () => {
  it("give the graph that the entries give", async () => {
    const { entries } = await logOf(scale);
    const read = readEntries(writeEntries(entries));
    expect(print(buildGraph(read, FACTS))).to.equal(print(buildGraph(entries, FACTS)));
  });

  it("have a command that runs again once", async () => {
    const { entries } = await logOf(scale);
    const submits = readEntries(writeEntries(entries)).flatMap((entry) =>
      entry.kind === "submit" ? [entry.commands[0]] : [],
    );
    expect(submits).to.have.length(3);
    expect(new Set(submits).size).to.equal(1);
  });

  it("have constants by whatever name a program gives them", async () => {
    const { entries } = await logOf(async () => {
      const device = await requestDevice();
      const module = device.createShaderModule({
        code: "override buffer = 1; override data = 1; @compute @workgroup_size(1) fn f() {}",
      });
      const compute = { module, constants: { buffer: 2, data: 3 } };
      device.createComputePipeline({ layout: "auto", compute });
    });
    const [compiled] = readEntries(writeEntries(entries));
    expect(compiled?.kind === "compile" && compiled.pipeline.constants).to.deep.equal({
      buffer: 2,
      data: 3,
    });
  });

  it("number the buffers of several programs one after another", async () => {
    const { entries } = await logOf(scale);
    const text = writeEntries(entries);
    const ids = [...readEntries(text), ...readEntries(text, 3)].flatMap((entry) =>
      entry.kind === "create" ? [entry.buffer.id] : [],
    );
    expect(ids).to.deep.equal([0, 1, 2, 3, 4, 5]);
  });
});
