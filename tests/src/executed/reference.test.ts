import fc from "fast-check";
import { expectSameAsReference } from "./same-as-reference.ts";

/**
 * Random programs: arithmetic of floats and integers, branches, loops, and memory of the workgroup.
 * Values are small, so that each kind of arithmetic is exact.
 */
const INTEGER = fc.letrec<{ value: string; condition: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom("i", "k", "3", "-2", "n[(i + 1) % 16]", "m[i % 8]", "u.size", "1 + 2"),
    fc
      .tuple(fc.constantFrom("+", "-", "*", "/", "%", "&", "|", "^"), tie("value"), tie("value"))
      .map(([operator, a, b]) => `(${a} ${operator} ${b})`),
    fc.tuple(tie("value"), tie("value")).map(([a, b]) => `max(i32(${a}), i32(${b}))`),
    fc.tuple(tie("value"), tie("condition")).map(([a, c]) => `select(i32(${a}), k, ${c})`),
    tie("value").map((a) => `twice(${a})`),
    tie("value").map((a) => `(-i32(${a}) << 1u)`),
  ),
  condition: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    fc
      .tuple(fc.constantFrom("<", "<=", ">", "==", "!="), tie("value"), tie("value"))
      .map(([operator, a, b]) => `(${a} ${operator} ${b})`),
    fc
      .tuple(fc.constantFrom("&&", "||"), tie("condition"), tie("condition"))
      .map(([operator, a, b]) => `(${a} ${operator} ${b})`),
    tie("condition").map((a) => `!${a}`),
  ),
}));

const FLOAT = fc.letrec<{ value: string; vector: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom("y", "x[i]", "x[3]", "0.5", "u.scale", "v.z", "f32(k)", "w[i % 8].y"),
    fc
      .tuple(fc.constantFrom("+", "-", "*"), tie("value"), tie("value"))
      .map(([operator, a, b]) => `(${a} ${operator} ${b})`),
    fc.tuple(tie("vector"), tie("vector")).map(([a, b]) => `dot(${a}, ${b})`),
    tie("value").map((a) => `clamp(${a}, -4.0, 4.0)`),
    tie("value").map((a) => `half(${a})`),
    tie("vector").map((a) => `${a}[(k & 3)]`),
  ),
  vector: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    fc.constantFrom("v", "vec4(y)", "vec4<f32>(1.0, y, 2.0, x[i])", "w[(i + 3) % 8]", "v.wzxy"),
    fc
      .tuple(fc.constantFrom("+", "-", "*"), tie("vector"), tie("value"))
      .map(([operator, a, b]) => `(${a} ${operator} ${b})`),
    tie("vector").map((a) => `abs(${a})`),
    tie("vector").map((a) => `(turned * ${a})`),
  ),
}));

const STATEMENT = fc.letrec<{ statement: string; block: string }>((tie) => ({
  statement: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    INTEGER.value.map((a) => `k = (${a}) % 64;`),
    FLOAT.value.map((a) => `y = clamp(f32(${a}), -8.0, 8.0);`),
    FLOAT.vector.map((a) => `v = clamp(${a}, vec4(-2.0), vec4(2.0));`),
    FLOAT.value.map((a) => `v[k & 3] += ${a};`),
    INTEGER.value.map((a) => `m[(k & 7)] ^= ${a};`),
    FLOAT.value.map((a) => `f[i] = ${a};`),
    fc.tuple(INTEGER.condition, tie("block"), tie("block")).map(([c, a, b]) => {
      return `if ${c} ${a} else ${b}`;
    }),
    tie("block").map((a) => `for (var q = 0; q < (i & 3); q++) ${a}`),
    fc.tuple(INTEGER.condition, tie("block")).map(([c, a]) => {
      return `for (var q = 0; q < 3; q++) { if ${c} { continue; } if (k > 40) { break; } { let z = k; k = z + 1; } ${a} }`;
    }),
    fc.tuple(tie("block"), tie("block")).map(([a, b]) => {
      return `switch (k & 3) { case 0: ${a} case 1, 2: { if (i > 9) { break; } k++; } default: ${b} }`;
    }),
  ),
  block: fc.array(tie("statement"), { maxLength: 3 }).map((all) => `{ ${all.join(" ")} }`),
}));

function programOf(phases: readonly string[]): string {
  return `
struct Uniforms { size : i32, scale : f32 }
@group(0) @binding(0) var<storage, read_write> f : array<f32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<storage, read> n : array<i32>;
@group(0) @binding(3) var<uniform> u : Uniforms;
var<workgroup> w : array<vec4<f32>, 8>;
fn twice(a : i32) -> i32 { return a * 2; }
fn half(a : f32) -> f32 { if (a < 0.0) { return -a; } return a * 0.5; }
@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
  let i = i32(id.x);
  let turned = mat4x4f(vec4(x[i], 0, 0, 1), vec4(0, 1, 0, 0), vec4(0, 0, 1, 0), vec4(x[1]));
  var k = i;
  var y = x[i];
  var v = vec4f(y, 1.0, 2.0, 3.0);
  var m : array<i32, 8>;
  ${phases.map((phase) => `${phase} workgroupBarrier(); w[i % 8] = v; workgroupBarrier(); v += w[(i + 1) % 8]; workgroupBarrier();`).join("\n  ")}
  f[i] = y + f32(k) + v.x + f32(m[3]);
}`;
}

describe("random programs, by closures and by the reference interpreter", () => {
  it("store and count the same", () => {
    const phases = fc.array(STATEMENT.block, { minLength: 1, maxLength: 2 });
    const values = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(phases, values, (blocks, given) => {
        const floats = Float32Array.from(given, (value) => value / 4).buffer;
        const uniforms = new ArrayBuffer(8);
        new Int32Array(uniforms)[0] = 5;
        new Float32Array(uniforms)[1] = 0.25;
        const buffers = new Map([
          [0, new ArrayBuffer(64)],
          [1, floats],
          [2, Int32Array.from(given).buffer],
          [3, uniforms],
        ]);
        expectSameAsReference(programOf(blocks), { workgroups: [2, 1, 1], buffers });
      }),
      { numRuns: 60, includeErrorInReport: true },
    );
  }).timeout(60_000);
});
