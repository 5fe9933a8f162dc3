import { expect } from "chai";
import { WorkgroupRunner } from "../run/workgroup.ts";
import { readShader } from "../wgsl/lower.ts";
import { countDispatch, type DispatchWork, withUniforms } from "./dispatch.ts";
import { addWork, noWork, type Work } from "./work.ts";

const BUFFERS = `
struct Uniforms { size : i32, shape : vec3<i32>, scale : f32, };
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<storage, read> v : array<vec4<f32>>;
@group(0) @binding(3) var<uniform> uniforms : Uniforms;
`;

/** A shader with this body, whose workgroups are rows of `invocations`. */
function shader(body: string, { invocations = 8, before = "" } = {}): string {
  return `${BUFFERS}${before}
@compute @workgroup_size(${invocations}, 1, 1)
fn main(@builtin(global_invocation_id) id : vec3<u32>,
        @builtin(local_invocation_id) local : vec3<u32>,
        @builtin(workgroup_id) group : vec3<u32>) {
  let i = i32(id.x);
  ${body}
}`;
}

interface Asked {
  readonly workgroups?: readonly [number, number, number];
  readonly uniforms?: readonly number[];
}

function counted(source: string, { workgroups = [1, 1, 1], uniforms = [] }: Asked = {}) {
  return countDispatch(readShader(source), { workgroups, uniforms });
}

/** The work that is not 0. */
function present(work: Readonly<Work>): Partial<Work> {
  return Object.fromEntries(Object.entries(work).filter(([, amount]) => amount !== 0));
}

function workOf(body: string, asked?: Asked, before = ""): Partial<Work> {
  return present(counted(shader(body, { before }), asked).work);
}

