import { closeDevices, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { type Growth, growth, leftBy } from "./growth.ts";
import { type GrowthByProgram, leaksInChromium, leaksInNode } from "./run.ts";

/** `npm run leaks` does it a thousand times. */
const TIMES = 50;
/** Bytes of the heap; the graph of a trace alone takes more. */
const MOST_PER_TRACE = 4096;

function expectFlat(found: GrowthByProgram): void {
  expect(Object.keys(found)).to.have.length(6);
  for (const [name, growth] of Object.entries(found)) {
    expect(leftBy(growth, MOST_PER_TRACE), name).to.deep.equal([]);
    // It ran on a device, which has buffers by now.
    expect(growth.after.deviceBytes, name).to.be.greaterThan(0);
  }
}

describe("traces", function () {
  this.timeout(300_000);
  after(closeDevices);

  it("leave nothing in Node", async () => {
    expectFlat(await leaksInNode(TIMES));
  });

  it("leave nothing in Chromium @linux", async () => {
    expectFlat(await leaksInChromium(TIMES));
  });

  it("are told apart from those that leave something", async () => {
    await tf.setBackend("cpu");
    const kept: unknown[] = [];
    const heap = { collect: async () => {}, used: () => 10_000 * kept.length };
    const keeping = (x: tf.Tensor) => {
      kept.push(tf.keep(x.relu()));
    };
    const traceOnce = () => trace(keeping, [tf.ones([2])], { device: "virtual" });
    const found: Growth = await growth(traceOnce, 20, "virtual", heap, () => kept.length);
    const names = leftBy(found, MOST_PER_TRACE).map((sentence) => sentence.split(":")[0]);
    expect(names).to.include.members(["tensors", "dataBuffers", "bytes", "listeners", "heap"]);
    tf.disposeVariables();
  });
});
