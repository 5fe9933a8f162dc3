import { expect } from "chai";
import { countDispatch } from "../count/dispatch.ts";
import { readShader } from "./lower.ts";
import { ShaderProblem } from "./problem.ts";

function problemOf(body: string, before = ""): string {
  const source = `
@group(0) @binding(0) var<storage, read_write> result : array<i32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
${before}
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
${body}
}`;
  try {
    countDispatch(readShader(source), { workgroups: [1, 1, 1], uniforms: [] });
  } catch (error) {
    if (error instanceof ShaderProblem) return `${error.kind}, ${error.message}`;
    throw error;
  }
  return "none";
}

describe("shaders that cannot be run", () => {
  it("are refused as a device refuses them, by their line", () => {
    const cases: Readonly<Record<string, string>> = {
      "result[id.x] = x[id.x];": "refused, line 7: f32 is assigned to i32",
      "x[0] = 1.0;": 'refused, line 7: "x" is written, and is read-only',
      "let y = x[0] + result[0];": "refused, line 7: f32 and i32 are operands of one operation",
      "if (x[0]) { }": "refused, line 7: a condition is f32, not bool",
      "let y = nothing;": 'refused, line 7: "nothing" is not declared',
      "let y = vec2<f32>(1.0, 2.0).z;": 'refused, line 7: vec2<f32> has no component "z"',
      "let y : i32 = 1.5;": 'refused, line 7: "y" is i32, and is given a float literal',
      "let y = max(1.0, 2u);": "refused, line 7: max of a float literal, u32 is no function",
      "const_assert 1 > 2;": "refused, line 7: a const_assert is not true",
      "switch (1) { case 1: { } }": "refused, line 7: a switch has no default",
      "let y = mat2x2(1, 2, 3, 4) * vec3(1, 2, 3);":
        "refused, line 7: mat2x2<an integer literal> * vec3<an integer literal> is no operation",
      "let y = ;": "refused, line 7: an expression is missing",
      "let y = 1;\nlet z = ~y ~ 2;": "refused, line 8: Expected ';' after statement",
    };
    for (const [body, problem] of Object.entries(cases)) {
      expect(problemOf(body), body).to.equal(problem);
    }
  });

  it("are unsupported where this package does not know what they have", () => {
    expect(problemOf("", "var<private> t: quux;")).to.equal(
      "unsupported, line 4: the type quux is not supported",
    );
    expect(problemOf("let y = quantum(1.0);")).to.equal(
      "unsupported, line 7: the function quantum is not known",
    );
  });

  it("that loop for ever are given up", () => {
    expect(problemOf("loop { result[0] = 1; }")).to.equal(
      "unsupported, line 7: a loop takes more than 4,000,000 rounds in one workgroup",
    );
  }).timeout(20_000);

  it("that ask for absurd sizes are not run", () => {
    expect(problemOf("var a : array<f32, 1000000000>; a[0] = 1.0;")).to.equal(
      'unsupported, line 7: "a" has 1,000,000,000 words, and each invocation has one',
    );
    expect(problemOf("p[0] = 1.0;", "var<private> p : array<vec4<f32>, 100000>;")).to.match(
      /^unsupported, line 4: "p" has 400,000 words/,
    );
    const source = `@group(0) @binding(0) var<storage, read_write> result : array<i32>;
      @compute @workgroup_size(64, 64, 64) fn main() { result[0] = 1; }`;
    expect(() => readShader(source)).to.throw(ShaderProblem, "the size of a workgroup is 64,64,64");
  });

  it("whose workgroups all differ are given up where there are too many", () => {
    const source = `@group(0) @binding(0) var<storage, read_write> result : array<u32>;
      @compute @workgroup_size(1) fn main(@builtin(workgroup_id) id : vec3<u32>) {
        if ((id.x * 2654435769u) % 7u < 3u) { result[id.x] = 1u; }
      }`;
    const program = readShader(source);
    const workgroups = [65_535, 65_535, 65_535] as const;
    expect(countDispatch(program, { workgroups: [1000, 1, 1], uniforms: [] }).invocations).to.equal(
      1000,
    );
    expect(() =>
      countDispatch(readShader(source.replace("id.x * ", "(id.x + 7u * id.y) * ")), {
        ...{ workgroups, uniforms: [] },
      }),
    ).to.throw(ShaderProblem, "its workgroups differ in more than 250,000 ways");
  }).timeout(60_000);

  it("are read to their end", () => {
    expect(problemOf("} nothing { ")).to.equal('refused, line 7: "nothing" is no declaration');
  });

  it("that have no entry are refused", () => {
    expect(() => readShader("fn f() { }")).to.throw(ShaderProblem, "no @compute function");
    expect(() => readShader("fn f( {")).to.throw(ShaderProblem, "line 1: Expected argument name");
  });
});
