import { expect } from "chai";
import { ADAPTER_LIMITS } from "./limits.ts";
import { compiledProgram, watchPipelines } from "./pipelines.ts";
import { createVirtualDevice } from "./virtual-device.ts";

describe("what a pipeline was compiled from", () => {
  const device = createVirtualDevice(ADAPTER_LIMITS);
  const compile = (code: string) => {
    const module = device.createShaderModule({ code });
    return device.createComputePipeline({ layout: "auto", compute: { module }, label: "Relu" });
  };
  const sizeOf = (attribute: string) =>
    compiledProgram(compile(`@compute ${attribute} fn main() {}`))?.workgroupSize;

  it("is known where it was watched", () => {
    const before = compile("@compute @workgroup_size(8) fn main() {}");
    const undo = watchPipelines(device, () => undefined);
    expect(compiledProgram(before)).to.equal(undefined);
    const code = "@compute @workgroup_size(8) fn main() {}";
    expect(compiledProgram(compile(code))).to.include({ program: "Relu", source: code });
    for (const step of undo) step();
  });

  it("has a workgroup size where the shader gives it in numbers", () => {
    const undo = watchPipelines(device, () => undefined);
    expect(sizeOf("@workgroup_size(8, 4, 2)")).to.deep.equal([8, 4, 2]);
    expect(sizeOf("@workgroup_size(64u,)")).to.deep.equal([64, 1, 1]);
    expect(sizeOf("@workgroup_size(width)")).to.equal(undefined);
    expect(sizeOf("")).to.equal(undefined);
    for (const step of undo) step();
  });
});
