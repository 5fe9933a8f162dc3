import {
  annotate,
  type DType,
  type Extent,
  GraphBuilder,
  type Placement,
  RECORDING,
} from "@opcounter/ir";
import { expect } from "chai";
import fc from "fast-check";
import { count } from "../count.ts";
import type { DeviceSpec } from "./device-spec.ts";
import { DEVICE_SPECS } from "./devices/catalog.ts";
import { expectedOf, timeModel } from "./expected.ts";
import { fitPrograms, type LaunchSpec, type TimedOp } from "./fit.ts";
import { limitsOf, type Work } from "./limits.ts";
import { rooflineOf } from "./roofline.ts";
import { workOfOp } from "./work.ts";

/** A device with round figures: 1 µs for a launch, 1,000 FLOP/ns, 100 B/ns. */
const CARD: LaunchSpec = {
  name: "a card",
  flops: 1e12,
  bandwidth: 1e11,
  transcendentals: 1e10,
  workgroupFlops: 1e9,
  launchNs: 1000,
};
const WORK: Work = {
  flops: 0,
  paddedFlops: 0,
  transcendentals: 0,
  bytes: 0,
  dispatches: 1,
  workgroups: 5000,
};

const f32 = (...shape: number[]) => ({ dtype: "float32" as DType, shape });

/** Two products in the scopes a and a/b, then an op on the host, each of n×n numbers. */
function products(
  n: number,
  placement: Placement = "gpu",
  program = "P",
  ns?: number,
  workgroupSize?: Extent,
) {
  const builder = new GraphBuilder("products", "test");
  const x = builder.input("x", f32(n, n));
  const gpuTime = ns === undefined ? {} : { gpuTime: { ns, low: ns, high: ns, runs: 5 } };
  const size = workgroupSize && { workgroupSize };
  const dispatches = [{ program, workgroups: [n, 2, 1] as const, ...size, ...gpuTime }];
  const product = (a: number, scope: string[]) => {
    const operands = { a, b: x };
    const attrs = { transposeA: false, transposeB: false };
    const [y = 0] = builder.op({
      kernel: "BatchMatMul",
      operands,
      attrs,
      results: [f32(n, n)],
      scope,
      dispatches,
    });
    return y;
  };
  const y = product(product(x, ["a"]), ["a", "b"]);
  const [z = 0] = builder.op({
    kernel: "Relu",
    operands: { x: y },
    results: [f32(n, n)],
    scope: ["c"],
    placement,
  });
  builder.setResults([z]);
  return count(builder.build());
}

describe("the limits of an op", () => {
  it("are its arithmetic, its transcendentals, its memory and its launches", () => {
    const work = { ...WORK, flops: 2e9, transcendentals: 3e7, bytes: 4e8, dispatches: 5 };
    expect(limitsOf(CARD, work)).to.deep.equal({
      compute: 2,
      transcendentals: 3,
      memory: 4,
      launch: 0.005,
    });
    expect(limitsOf(CARD, { ...work, workgroups: 10 }).compute).to.equal(200);
    expect(limitsOf(CARD, work, 3)).to.include({ compute: 6, transcendentals: 9, memory: 4 });
  });

  it("leave out what a spec does not say", () => {
    const { name, flops, bandwidth } = CARD;
    const work = { ...WORK, flops: 2e9, transcendentals: 3e9, workgroups: 1 };
    const limits = limitsOf({ name, flops, bandwidth }, work);
    expect(limits).to.deep.equal({ compute: 2, transcendentals: 3, memory: 0, launch: 0 });
  });
});

