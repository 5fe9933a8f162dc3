import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openPage } from "../browser/chromium.ts";
import { TAGGED_FILES } from "../script-tag/page-files.ts";
import { makeProject, type Project, tfjs } from "./project.ts";

/** Traces on opcounter's own devices, and lists a pass of the page's own. */
const PAGE = `
  const said = [];
  for (const level of ["log", "warn", "error"]) {
    console[level] = (...args) => said.push(args.join(" "));
  }
  const isOnWebGpu = await tf.setBackend("webgpu");
  const whyNot = said.splice(0).join(" ");
  if (!isOnWebGpu) await tf.setBackend("cpu");
  const [x, backend] = [tf.ones([40, 40]), tf.getBackend()];
  const program = (x) => x.matMul(x).relu();
  const kernels = {};
  for (const device of ["virtual", "gpu"]) {
    const { ops } = await opcounter.trace(program, [x], { device });
    kernels[device] = ops.map(({ kernel }) => kernel);
  }
  const detach = await opcounter.attach();
  tf.dispose(program(x));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const [line] = document.querySelector("opcounter-panel").shadowRoot.querySelectorAll("tbody tr");
  const macs = line.children[2].textContent;
  detach();
  const result = {
    ...{ isOnWebGpu, whyNot, kernels, macs, said },
    isAsBefore: tf.getBackend() === backend,
    version: tf.version_core,
  };
  await opcounter.closeDevices();
  await fetch("/result", { method: "POST", body: JSON.stringify(result) });`;

describe("the packed script tag with the oldest TensorFlow.js @linux", function () {
  this.timeout(300_000);
  let project: Project;
  before(() => {
    project = makeProject(tfjs("4.10.0"));
  });
  after(() => project.remove());

  it("counts and lists passes, though that version's own WebGPU backend does not start", async () => {
    const installed = (path: string) => readFileSync(join(project.path, "node_modules", path));
    const found = await openPage({
      files: {
        ...TAGGED_FILES,
        "tf.min.js": installed("@tensorflow/tfjs/dist/tf.min.js"),
        "tf-backend-webgpu.min.js": installed(
          "@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js",
        ),
        "opcounter.min.js": installed("opcounter/dist/opcounter.min.js"),
        "opcounter.overlay.min.js": installed("opcounter/dist/opcounter.overlay.min.js"),
        "page.js": PAGE,
      },
    });
    const kernels = ["BatchMatMul", "Relu"];
    expect(found).to.deep.include({
      ...{ version: "4.10.0", macs: "64.00 K", said: [], isAsBefore: true },
      kernels: { virtual: kernels, gpu: kernels },
    });
    // Browsers have removed what it asks an adapter by.
    const { isOnWebGpu, whyNot } = Object(found);
    if (!isOnWebGpu) expect(whyNot).to.include("requestAdapterInfo is not a function");
  });
});