describe("the work of a dispatch, counted by hand", () => {
  it("counts each invocation of each workgroup", () => {
    const body = "result[i] = x[i] + 1.0;";
    const once = { additions: 8, loads: 8, loadBytes: 32, stores: 8, storeBytes: 32 };
    expect(workOf(body)).to.deep.equal(once);
    const twelve = Object.fromEntries(Object.entries(once).map(([kind, n]) => [kind, 12 * n]));
    expect(workOf(body, { workgroups: [3, 2, 2] })).to.deep.equal(twelve);
  });

  it("counts the lanes of vectors", () => {
    expect(workOf("let y = v[i] * v[i].wzyx; result[i] = y.x;")).to.include({
      multiplications: 4 * 8,
      loads: 2 * 8,
      loadBytes: 2 * 16 * 8,
    });
    expect(workOf("result[i] = v[i].y;")).to.include({ loadBytes: 4 * 8 });
  });

  it("makes a sum and a product that it is written of one multiply-add", () => {
    const sums = [
      "x[i] * x[0] + 1.0",
      "1.0 - x[i] * x[0]",
      "fma(x[i], x[0], 1.0)",
      "x[i] * x[0] + x[1] * x[2]",
    ];
    const work = sums.map((sum) => workOf(`result[i] = ${sum};`));
    for (const each of work) expect(each).to.include({ multiplyAdds: 8 });
    expect(work.map(({ multiplications = 0 }) => multiplications)).to.deep.equal([0, 0, 0, 8]);
    expect(work.map(({ additions = 0 }) => additions)).to.deep.equal([0, 0, 0, 0]);
    const chain = workOf("var sum = 1.0; sum += x[i] * x[0] + x[1] * x[2]; result[i] = sum;");
    expect(chain)
      .to.include({ multiplyAdds: 2 * 8 })
      .and.to.not.have.any.keys("multiplications", "additions");
    // What has a name is a value of its own.
    const named = workOf("let product = x[i] * x[0]; result[i] = product + 1.0;");
    expect(named).to.include({ multiplications: 8, additions: 8 });
  });

  it("counts a dot product as its multiply-adds", () => {
    const alone = workOf("result[i] = dot(v[i], v[0]);");
    expect(alone).to.include({ multiplications: 8, multiplyAdds: 3 * 8 });
    const summed = workOf("var sum = 0.0; sum += dot(v[i], v[0]); result[i] = sum;");
    expect(summed)
      .to.include({ multiplyAdds: 4 * 8 })
      .and.to.not.have.property("multiplications");
    const integers = workOf("result[dot(vec2<i32>(i, 2), uniforms.shape.xy)] = 1.0;");
    expect(integers).to.include({ integers: 3 * 8 });
  });

  it("tells kinds of work apart", () => {
    const body = `
      let a = exp(x[i]) / 3.0;
      let b = min(a, 2.0) < max(a, 1.0);
      let c = clamp(i, 0, 3) % 2;
      result[i] = select(a, f32(c), b);`;
    expect(workOf(body)).to.include({
      transcendentals: 8,
      divisions: 8,
      comparisons: 3 * 8,
      // The clamp, which is two, the remainder and the conversion.
      integers: 4 * 8,
    });
  });

  it("counts no arithmetic of literals, as it is done once", () => {
    expect(workOf("const n = 2 * 3 + 1; result[i + 0 * n] = 1.0;")).to.not.have.property(
      "additions",
    );
    expect(workOf("const n = 2 * 3; result[n] = x[n - 1];")).to.deep.equal({
      ...{ loads: 8, loadBytes: 32, stores: 8, storeBytes: 32 },
    });
  });

  it("counts what the invocations that take a branch execute", () => {
    const body = `
      if (i < uniforms.size) { result[i] = x[i] * 2.0; return; }
      result[i] = sqrt(x[i]);`;
    const work = workOf(body, { workgroups: [2, 1, 1], uniforms: [11] });
    expect(work).to.include({ integers: 16, multiplications: 11, transcendentals: 5 });
  });

  it("computes a second operand of && and || where the first does not decide, if it loads", () => {
    const loads = workOf("if (i < 6 && x[i] > 1.0) { result[i] = 1.0; }");
    expect(loads).to.include({ integers: 8, comparisons: 6, loads: 6 });
    const or = workOf("if (i < 2 || x[i] > 1.0 || x[0] > 2.0) { result[i] = 1.0; }");
    expect(or).to.include({ integers: 8 });
    expect(workOf("if (i < 6 && i > 1) { result[i] = 1.0; }")).to.include({
      ...{ integers: 16, stores: 4 },
    });
  });

  it("counts loops by their rounds, with break, continue and return", () => {
    const body = `
      var sum = 0.0;
      for (var k = 0; k < 10; k++) {
        if (k == 1) { continue; }
        if (k == 4) { break; }
        sum = sum + x[k];
      }
      result[i] = sum;`;
    // k is 0 to 4: compared, then twice more and added to, but where the round ends before.
    expect(workOf(body)).to.include({ additions: 3 * 8, integers: (5 + 5 + 4 + 4) * 8 });
    const own = "for (var k = 0; k < i; k++) { result[k] = 1.0; }";
    expect(workOf(own)).to.include({ stores: 28, integers: 28 + 28 + 8 });
    const returns = `
      fn first(from : i32) -> i32 {
        for (var k = from; k < 8; k = k + 1) { if (k > 4) { return k; } }
        return -1;
      }`;
    const found = workOf("if (first(i) == 5) { result[i] = 1.0; }", {}, returns);
    expect(found).to.include({ stores: 6 });
    const loop = "var k = 0; loop { if (k > 2) { break; } result[k] = 1.0; continuing { k++; } }";
    expect(workOf(loop)).to.include({ stores: 24, integers: (4 + 3) * 8 });
    expect(workOf("var k = 0; while (k < 3) { k += 1; result[k] = 1.0; }")).to.include({
      stores: 24,
    });
  });

  it("counts the workgroup's memory, barriers and atomics", () => {
    const before = `
      var<workgroup> tile : array<array<vec4<f32>, 2>, 8>;
      var<workgroup> sum : atomic<i32>;`;
    const { work, barriers } = counted(
      shader(
        `tile[i][1] = v[i];
        workgroupBarrier();
        atomicAdd(&sum, i);
        result[i] = tile[7 - i][1].x;`,
        { before },
      ),
      { workgroups: [5, 1, 1] },
    );
    expect(barriers).to.equal(5);
    expect(work).to.include({ sharedStoreBytes: 640, sharedLoadBytes: 160, atomics: 40 });
  });

  it("counts branches whose invocations part ways, and work without a result", () => {
    const body = `
      let value = sqrt(x[i]);
      if (i >= uniforms.size) { return; }
      result[i] = value;`;
    const { divergences, idle, idleInvocations, invocations } = counted(shader(body), {
      workgroups: [4, 1, 1],
      uniforms: [20],
    });
    expect({ divergences, idleInvocations, invocations }).to.deep.equal({
      ...{ divergences: 1, idleInvocations: 12, invocations: 32 },
    });
    expect(present(idle)).to.deep.equal({
      ...{ transcendentals: 12, loads: 12, loadBytes: 48, integers: 12 },
    });
  });

  it("passes pointers, structs and values to functions", () => {
    const before = `
      struct Pair { a : i32, b : f32 };
      fn add(sum : ptr<function, f32>, by : Pair) { *sum = *sum + by.b; }
      fn half(x : f32) -> f32 { return x / 2.0; }`;
    const body = "var s = half(x[i]); add(&s, Pair(1, half(s))); result[i] = s;";
    expect(workOf(body, {}, before)).to.include({ additions: 8, divisions: 16 });
  });
});

