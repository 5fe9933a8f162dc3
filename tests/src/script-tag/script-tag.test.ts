import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { openPage, type WebGpu } from "../browser/chromium.ts";
import { SHIPPED, TAGGED_FILES } from "./page-files.ts";

/** Counts a model, and a function that runs it and reads values. */
const PAGE = `
  const said = [];
  for (const level of ["log", "warn", "error"]) console[level] = (...args) => said.push(args.join(" "));
  const state = () => ({
    backend: tf.getBackend(),
    backends: Object.keys(tf.engine().registryFactory),
    memory: tf.memory().numTensors,
    globals: Object.keys(globalThis).sort(),
  });
  await tf.setBackend("cpu");
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "conv", inputShape: [16, 16, 3], filters: 8, kernelSize: 3 }),
      tf.layers.dense({ name: "fc", units: 4, activation: "softmax" }),
    ],
  });
  const image = tf.ones([1, 16, 16, 3]);
  const before = state();
  const { macs, device } = await opcounter.profile(model, [image]);
  const program = async (x) => ((await x.sum().data())[0] === 768 ? model.predict(x).relu() : x);
  const graph = await opcounter.trace(program, [image], { device: "virtual" });
  const refused = await opcounter.profile(model, [image], { passes: "fuse" }).catch(String);
  const thop = opcounter.count(graph, { convention: "thop@head" }).macs;
  await opcounter.closeDevices();
  const result = {
    macs, device, thop, refused, said,
    kernels: graph.ops.map(({ kernel, scope }) => [...scope, kernel].join("/")),
    before, after: state(),
  };
  await fetch("/result", { method: "POST", body: JSON.stringify(result) });`;

describe("the script-tag build @linux", () => {
  it("is at most 87 kB gzipped", () => {
    expect(gzipSync(SHIPPED["opcounter.min.js"]).length).to.be.within(20_000, 87_000);
  });

  for (const webGpu of ["software", "no adapter", "absent"] satisfies WebGpu[]) {
    it(`counts with the page's tf and leaves the page as it was, where WebGPU is ${webGpu}`, async () => {
      const found = await openPage({ files: { ...TAGGED_FILES, "page.js": PAGE }, webGpu });
      const macs = 14 * 14 * 8 * 27 + 14 * 14 * 8 * 4;
      // thop counts a softmax over n elements as 3n − 1.
      const thop = macs + 14 * 14 * (3 * 4 - 1);
      expect(found).to.deep.include({ macs, thop, device: "virtual", said: [] });
      const { kernels, refused, before, after } = Object(found);
      expect(kernels).to.include.members(["Sum", "conv/FusedConv2D", "fc/_FusedMatMul", "Relu"]);
      expect(refused).to.include("The option passes is not in the script-tag build");
      expect(after).to.deep.equal(before);
    });
  }
});
