import { expect } from "chai";
import { print, toJson, VerifyError, verify } from "../index.ts";
import { fromJson, parse } from "../read.ts";
import { declaredName, opDialect } from "./dialects.ts";

const TEXT = `graph "program" device=virtual {
  %x = input "x" : f32[64]
  %0 = "wgsl.two steps#0f1e"(x=%x) {submit=0, writes=["y","flags"], multiplyAdds=64, atMost={multiplyAdds=128, loads=inf}} : f32[64], i32[2]  @step/forward dispatches=["two steps#0f1e"(1,1,1)]
  %1 = webgpu.view(%0.1) {offset=4} : i32[1]  placement=view
  %2 = webgpu.copyBufferToBuffer(%1) {submit=0} : i32[1]
  webgpu.draw(%0.0) {submit=1, pipeline="triangles"}
  return %2
}
`.replace("%0 = ", "%0.0, %0.1 = ");

describe("the dialects of WebGPU programs", () => {
  it("are valid, and both forms keep them", () => {
    const graph = parse(TEXT);
    expect(verify(graph)).to.deep.equal([]);
    expect(print(graph)).to.equal(TEXT);
    expect(print(fromJson(JSON.parse(JSON.stringify(toJson(graph)))))).to.equal(TEXT);
  });

  it("have attributes that the verifier checks", () => {
    const wrong = (text: string) => () => verify(parse(text));
    expect(wrong(TEXT.replace("submit=0", 'submit="first"'))).to.throw(
      VerifyError,
      'attribute "submit": it must be an integer',
    );
    expect(wrong(TEXT.replace("{offset=4}", "{offset=4, size=8}"))).to.throw(
      VerifyError,
      "its kernel has no such attribute",
    );
  });

  it("are told from TensorFlow.js's kernels by their prefix", () => {
    expect(["wgsl.Conv2D", "webgpu.draw", "Conv2D", "wgslish"].map(opDialect)).to.deep.equal([
      ...["wgsl", "webgpu", undefined, undefined],
    ]);
    expect(["wgsl.Conv2D", "webgpu.draw", "Conv2D"].map(declaredName)).to.deep.equal([
      ...["wgsl", "webgpu.draw", "Conv2D"],
    ]);
  });
});
