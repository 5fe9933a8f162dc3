import {
  annotate,
  type Graph,
  GraphBuilder,
  KERNEL_NAMES,
  OpcounterError,
  RECORDING,
} from "@opcounter/ir";
import { expect } from "chai";
import { convention } from "./conventions/convention.ts";
import { CONVENTION_NAMES, findConvention } from "./conventions/registry.ts";
import { type CountOptions, count } from "./count.ts";
import { symbolsIn } from "./expressions/expression.ts";
import { SYMBOL_MEANINGS } from "./formulas/legend.ts";
import { FORMULAS } from "./formulas/registry.ts";
import { reportToJson } from "./report/report.ts";
import { rooflineOf } from "./roofline/roofline.ts";

const f32 = (...shape: number[]) => ({ dtype: "float32" as const, shape });

/** conv → relu in the layer `stem`, then a kernel that nobody knows. */
function smallGraph(): Graph {
  const builder = new GraphBuilder("small");
  const x = builder.input("image", f32(1, 8, 8, 3));
  const filter = builder.param("stem/kernel", f32(3, 3, 3, 4));
  const mean = builder.param("norm/mean", f32(4), { trainable: false, role: "statistic" });
  const call = builder.beginCall({
    kind: "layer",
    className: "Stem",
    scope: ["stem"],
    inputs: [x],
    params: [filter],
  });
  const attrs = { strides: 1, pad: "same", dataFormat: "NHWC", dilations: 1 };
  const [y = 0] = builder.op({
    kernel: "Conv2D",
    operands: { x, filter },
    attrs,
    results: [f32(1, 8, 8, 4)],
    scope: ["stem", "conv"],
    call,
  });
  const [z = 0] = builder.op({
    kernel: "Relu",
    operands: { x: y },
    results: [f32(1, 8, 8, 4)],
    scope: ["stem"],
    call,
  });
  builder.endCall(call, { results: [z] });
  const [out = 0] = builder.op({
    kernel: "Mystery",
    operands: { x: z, mean },
    results: [f32(1, 4)],
    scope: ["head"],
  });
  builder.setResults([out]);
  return builder.build();
}

const CONV_MACS = 64 * 4 * 9 * 3;

