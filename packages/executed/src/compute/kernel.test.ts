import { expect } from "chai";
import { readShader } from "../wgsl/lower.ts";
import { ShaderProblem } from "../wgsl/problem.ts";
import { kernelOf } from "./kernel.ts";

const program = readShader(`
@group(0) @binding(0) var<storage, read_write> y : array<i32>;
@compute @workgroup_size(1) fn main() { y[0] = 1; }`);

describe("kernelOf", () => {
  it("says where a page forbids to compile text", () => {
    const { Function: before } = globalThis;
    // What a browser does under such a policy.
    const forbidden = function forbidden() {
      throw new EvalError("Refused to evaluate a string as JavaScript");
    };
    Reflect.set(globalThis, "Function", forbidden);
    try {
      expect(() => kernelOf(program)).to.throw(ShaderProblem, "forbids to compile it");
    } finally {
      Reflect.set(globalThis, "Function", before);
    }
    expect(kernelOf(program)).to.equal(kernelOf(program));
  });

  it("has no name of the shader in what it compiles", () => {
    const hostile = readShader(`
      @group(0) @binding(0) var<storage, read_write> require : array<i32>;
      fn process(globalThis_ : i32) -> i32 { return globalThis_ + 1; }
      @compute @workgroup_size(1) fn main() { let limit = 3; require[0] = process(limit); }`);
    expect(kernelOf(hostile).toString()).to.not.match(/require|process|globalThis/);
  });
});