describe("a roofline", () => {
  it("adds the least times of a scope's ops up, since they run one after another", () => {
    const n = 64;
    const { ops, scopes, total } = rooflineOf(products(n), CARD);
    const product = (1e3 * 2 * n ** 3) / (2 * n * 1e9);
    expect(ops.map(({ leastMs }) => leastMs)).to.deep.equal([product, product, ops[2]?.leastMs]);
    const least = new Map(scopes.map(({ scope, leastMs }) => [scope, leastMs]));
    expect(least.get("a")).to.equal(2 * product);
    expect(least.get("a/b")).to.equal(product);
    expect(total.leastMs).to.be.closeTo(2 * product + (ops[2]?.leastMs ?? 0), 1e-12);
    expect(ops[0]).to.include({ bound: "compute", measuredMs: null, expected: null, lostMs: null });
    const launches = rooflineOf(products(2), { ...CARD, launchNs: 1e6 });
    expect(launches.total.bound).to.equal("launch");
    expect(launches.total.leastMs).to.be.closeTo(2, 1e-6);
  });

  it("expects an idle device's times where the host takes longer than the device", () => {
    const spec: DeviceSpec = {
      ...CARD,
      idle: { launchNs: 7000, slowdown: 3 },
      programs: { P: { efficiency: 0.5, low: 0.9, high: 2 } },
      otherPrograms: { efficiency: 0.1, low: 0.1, high: 10 },
    };
    const n = 64;
    const product = (1e3 * 2 * n ** 3) / (2 * n * 1e9);
    const busy = rooflineOf(products(n), spec);
    expect(busy).to.include({ idles: false });
    expect(busy.host).to.deep.equal({ ops: 0, ms: 0, isMeasured: true });
    expect(busy.ops[0]?.expected).to.deep.equal({
      ms: 0.001 + product / 0.5,
      lowMs: 0.9 * (0.001 + product / 0.5),
      highMs: 2 * (0.001 + product / 0.5),
    });
    expect(busy.ops[0]?.lostMs).to.be.closeTo(0.001 + product, 1e-12);
    const idle = rooflineOf(products(n, "cpu"), spec);
    expect(idle).to.include({ idles: true, expectedIdle: null });
    expect(idle.host).to.deep.include({ ops: 1, isMeasured: false });
    expect(idle.host.ms).to.be.closeTo((1e3 * 2 * 4 * n * n) / 60e6, 1e-9);
    expect(idle.ops).to.have.length(2);
    expect(idle.total.expected?.ms).to.be.closeTo(2 * (0.007 + (3 * product) / 0.5), 1e-12);
    expect(idle.slowest.map(({ name }) => name)).to.deep.equal([
      "%0 BatchMatMul",
      "%1 BatchMatMul",
    ]);
    const slow = timeModel(spec, true);
    if (slow === undefined) throw new Error("the device lacks what a prediction needs");
    const times = products(n).ops.map(
      (op) => expectedOf(slow, workOfOp(op), op.dispatches.at(-1)?.program ?? "").ms,
    );
    expect(busy.expectedIdle?.ms).to.equal(times.reduce((sum, ms) => sum + ms, 0));
  });

  it("expects an idle device's times where the shortest dispatch took as long", () => {
    const spec: DeviceSpec = {
      ...CARD,
      idle: { launchNs: 9000, slowdown: 3 },
      programs: {},
      otherPrograms: { efficiency: 1, low: 1, high: 1 },
    };
    // The middle of 1,000 and 9,000 by ratio.
    const busy = rooflineOf(products(64, "cpu", "P", 2900), spec);
    expect(busy).to.include({ shortestMs: 0.0029, idles: false, expectedIdle: null });
    const idle = rooflineOf(products(64, "gpu", "P", 3100), spec);
    expect(idle).to.include({ shortestMs: 0.0031, idles: true, expectedIdle: null });
    expect(rooflineOf(products(64, "gpu", "P", 0), spec)).to.include({ shortestMs: null });
  });
});

describe("the padding of an op", () => {
  it("is what workgroups compute beyond its result, where their tile is known", () => {
    const [product] = products(48, "gpu", "MatMulPackedProgram").ops;
    const [unknown] = products(48).ops;
    if (product === undefined || unknown === undefined) throw new Error("no op was counted");
    const flops = 2 * 48 ** 3;
    // 48·2 workgroups of 32·32 elements compute 48·48 of them.
    expect(workOfOp(product)).to.include({ flops, paddedFlops: (flops * 96 * 32 * 32) / 48 ** 2 });
    expect(workOfOp(unknown)).to.include({ flops, paddedFlops: flops, workgroups: 96 });
  });

  it("is what a workgroup does to add the sums of its invocations up", () => {
    const [sums] = products(8, "gpu", "ReduceProgram", undefined, [64, 1, 1]).ops;
    const [unknown] = products(8, "gpu", "ReduceProgram").ops;
    if (sums === undefined || unknown === undefined) throw new Error("no op was counted");
    const flops = 2 * 8 ** 3;
    // The 16 operations of an element take one step. The sums of 64 invocations take six more.
    expect(workOfOp(sums)).to.include({ flops, paddedFlops: 16 * 64 * (1 + 6) * 4 });
    expect(workOfOp(unknown)).to.include({ flops, paddedFlops: flops });
  });
});

