import { parse } from "@opcounter/ir/read";
import { expect } from "chai";
import { count } from "./count.ts";

/** A recorded program: two dispatches that are counted, one that is not, a copy, a draw. */
const PROGRAM = parse(`graph "program" device=virtual {
  %x = input "x" : f32[64]
  %0 = wgsl.matmul(x=%x) {submit=0, writes=["y"], multiplyAdds=640, additions=64, comparisons=3, transcendentals=5} : f32[64]  @model dispatches=[matmul(1,1,1)]
  %1 = wgsl.Conv2D(y=%0) {submit=0, writes=["z"], divisions=8, atMost={divisions=16, multiplyAdds=4}} : f32[8]  @model dispatches=[Conv2D(1,1,1)]
  %2 = wgsl.half(z=%1) {submit=1, writes=["h"], uncounted="line 3: the type f16 is not supported", problem="unsupported"} : f32[8]  dispatches=[half(1,1,1)]
  %3 = webgpu.copyBufferToBuffer(%2) {submit=1} : f32[8]
  webgpu.draw(%3) {submit=1}
  return %3
}`);

describe("the cost of a WebGPU program", () => {
  it("is what its shaders execute, and the bytes of operands and results", () => {
    const { totals, ops } = count(PROGRAM);
    expect(totals).to.include({ macs: 640, flops: 2 * 640 + 64 + 3 + 8, transcendentals: 5 });
    expect(ops.map(({ cost }) => [cost.bytesRead, cost.bytesWritten])).to.deep.equal([
      ...[
        [256, 256],
        [256, 32],
        [32, 32],
        [32, 32],
        [32, 0],
      ],
    ]);
    expect(ops[0]?.formula.flops?.symbols).to.include("multiplyAdds");
  });

  it("does not read what a dispatch keeps where it stores to a part of a buffer", () => {
    const { ops } = count(
      parse(`graph "program" device=virtual {
        %0 = wgsl.first() {submit=0, writes=["y"], stores=8} : f32[64]  dispatches=[first(1,1,1)]
        %x = input "x" : f32[8]
        %1 = wgsl.part(x=%x, y=%0) {submit=0, writes=["y"], keeps=["y"], stores=8} : f32[64]  dispatches=[part(1,1,1)]
        return %1
      }`),
    );
    expect(ops[1]?.cost).to.include({ bytesRead: 32, bytesWritten: 256 });
  });

  it("names what is not counted, with the reason, and what buffers decide", () => {
    const { uncounted, warnings } = count(PROGRAM);
    expect(uncounted).to.deep.equal([
      { kernel: "wgsl.half", ops: 1 },
      { kernel: "webgpu.draw", ops: 1 },
    ]);
    expect(warnings).to.deep.equal([
      "wgsl.half is not counted: line 3: the type f16 is not supported (1 dispatch).",
      "Contents of buffers decide what 1 dispatch (wgsl.Conv2D) executes beyond what is counted: at most 16 FLOPs more.",
    ]);
    expect(() => count(PROGRAM, { strict: true })).to.throw("wgsl.half (1 op)");
  });

  it("is nothing that another tool's convention knows, whatever a pipeline is called", () => {
    const { totals, leftOut } = count(PROGRAM, { convention: "thop@head" });
    expect(totals.macs).to.equal(0);
    expect(leftOut.map(({ name }) => name)).to.deep.equal(["wgsl.matmul", "wgsl.Conv2D"]);
  });

  it("is grouped by pipeline and by scope", () => {
    const { byKernel, byScope } = count(PROGRAM);
    expect(byKernel.map(({ kernel, macs }) => [kernel, macs])).to.deep.include([
      "wgsl.matmul",
      640,
    ]);
    expect(byScope.map(({ scope }) => scope)).to.deep.equal(["model", ""]);
  });
});