function complaint(options: CountOptions): string {
  try {
    count(smallGraph(), options);
  } catch (error) {
    if (error instanceof OpcounterError) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("count", () => {
  it("has a formula, a declared zero or a bound for every kernel of tfjs", () => {
    expect(KERNEL_NAMES.filter((name) => !FORMULAS.has(name))).to.deep.equal([]);
    expect(FORMULAS.size).to.equal(KERNEL_NAMES.length);
  });

  it("says what each symbol of a formula stands for", () => {
    const used = [
      ...[...FORMULAS.values()].flatMap(({ expressions }) => Object.values(expressions)),
      ...CONVENTION_NAMES.map((name) => findConvention(name)).flatMap(({ costs }) =>
        Object.values(costs).flatMap(({ kernels, layers, patterns }) => [
          ...kernels.values(),
          ...layers.values(),
          ...patterns.values(),
        ]),
      ),
    ].flatMap((expression) => [...symbolsIn(expression)]);
    expect([...new Set(used)].sort()).to.deep.equal(Object.keys(SYMBOL_MEANINGS).sort());
  });

  it("counts ops, parameters and statistics", () => {
    const { totals } = count(smallGraph());
    expect(totals).to.include({
      macs: CONV_MACS,
      flops: 2 * CONV_MACS + 256,
      transcendentals: 0,
      params: 108,
      trainableParams: 108,
      statistics: 4,
      slots: 0,
      ops: 3,
      gpuTimeMs: null,
    });
    expect(totals.bytesRead).to.equal(4 * (192 + 108 + 256 + 256 + 4));
    expect(totals.bytesWritten).to.equal(4 * (256 + 256 + 4));
  });

  it("gives each op its formula in symbols and in numbers", () => {
    const [conv] = count(smallGraph()).ops;
    expect(conv?.formula.macs).to.deep.equal({
      symbols: "M·(K·Ci)",
      numbers: "8·8·4·(3·3·3)",
    });
  });

  it("names what is uncounted, and fails on it if strict", () => {
    expect(count(smallGraph()).uncounted).to.deep.equal([{ kernel: "Mystery", ops: 1 }]);
    expect(complaint({ strict: true })).to.include("Mystery (1 op)");
    const counters = { kernels: { Mystery: () => ({ flops: 5 }) } };
    expect(count(smallGraph(), { strict: true, counters }).uncounted).to.deep.equal([]);
  });

  it("gives no roofline by what another tool counts", () => {
    const spec = { name: "a card", flops: 1e12, bandwidth: 1e11 };
    expect(rooflineOf(count(smallGraph()), spec).total.flops).to.equal(2 * CONV_MACS + 256);
    expect(() => rooflineOf(count(smallGraph(), { convention: "thop@head" }), spec)).to.throw(
      OpcounterError,
      "which thop@head does not count; count by the convention native",
    );
  });

  it("prefers rules by scope to those by layer, and those to rules by kernel", () => {
    const kernels = { Conv2D: () => ({ macs: 1 }), Relu: () => ({ macs: 10 }) };
    const layers = { Stem: () => ({ macs: 100 }) };
    const scopes = { "stem/conv": () => ({ macs: 1000 }) };
    const macs = (counters: CountOptions["counters"] & object) =>
      count(smallGraph(), { counters }).macs;
    expect(macs({ kernels })).to.equal(11);
    expect(macs({ kernels, layers })).to.equal(100);
    expect(macs({ kernels, layers, scopes })).to.equal(1100);
    // A rule for the layer's own scope counts its ops in place of the layer's rule.
    expect(macs({ kernels, layers, scopes: { "**": () => ({ macs: 2 }) } })).to.equal(6);
    const nested = { "**": () => ({ macs: 2 }), "stem/conv": () => ({ macs: 1000 }) };
    expect(macs({ scopes: nested })).to.equal(1004);
  });

  it("leaves out of every row what a rule returns and the convention has not", () => {
    const figures = () => ({ macs: 3, flops: 5, transcendentals: 7 });
    const all: CountOptions["counters"][] = [
      { kernels: { Conv2D: figures, Relu: figures } },
      { layers: { Stem: figures } },
      { scopes: { "**": figures } },
    ];
    for (const counters of all) {
      for (const [name, none] of [
        ["thop@head", ["flops", "transcendentals"]],
        ["torch", ["macs", "transcendentals"]],
      ] as const) {
        const report = count(smallGraph(), { convention: name, ...(counters && { counters }) });
        const { totals, ops, layers, byScope, byOwner, byKernel } = report;
        const rows = [ops, layers].flat().map(({ cost }) => cost);
        for (const cost of [totals, ...rows, ...byScope, ...byOwner, ...byKernel]) {
          for (const figure of none) expect(cost[figure], `${figure} under ${name}`).to.equal(null);
        }
        expect(totals.macs ?? totals.flops).to.be.above(0);
      }
    }
  });

  it("lets what a convention counts as a whole give way to rules of the user's own inside", () => {
    const whole = convention({
      name: "whole@1",
      description: "a layer and a pattern as one",
      unit: "macs",
      kernels: { Conv2D: "M", Relu: "N", Mean: "3", SquaredDifference: "5", Add: "7", Rsqrt: "11" },
      layers: { Stem: "7" },
    });
    const counted = (options: CountOptions) =>
      count(smallGraph(), { convention: whole, ...options });
    expect(counted({}).macs).to.equal(7);
    const kernels = { Relu: () => ({ macs: 1 }) };
    const byKernel = counted({ counters: { kernels } });
    expect(byKernel.macs).to.equal(256 + 1);
    expect(byKernel.rules).to.deep.equal([{ rule: "kernel Relu", times: 1 }]);
    expect(counted({ counters: { scopes: { stem: () => ({}) } } }).macs).to.equal(0);
    expect(counted({ counters: { layers: { Stem: () => ({ macs: 2 }) } } }).macs).to.equal(2);
    expect(counted({ ignore: ["stem/conv"] }).macs).to.equal(256);
  });

  it("takes names of what every object has for the names of kernels and layers that they are", () => {
    const builder = new GraphBuilder("names");
    const x = builder.input("x", f32(8));
    builder.op({ kernel: "toString", operands: { x }, results: [f32(8)] });
    const counters = { kernels: {}, layers: {}, scopes: {} };
    expect(count(builder.build(), { counters }).uncounted).to.deep.equal([
      { kernel: "toString", ops: 1 },
    ]);
  });

  it("shows a layer rule the call's types", () => {
    let seen: unknown;
    const Stem = (call: unknown) => {
      seen = call;
      return { macs: 3n };
    };
    const report = count(smallGraph(), { counters: { layers: { Stem } } });
    expect(seen).to.have.deep.nested.property("inputs[0].shape", [1, 8, 8, 3]);
    expect(seen).to.have.nested.property("params[0].name", "stem/kernel");
    expect(report.layers[0]).to.deep.include({ scope: "stem", className: "Stem" });
    expect(report.byKernel.find(({ kernel }) => kernel === "layer:Stem")?.macs).to.equal(3);
    expect(report.byScope.find(({ scope }) => scope === "stem")?.macs).to.equal(3);
  });

  it("sums scopes up with what is inside", () => {
    const rows = count(smallGraph()).byScope;
    expect(rows.map(({ scope, macs }) => [scope, macs])).to.deep.equal([
      ["stem", CONV_MACS],
      ["stem/conv", CONV_MACS],
      ["head", 0],
    ]);
    expect(rows[0]).to.include({ className: "Stem", params: 108, ops: 2 });
  });

  it("has a row for what runs in no scope, so that the outermost rows add up", () => {
    const builder = new GraphBuilder("mixed");
    const x = builder.input("x", f32(8));
    const [y = 0] = builder.op({ kernel: "Relu", operands: { x }, results: [f32(8)] });
    const scope = ["head", "relu"];
    builder.op({ kernel: "Relu", operands: { x: y }, results: [f32(8)], scope });
    const rows = count(builder.build()).byScope;
    expect(rows.map(({ scope, depth, flops }) => [scope, depth, flops])).to.deep.equal([
      ["head", 1, 8],
      ["head/relu", 2, 8],
      ["", 1, 8],
    ]);
  });

  it("leaves scopes out by pattern, and says what", () => {
    const report = count(smallGraph(), { ignore: ["s*/conv", "head"] });
    expect(report.totals).to.include({ macs: 0, flops: 256, ops: 1 });
    expect(report.warnings).to.deep.equal([
      "2 of 3 ops were left out, in scopes that match s*/conv, head; parameters and peak memory are the whole model's.",
    ]);
    expect(count(smallGraph(), { ignore: ["nothing"] }).warnings[0]).to.include("Nothing was left");
  });

  it("stays exact past 2^53, in JSON too", () => {
    const macs = 2n ** 53n + 1n;
    const counters = { kernels: { Conv2D: () => ({ macs }), Relu: () => ({ macs: 2n }) } };
    const report = count(smallGraph(), { counters });
    expect(report.macs).to.equal(2n ** 53n + 3n);
    expect(JSON.parse(reportToJson(report)).totals.macs).to.equal("9007199254740995");
  });

  it("counts by a convention of the user's own, whose other figures are null", () => {
    const own = convention({
      name: "outputs@1",
      description: "one a result",
      unit: "flops",
      kernels: { Conv2D: "M", Relu: "N" },
    });
    const report = count(smallGraph(), { convention: own });
    expect(report).to.include({ convention: "outputs@1", macs: null, flops: 512 });
  });

  it("lets a group change bytes and dispatches, and nothing else", () => {
    const graph = smallGraph();
    const apart = count(graph).totals;
    const grouped = count({ ...graph, groups: [{ pattern: "contraction", ops: [0, 1] }] }).totals;
    expect(grouped).to.include({ macs: apart.macs, flops: apart.flops, params: apart.params });
    const intermediate = 4 * 256;
    expect(Number(apart.bytesRead) - Number(grouped.bytesRead)).to.equal(intermediate);
    expect(Number(apart.bytesWritten) - Number(grouped.bytesWritten)).to.equal(intermediate);
  });

  it("looks through the views of a group", () => {
    const builder = new GraphBuilder("views");
    const x = builder.input("x", f32(10, 10));
    const view = (x: number) =>
      builder.op({ kernel: "Reshape", operands: { x }, results: [f32(100)], placement: "view" });
    const [flat = 0] = view(x);
    const [y = 0] = builder.op({ kernel: "Relu", operands: { x: flat }, results: [f32(100)] });
    const [z = 0] = builder.op({
      kernel: "Multiply",
      operands: { a: y, b: flat },
      results: [f32(100)],
    });
    const [shown = 0] = view(z);
    builder.setResults([shown]);
    const graph = builder.build();
    const grouped = { ...graph, groups: [{ pattern: "elementwise", ops: [0, 1, 2, 3] }] };
    expect(count(grouped).totals).to.include({ bytesRead: 400, bytesWritten: 400 });
    // A view of the input outside the group changes nothing.
    const without = { ...graph, groups: [{ pattern: "elementwise", ops: [1, 2, 3] }] };
    expect(count(without).totals).to.include({ bytesRead: 400, bytesWritten: 400 });
  });

  it("reads once what an op takes twice", () => {
    const builder = new GraphBuilder("twice");
    const x = builder.input("x", f32(100));
    builder.op({ kernel: "Multiply", operands: { a: x, b: x }, results: [f32(100)] });
    expect(count(builder.build()).totals).to.include({ bytesRead: 400, bytesWritten: 400 });
  });

  it("reads of what an op slices only what it takes", () => {
    const builder = new GraphBuilder("slices");
    const x = builder.input("x", f32(100, 4));
    const slice = (row: number) =>
      builder.op({
        kernel: "Slice",
        operands: { x },
        attrs: { begin: [row, 0], size: [2, 4] },
        results: [f32(2, 4)],
      });
    const [a = 0] = slice(0);
    const [b = 0] = slice(2);
    builder.op({ kernel: "Add", operands: { a, b }, results: [f32(2, 4)] });
    const graph = builder.build();
    const bytes = 4 * 2 * 4;
    expect(count(graph).ops.map(({ cost }) => cost.bytesRead)).to.deep.equal([
      bytes,
      bytes,
      2 * bytes,
    ]);
    const grouped = { ...graph, groups: [{ pattern: "elementwise", ops: [0, 1, 2] }] };
    expect(count(grouped).totals.bytesRead).to.equal(2 * bytes);
  });

  it("gives an interval where work depends on values", () => {
    const builder = new GraphBuilder("sorting");
    const x = builder.input("x", f32(4, 8));
    const [y = 0] = builder.op({ kernel: "Relu", operands: { x }, results: [f32(4, 8)] });
    builder.op({
      kernel: "TopK",
      operands: { x: y },
      attrs: { k: 2, sorted: true },
      results: [f32(4, 2), { dtype: "int32", shape: [4, 2] }],
    });
    const { bounds, flops } = count(builder.build());
    expect(flops).to.equal(32 + 32 * 3);
    expect(bounds).to.deep.equal({
      flops: [32, 128],
      transcendentals: [0, 0],
      kernels: [{ kernel: "TopK", ops: 1 }],
    });
    expect(count(smallGraph()).bounds).to.equal(null);
  });

  it("gives an interval that has what layers count as a whole", () => {
    const builder = new GraphBuilder("sorting layer");
    const x = builder.input("x", f32(4, 8));
    const results = [f32(4, 2), { dtype: "int32" as const, shape: [4, 2] }];
    builder.op({ kernel: "TopK", operands: { x }, attrs: { k: 2, sorted: true }, results });
    const opening = { kind: "layer" as const, className: "Own", scope: ["own"] };
    const call = builder.beginCall({ ...opening, inputs: [x], params: [] });
    const [y = 0] = builder.op({ kernel: "Relu", operands: { x }, results: [f32(4, 8)], call });
    builder.endCall(call, { results: [y] });
    const counters = { layers: { Own: () => ({ flops: 1000 }) } };
    const { bounds, flops } = count(builder.build(), { counters });
    expect(flops).to.equal(1096);
    expect(bounds?.flops).to.deep.equal([1000, 1096]);
  });

  it("names the rules of the user's own, used or not, and the passes", () => {
    const counters = { kernels: { Relu: () => ({ flops: 1 }), Relu9: () => ({ flops: 1 }) } };
    const report = count(smallGraph(), { counters, passes: "fuse" });
    expect(report.passes).to.equal("fuse");
    expect(report.rules).to.deep.equal([
      { rule: "kernel Relu", times: 1 },
      { rule: "kernel Relu9", times: 0 },
    ]);
    expect(report.warnings).to.deep.equal([
      "Rules of your own counted kernel Relu (1 time).",
      "Rules of your own that counted nothing: kernel Relu9.",
    ]);
    expect(count(smallGraph())).to.deep.include({ passes: null, rules: [] });
  });

  it("compares forward and backward of a training step, not of scopes that are called so", () => {
    const builder = new GraphBuilder("two products");
    let a = builder.input("a", f32(3, 3));
    const b = builder.input("b", f32(3, 3));
    for (const phase of ["forward", "backward"]) {
      const operands = { a, b };
      const attrs = { transposeA: false, transposeB: false };
      const results = [f32(3, 3)];
      [a = -1] = builder.op({ kernel: "BatchMatMul", operands, attrs, results, scope: [phase] });
    }
    const graph = builder.build();
    const memory = { peakUsedBytes: 0, peakAllocatedBytes: 0, peakBuffers: [] };
    const recording = { events: [], reads: [], memory, shaders: new Map() };
    const training = (isTraining: boolean) => {
      annotate(graph, RECORDING, { ...recording, isTraining });
      return count(graph).training;
    };
    expect(training(true)).to.include({ forwardMacs: 27, backwardMacs: 27 });
    expect(training(false)).to.equal(null);
  });

  it("refuses what is no rule, pattern or convention", () => {
    expect(complaint({ convention: "thop@2031" })).to.include("thop@2019-07");
    const untyped = (options: object) => complaint(options);
    expect(untyped({ ignore: "head" })).to.equal(
      'ignore is head; give scope patterns in a list: ["head/**"].',
    );
    expect(untyped({ accumulate: "float16" })).to.include('accumulate is "float16"');
    expect(untyped({ counters: { layer: { Dense: () => ({}) } } })).to.equal(
      'counters has no part "layer". Did you mean "layers"? There are kernels, layers, scopes.',
    );
    expect(complaint({ ignore: [""] })).to.include("scope pattern is empty");
    const returning = (result: unknown) =>
      complaint({ counters: { kernels: { Relu: () => result as object } } });
    expect(returning({ macs: Number.NaN })).to.include("macs = NaN");
    expect(returning({ macs: 2 ** 53 })).to.include("a bigint beyond 2^53");
    expect(returning(null)).to.include("returned null");
    expect(returning(Promise.reject(new Error("late")))).to.include("is asynchronous");
  });
});

describe("ops that run on the host", () => {
  it("are counted, with what of their results the device takes, once", () => {
    const builder = new GraphBuilder("host");
    const scale = builder.param("scale", f32(1, 4));
    const tile = (attrs: { reps: number[] }) =>
      builder.op({
        ...{ kernel: "Tile", operands: { x: scale }, attrs, results: [f32(3, 4)] },
        ...{ placement: "cpu" as const, scope: ["norm"] },
      })[0] ?? 0;
    const [used, unused] = [tile({ reps: [3, 1] }), tile({ reps: [3, 1] })];
    // Two ops on the device take it: itself, and a view of it.
    const [view = 0] = builder.op({
      ...{ kernel: "Reshape", operands: { x: used }, attrs: { shape: [12] } },
      ...{ results: [f32(12)], placement: "view" as const },
    });
    const relu = (x: number) =>
      builder.op({ kernel: "Relu", operands: { x }, results: [f32(12)], scope: ["out"] })[0] ?? 0;
    builder.setResults([relu(view), relu(used), unused]);
    const { totals, byScope, byKernel, ops, warnings } = count(builder.build());
    expect(totals).to.include({ hostOps: 2, hostBytesUploaded: 3 * 4 * 4 });
    expect(ops.map(({ cost }) => cost.hostBytesUploaded)).to.deep.equal([48, 0, 0, 0, 0]);
    const norm = byScope.find(({ scope }) => scope === "norm");
    expect(norm).to.include({ hostOps: 2, hostBytesUploaded: 48 });
    expect(byKernel.find(({ kernel }) => kernel === "Tile")).to.include({ hostOps: 2 });
    expect(warnings).to.deep.equal([
      "2 ops run on the host (Tile ×2), and 48 B of their results are uploaded each pass.",
    ]);
  });
});