describe("classes of workgroups", () => {
  const BODY = `
    let row = i / uniforms.shape.x;
    let column = i % uniforms.shape.x;
    var sum = 0.0;
    for (var k = row - 1; k <= row + 1; k++) {
      if (k < 0 || k >= uniforms.shape.y) { continue; }
      if (column + k > uniforms.shape.z) { break; }
      sum = sum + x[k];
    }
    if (i < uniforms.size) { result[i] = sum; }`;

  /** What every workgroup does, each run on its own. */
  function oneByOne(source: string, launch: Required<Asked>): Omit<DispatchWork, "classes"> {
    const program = readShader(source);
    const runner = new WorkgroupRunner(program, withUniforms(launch));
    const sum = { work: noWork(), idle: noWork() };
    let [idleInvocations, barriers, divergences] = [0, 0, 0];
    const [x, y, z] = launch.workgroups;
    for (let place = 0; place < x * y * z; place++) {
      const at = [place % x, Math.floor(place / x) % y, Math.floor(place / (x * y))] as const;
      const counts = runner.run({ low: at, high: at });
      addWork(sum.work, counts.least);
      addWork(sum.idle, counts.idle);
      idleInvocations += counts.idleInvocations;
      barriers += counts.barriers.least;
      divergences += counts.divergences.least;
    }
    const invocations = [...launch.workgroups, ...program.workgroupSize].reduce((a, b) => a * b);
    return { ...sum, invocations, idleInvocations, barriers, divergences };
  }

  it("count what running every workgroup counts", () => {
    for (const [size, width, height, wide] of [
      [100, 9, 12, 13],
      [8, 3, 2, 0],
      [1, 1, 1, 1],
      [97, 16, 6, 40],
    ] as const) {
      const launch = {
        workgroups: [7, 2, 1],
        uniforms: [size, 0, 0, 0, width, height, wide],
      } as const;
      const source = shader(BODY, { invocations: 7 });
      const { classes, ...work } = counted(source, launch);
      expect(work).to.deep.equal(oneByOne(source, launch));
      expect(classes).to.be.lessThan(14);
    }
  });

  it("are as few as what differs", () => {
    const body = "if (i < uniforms.size) { result[i] = x[i]; }";
    const ofSize = (size: number) =>
      counted(shader(body), { workgroups: [1 << 15, 3, 1], uniforms: [size] });
    expect(ofSize(1 << 18)).to.deep.include({ classes: 1, idleInvocations: 2 * 0 });
    const { classes, work } = ofSize((1 << 18) - 13);
    expect(work.stores).to.equal(3 * ((1 << 18) - 13));
    expect(classes).to.be.lessThan(40);
  });

  it("are none where nothing is dispatched", () => {
    expect(counted(shader("result[i] = 1.0;"), { workgroups: [0, 1, 1] })).to.include({
      ...{ classes: 0, invocations: 0 },
    });
  });
});

describe("work that buffers decide", () => {
  it("is exact where both ways execute the same", () => {
    const body = "var y = 1.0; if (x[i] > 0.0) { y = 2.0; } result[i] = y + 1.0;";
    const { work, atMost } = counted(shader(body));
    expect(atMost).to.equal(undefined);
    expect(present(work)).to.include({ additions: 8, comparisons: 8 });
  });

  it("is between bounds where they do not", () => {
    const body = `
      if (x[i] > 0.0 && i < uniforms.size) { result[i] = sqrt(x[i]); }
      result[i] = x[i] + 1.0;`;
    const { work, atMost, classes } = counted(shader(body), {
      ...{ workgroups: [64, 1, 1], uniforms: [40] },
    });
    expect([work.transcendentals, atMost?.transcendentals]).to.deep.equal([0, 40]);
    expect([work.integers, atMost?.integers]).to.deep.equal([512, 512]);
    expect([work.additions, atMost?.additions]).to.deep.equal([512, 512]);
    expect(classes).to.be.lessThan(10);
  });

  it("is told from what workgroups decide, whatever earlier runs left in variables", () => {
    const before = `
      fn pick(i : i32) -> i32 {
        if (i % 5 < 3) { return i / 7; }
        if (i % 5 == 3) { return i32(x[i]); }
        return i / 3;
      }`;
    const body = "if (pick(i) > 4) { result[i] = sqrt(x[i]); } else { result[i] = 1.0; }";
    const { work, atMost } = counted(shader(body, { before }), { workgroups: [9, 1, 1] });
    const indices = Array.from({ length: 72 }, (_, i) => i);
    const sure = indices.filter((i) =>
      i % 5 < 3 ? Math.floor(i / 7) > 4 : i % 5 === 4 && Math.floor(i / 3) > 4,
    ).length;
    expect([work.transcendentals, atMost?.transcendentals]).to.deep.equal([
      sure,
      sure + indices.filter((i) => i % 5 === 3).length,
    ]);
  });

  it("is bounded by a loop's own end, and without bound where it has none", () => {
    const ends = "for (var k = 0; k < 5; k++) { if (x[k] > 0.0) { break; } result[i] = 1.0; }";
    const bounded = counted(shader(ends));
    expect([bounded.work.stores, bounded.atMost?.stores]).to.deep.equal([0, 40]);
    const open = "var y = x[i]; loop { result[i] = y; if (x[i] > 0.0) { break; } y = y + 1.0; }";
    const { work, atMost } = counted(shader(open));
    expect([work.stores, atMost?.stores]).to.deep.equal([8, Number.POSITIVE_INFINITY]);
    expect(atMost?.transcendentals).to.equal(0);
  });
});