describe("a fit of programs", () => {
  const efficiency = fc.double({ min: 0.01, max: 2, noNaN: true });
  const work = fc.record({
    flops: fc.integer({ min: 1, max: 1e9 }),
    paddedFlops: fc.integer({ min: 1, max: 1e9 }),
    transcendentals: fc.integer({ min: 1, max: 1e6 }),
    // What takes hardly longer than a launch tells nothing.
    bytes: fc.integer({ min: 1e6, max: 1e8 }),
    dispatches: fc.integer({ min: 1, max: 3 }),
    workgroups: fc.integer({ min: 1, max: 5000 }),
  });
  const op = fc.record({
    model: fc.constantFrom("m", "n", "o"),
    program: fc.constantFrom("P", "Q", "R"),
    work,
  });

  it("finds the efficiencies and the slowdown of a device whose times follow the model", () => {
    fc.assert(
      fc.property(
        fc.array(op, { minLength: 20, maxLength: 60 }),
        fc.record({ P: efficiency, Q: efficiency, R: efficiency }),
        fc.integer({ min: 10, max: 100 }),
        (works, truth, tenths) => {
          const idle = { launchNs: 3000, slowdown: tenths / 10 };
          const programs = Object.fromEntries(
            Object.entries(truth).map(([name, each]) => [
              name,
              { efficiency: each, low: 1, high: 1 },
            ]),
          );
          const otherPrograms = { efficiency: 1, low: 1, high: 1 };
          const device = { ...CARD, idle, programs, otherPrograms };
          const ops = works.map((each): TimedOp => {
            const idles = each.model === "o";
            const model = timeModel(device, idles);
            if (model === undefined) throw new Error("the device lacks what a prediction needs");
            return { ...each, idles, measuredMs: expectedOf(model, each.work, each.program).ms };
          });
          const spec = { ...CARD, idle: { launchNs: 3000, slowdown: 3 } };
          const fitted = fitPrograms(spec, ops);
          // Without an idle model, or a busy one, the slowdown stays what was given.
          const isBoth = ops.some(({ idles }) => idles) && ops.some(({ idles }) => !idles);
          fc.pre(isBoth);
          const errors = ops.map(({ idles, measuredMs, ...each }) => {
            const model = timeModel(fitted, idles);
            const found = model === undefined ? 0 : expectedOf(model, each.work, each.program).ms;
            return Math.abs(found / measuredMs - 1);
          });
          expect(Math.max(...errors)).to.be.below(1e-6);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("gives a program that only one model has the spread of unknown ones", () => {
    const timed = (model: string, program: string, measuredMs: number): TimedOp => {
      const asked = { ...WORK, bytes: 1e6 };
      return { model, program, work: asked, idles: false, measuredMs };
    };
    const fitted = fitPrograms(CARD, [
      timed("m", "P", 0.011),
      timed("n", "P", 0.021),
      timed("n", "Q", 0.101),
    ]);
    const { P, Q } = fitted.programs ?? {};
    expect(P?.efficiency).to.be.closeTo(2 / 3, 1e-9);
    expect(P?.low).to.be.below(1);
    expect(P?.high).to.be.above(1.5);
    expect(Q?.efficiency).to.be.closeTo(0.1, 1e-9);
    expect({ ...Q, efficiency: 0 }).to.deep.equal({ ...fitted.otherPrograms, efficiency: 0 });
  });
});

describe("what a pass moves besides its ops", () => {
  /** A result of n numbers on the host, which the device takes; its sum is read in mid-pass. */
  const report = (n: number) => {
    const builder = new GraphBuilder("moves", "test");
    const x = builder.input("x", f32(1));
    const tile = { attrs: { reps: [n] }, results: [f32(n)], placement: "cpu" as const };
    const [y = 0] = builder.op({ kernel: "Tile", operands: { x }, ...tile });
    const results = [f32(n)];
    const [z = 0] = builder.op({ kernel: "Relu", operands: { x: y }, results, placement: "gpu" });
    builder.setResults([z]);
    const graph = builder.build();
    const memory = { peakUsedBytes: 0, peakAllocatedBytes: 0, peakBuffers: [] };
    annotate(graph, RECORDING, { events: [], reads: [z], memory, shaders: new Map() });
    return count(graph);
  };
  const sizes = [
    { bytes: 4000, ms: 1 },
    { bytes: 12_000, ms: 2 },
  ];

  for (const [numbers, ms, how] of [
    [500, 1, "below the smallest size, as long as that"],
    [2000, 1.5, "between two sizes, on the line"],
    [6000, 4, "above the largest size, at its rate"],
  ] as const) {
    it(`takes, ${how}, ${ms} ms`, () => {
      const { transfers } = rooflineOf(report(numbers), { ...CARD, uploads: sizes });
      const moved = { count: 1, bytes: 4 * numbers };
      expect(transfers.uploads).to.deep.equal({ ...moved, ms });
      expect(transfers.readbacks).to.deep.equal({ ...moved, ms: null });
      const read = rooflineOf(report(numbers), { ...CARD, readbacks: sizes }).transfers.readbacks;
      expect(read).to.deep.equal({ ...moved, ms });
    });
  }
});

describe("the devices that ship", () => {
  it("name their sources, and what can be true of a device", () => {
    for (const [name, spec] of Object.entries(DEVICE_SPECS)) {
      expect(name).to.match(/^[a-z0-9-]+$/);
      expect(spec.source, name).to.match(/\w/);
      expect(spec.flops / spec.bandwidth, name).to.be.within(5, 100);
    }
  });
});
