import { expect } from "chai";
import { openPage, type WebGpu } from "../browser/chromium.ts";
import { TAGGED_FILES } from "./page-files.ts";

/** What each page has: a model, what may change, and how a fault is told. */
const START = `
  const state = () => ({
    backend: tf.getBackend(),
    backends: Object.entries(tf.engine().registryFactory).map(([name, { priority }]) => name + priority),
    memory: { tensors: tf.memory().numTensors, bytes: tf.memory().numBytes },
    globals: Object.getOwnPropertyNames(globalThis).sort(),
    patched: Object.keys(tf.engine()).sort(),
  });
  const outcome = (promise) => promise.then(({ device, macs }) => ({ device, macs }), (error) => ({
    code: error.code, message: error.message,
  }));
  const gpu = { device: "gpu" };`;

const MODEL = `
  const model = tf.sequential({
    layers: [tf.layers.conv2d({ name: "conv", inputShape: [16, 16, 3], filters: 8, kernelSize: 3 })],
  });
  const image = tf.ones([1, 16, 16, 3]);
  const predicted = async () => {
    const result = model.predict(image);
    const values = Array.from(await result.data());
    result.dispose();
    return values.slice(0, 4);
  };`;

/** A program whose device is lost while it runs. */
const LOSES_ITS_DEVICE = `
  const program = async (x) => {
    const sum = x.sum();
    tf.backend().device.destroy();
    await sum.data();
    return sum.add(1);
  };`;

const post = (result: string) =>
  `await fetch("/result", { method: "POST", body: JSON.stringify(${result}) });`;

const MACS = 14 * 14 * 8 * 27;

/** What a page posts. */
async function found(script: string, webGpu: WebGpu, files = {}) {
  const posted = await openPage({
    files: { ...TAGGED_FILES, ...files, "page.js": START + script },
    webGpu,
    // WebGL in software.
    flags: ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
  });
  return Object(posted);
}

describe("faults of a page, by the script tag @linux", () => {
  for (const [webGpu, why] of [
    [
      "absent",
      /^Device "gpu" needs WebGPU, which this page does not have; use \{ device: "virtual" \}/,
    ],
    ["no adapter", /^No WebGPU adapter answers for device "gpu"; use \{ device: "virtual" \}/],
  ] as const) {
    it(`counts all the same where WebGPU is ${webGpu}, and says that there is no GPU`, async () => {
      const { asked, counted, before, after, values } = await found(
        `await tf.setBackend("webgl");${MODEL}
         const values = [await predicted()];
         const before = state();
         const asked = await outcome(opcounter.profile(model, [image], gpu));
         const counted = await outcome(opcounter.profile(model, [image]));
         await opcounter.closeDevices();
         const after = state();
         values.push(await predicted());
         ${post("{ asked, counted, before, after, values }")}`,
        webGpu,
      );
      expect(before.backend).to.equal("webgl");
      expect(asked.code).to.equal("device-unavailable");
      expect(asked.message).to.match(why);
      expect(counted).to.deep.equal({ device: "virtual", macs: MACS });
      expect(after).to.deep.equal(before);
      expect(values[1]).to.deep.equal(values[0]);
    });
  }

  it("names the script tag that a page with WebGL alone lacks", async () => {
    const { counted, before, after } = await found(
      `await tf.setBackend("webgl");${MODEL}
       const before = state();
       const counted = await outcome(opcounter.profile(model, [image]));
       ${post("{ counted, before, after: state() }")}`,
      "absent",
      { "tf-backend-webgpu.min.js": "" },
    );
    expect(counted).to.deep.equal({
      code: "tfjs-missing",
      message:
        'opcounter records what TensorFlow.js\'s WebGPU backend executes, which this page does not load; add <script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs-backend-webgpu@4.22.0"></script> below the script of TensorFlow.js.',
    });
    expect(after).to.deep.equal(before);
  });

  it("says what a page without TensorFlow.js lacks", async () => {
    const { counted } = await found(
      `const counted = await outcome(opcounter.profile((x) => x, []));
       ${post("{ counted }")}`,
      "software",
      { "tf.min.js": "", "tf-backend-webgpu.min.js": "" },
    );
    expect(counted).to.deep.equal({
      code: "tfjs-missing",
      message:
        "TensorFlow.js is not loaded; import @tensorflow/tfjs (3.21 to 4.22) in the program that calls opcounter, or load its script in the page.",
    });
  });

  it("ends a trace whose device is lost in mid-pass, and the page goes on", async () => {
    const { lost, counted, before, after, values } = await found(
      `await tf.setBackend("cpu");${MODEL}
       const values = [await predicted()];
       const before = state();
       ${LOSES_ITS_DEVICE}
       const lost = await outcome(opcounter.profile(program, [image], gpu));
       const counted = [
         await outcome(opcounter.profile(model, [image], gpu)),
         await outcome(opcounter.profile(model, [image])),
       ];
       await opcounter.closeDevices();
       const after = state();
       values.push(await predicted());
       ${post("{ lost, counted, before, after, values }")}`,
      "software",
    );
    expect(lost.code).to.equal("device-lost");
    expect(counted).to.deep.equal([
      { device: "software", macs: MACS },
      { device: "virtual", macs: MACS },
    ]);
    expect(after).to.deep.equal(before);
    expect(values[1]).to.deep.equal(values[0]);
  });

  it("ends a trace where the page's own device is lost, and takes nothing else from the page", async () => {
    const { lost, counted, before, after, kept } = await found(
      `await tf.setBackend("webgpu");${MODEL}
       await predicted();
       const before = state();
       ${LOSES_ITS_DEVICE}
       const lost = await outcome(opcounter.profile(program, [image], gpu));
       const after = state();
       const counted = await outcome(opcounter.profile(model, [image], { device: "virtual" }));
       // What the page has on the host it still has.
       await tf.setBackend("cpu");
       const kept = Array.from(await tf.tensor([1, 2]).add(1).data());
       ${post("{ lost, counted, before, after, kept }")}`,
      "software",
    );
    expect(lost.code).to.equal("device-lost");
    expect(after).to.deep.equal(before);
    expect(counted).to.deep.equal({ device: "virtual", macs: MACS });
    expect(kept).to.deep.equal([2, 3]);
  });
});
