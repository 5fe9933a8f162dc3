import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-webgpu";
import { expect } from "chai";
import { contractionOf, KERNEL_NAMES, kernelOf } from "./registry.ts";

describe("kernel registry", () => {
  it("declares exactly the kernels of tfjs's cpu, webgl and webgpu backends, and functions that have none", () => {
    const registered = ["cpu", "webgl", "webgpu"].flatMap((backend) =>
      tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName),
    );
    const functions = KERNEL_NAMES.filter((name) => kernelOf(name)?.host === "opcounter");
    expect(functions).to.have.members(["Where", "ListDiff"]);
    const known = [...new Set([...registered, ...functions])];
    const strange = KERNEL_NAMES.filter((name) => !known.includes(name));
    expect(strange, "kernels that no backend of the installed TensorFlow.js has").to.deep.equal([]);
    expect([...KERNEL_NAMES].sort()).to.deep.equal(known.sort());
  });

  it("names as a fused form a kernel that adds a bias and is its own fused form", () => {
    const fused = KERNEL_NAMES.flatMap((name) => contractionOf(name)?.fused ?? []);
    expect(fused).to.have.lengthOf(6);
    for (const name of fused) {
      expect(kernelOf(name)?.operands).to.include({ bias: "optional" });
      expect(contractionOf(name)?.fused).to.equal(name);
    }
  });
});
