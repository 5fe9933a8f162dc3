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

/** What the page is told that has no WebGPU backend. */
const PAGE_WITHOUT_BACKEND = `
  await tf.setBackend("cpu");
  const told = await opcounter.profile((x) => x.relu(), [tf.ones([2])]).catch(String);
  await fetch("/result", { method: "POST", body: JSON.stringify(told) });`;

/** A page that loads the installed TensorFlow.js and opcounter by script tags. */
function filesOf({ path }: Project, page: string) {
  const installed = (file: string) => readFileSync(join(path, "node_modules", file));
  const backend = "tf-backend-webgpu.min.js";
  return {
    ...TAGGED_FILES,
    "tf.min.js": installed("@tensorflow/tfjs/dist/tf.min.js"),
    [backend]: installed(`@tensorflow/tfjs-backend-webgpu/dist/${backend}`),
    "opcounter.min.js": installed("opcounter/dist/opcounter.min.js"),
    "opcounter.overlay.min.js": installed("opcounter/dist/opcounter.overlay.min.js"),
    "page.js": page,
  };
}

/** Old versions of TensorFlow.js, with that of the WebGPU backend. */
const OLD = [
  ["3.21.0", "4.22.0"],
  ["4.0.0", "4.22.0"],
  ["4.10.0", "4.10.0"],
] as const;

for (const [version, backend] of OLD) {
  describe(`the packed script tag with TensorFlow.js ${version} @linux`, function () {
    this.timeout(300_000);
    let project: Project;
    before(() => {
      project = makeProject(tfjs(version, backend));
    });
    after(() => project.remove());

    it(`counts and lists passes, with the WebGPU backend of ${backend}`, async () => {
      const found = await openPage({ files: filesOf(project, PAGE) });
      const kernels = ["BatchMatMul", "Relu"];
      expect(found).to.deep.include({
        ...{ version, macs: "64.00 K", said: [], isAsBefore: true },
        kernels: { virtual: kernels, gpu: kernels },
      });
      // Browsers have removed what 4.10 asks an adapter by.
      const { isOnWebGpu, whyNot } = Object(found);
      if (!isOnWebGpu) expect(whyNot).to.include("requestAdapterInfo is not a function");
    });

    it(`names the script of the WebGPU backend of ${backend} where the page has none`, async () => {
      const files = filesOf(project, PAGE_WITHOUT_BACKEND);
      expect(await openPage({ files: { ...files, "tf-backend-webgpu.min.js": "" } })).to.match(
        new RegExp(`add <script src="https://[^"]*/tfjs-backend-webgpu@${backend}"></script>`),
      );
    });
  });
}
