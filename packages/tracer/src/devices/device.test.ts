import * as tf from "@tensorflow/tfjs";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { expect } from "chai";
import { host } from "#host";
import { closeDevices, openDevice, trace } from "../index.ts";
import { own } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";
import { engine } from "../tfjs/engine.ts";
import { installGlobals, withNavigatorGpu } from "./globals.ts";
import { ADAPTER_LIMITS } from "./limits.ts";
import { createVirtualAdapter, createVirtualDevice } from "./virtual-device.ts";

const drivers = process.env["VK_ICD_FILENAMES"];

describe("opening the software device", () => {
  after(closeDevices);

  it("leaves the environment as it was @linux", async () => {
    expect((await openDevice("software")).name).to.equal("software");
    expect(process.env["VK_ICD_FILENAMES"]).to.equal(drivers);
  });
});

describe("the device auto, where there is a GPU", () => {
  const undo: (() => void)[] = [];
  before(() => {
    const requestAdapter = async () => createVirtualAdapter(ADAPTER_LIMITS);
    if (globalThis.navigator === undefined) undo.push(own(globalThis, "navigator", {}));
    undo.push(own(globalThis.navigator, "gpu", { requestAdapter }));
    undo.push(own(host, "mayHaveGpu", () => true));
  });
  after(async () => {
    takeBack(undo);
    await closeDevices();
  });

  it("counts on the virtual device, and takes the GPU for time or by name", async () => {
    expect((await openDevice()).name).to.equal("virtual");
    expect((await openDevice("auto", { forTime: true })).name).to.equal("gpu");
    expect((await openDevice("gpu")).name).to.equal("gpu");
    const program = (x: tf.Tensor) => x.relu();
    expect((await trace(program, [tf.ones([2000])])).device).to.equal("virtual");
    // It is a GPU without a clock.
    const timed = trace(program, [tf.ones([2000])], { time: { runs: 1 } });
    const error = await timed.catch((thrown: unknown) => thrown);
    expect(error).to.match(/The device offers no timestamp queries/);
  });
});

describe("a device that is closed", () => {
  const program = (x: tf.Tensor) => x.relu();

  it("runs nothing any more, and says so", async () => {
    const device = await openDevice("virtual");
    await closeDevices();
    const onIt = trace(program, [tf.ones([2000])], { device });
    expect(await onIt.catch(String)).to.match(
      /^OpcounterError: The device was lost: it was closed; try again/,
    );
    expect((await trace(program, [tf.ones([2000])])).ops).to.have.lengthOf(1);
    const closing = async (x: tf.Tensor) => {
      await closeDevices();
      return x.relu();
    };
    expect(await trace(closing, [tf.ones([2000])]).catch(String)).to.match(/was lost: it was/);
    expect((await trace(program, [tf.ones([2000])])).ops).to.have.lengthOf(1);
  });
});

describe("a page's own device", () => {
  const { registry } = engine();
  let backend: WebGPUBackend;
  before(async () => {
    await tf.setBackend("cpu");
    installGlobals();
    const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
    const device = createVirtualDevice(ADAPTER_LIMITS);
    backend = withNavigatorGpu(() => new WebGPUBackend(device));
    registry["webgpu"] = backend;
  });
  after(async () => {
    delete registry["webgpu"];
    await closeDevices();
  });

  it("is as it was after each trace, whose dispatches name their shaders", async () => {
    const { device, bufferManager } = backend;
    const properties = () =>
      [device, device.queue, backend, bufferManager].map((object) =>
        Object.entries(Object.getOwnPropertyDescriptors(object)).map(([name, { value }]) =>
          typeof value === "function" ? value : name,
        ),
      );
    const before = properties();
    expect((await openDevice("gpu")).backend).to.equal(backend);
    for (let i = 0; i < 2; i++) {
      const { ops, device } = await trace((x: tf.Tensor) => x.relu(), [tf.ones([2000])], {
        device: "gpu",
      });
      expect(device).to.equal("gpu");
      expect(ops[0]?.dispatches[0]?.shader).to.be.a("string");
      expect(properties()).to.deep.equal(before);
    }
  });
});
