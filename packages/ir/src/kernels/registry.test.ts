import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-webgpu";
import { expect } from "chai";
import { KERNEL_NAMES } from "./registry.ts";

describe("kernel registry", () => {
  it("declares exactly the kernels of tfjs's cpu, webgl and webgpu backends", () => {
    const registered = ["cpu", "webgl", "webgpu"].flatMap((backend) =>
      tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName),
    );
    expect([...KERNEL_NAMES].sort()).to.deep.equal([...new Set(registered)].sort());
  });
});
