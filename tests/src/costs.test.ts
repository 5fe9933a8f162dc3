import { type CostDefinition, count } from "@opcounter/counters";
import { analyse, type Graph, GraphBuilder, liveness, OpcounterError, print } from "@opcounter/ir";
import { openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { profile } from "opcounter";
import energyPlugin from "../../examples/energy.ts";
import widthPlugin from "../../examples/stored-width.ts";
import { opcounter, temporaryFolder } from "./command-line.ts";

/** Two dense layers, 4 → 3 with a bias and ReLU, 3 → 2 with neither, on one row. */
function twoLayers(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ name: "hidden", units: 3, inputShape: [4], activation: "relu" }),
      tf.layers.dense({ name: "output", units: 2, useBias: false }),
    ],
  });
}

// By hand: 4·3 and 3·2 pairs; 3 sums of the bias and 3 comparisons of the ReLU; in float32 the
// layers read 4 + 12 + 3 and 3 + 6 elements and write 3 and 2.
const MACS = 4 * 3 + 3 * 2;
const BYTES = 4 * (4 + 12 + 3 + 3 + (3 + 6 + 2));
const ENERGY = MACS * (3.7 + 0.9) + 6 * 0.9 + (BYTES * 1300) / 8;

const MODULE = `export default (tf) => tf.sequential({ layers: [
  tf.layers.dense({ name: "hidden", units: 3, inputShape: [4], activation: "relu" }),
  tf.layers.dense({ name: "output", units: 2, useBias: false }),
] });`;

const f32 = (...shape: number[]) => ({ dtype: "float32" as const, shape });

/** Two products by weights that are stored in 8 and in 32 bits, and one of two computed operands. */
function mixedGraph(): Graph {
  const builder = new GraphBuilder("mixed");
  const x = builder.input("x", f32(2, 4));
  const narrow = builder.param("narrow", f32(4, 8), { stored: "uint8" });
  const wide = builder.param("wide", f32(8, 3));
  const attrs = { transposeA: false, transposeB: false };
  const product = (a: number, b: number, columns: number, scope: string) =>
    builder.op({
      kernel: "BatchMatMul",
      operands: { a, b },
      attrs,
      results: [f32(2, columns)],
      scope: ["net", scope],
    });
  const [h = 0] = product(x, narrow, 8, "narrow");
  const [y = 0] = product(h, wide, 3, "wide");
  const [z = 0] = builder.op({
    kernel: "BatchMatMul",
    operands: { a: y, b: y },
    attrs: { transposeA: false, transposeB: true },
    results: [f32(2, 2)],
    scope: ["net", "self"],
  });
  builder.setResults([z]);
  return builder.build();
}
const MIXED = { macs8: 2 * 4 * 8, macs16: 0, macs32: 2 * 8 * 3 };

/** What a cost gives over the mixed graph, or the sentence it is refused with. */
function costing(definition: Partial<CostDefinition>, options = {}) {
  const cost = { name: "own", unit: "points", description: "", total: "sum" as const };
  try {
    return count(mixedGraph(), { costs: [{ ...cost, ...definition }], ...options });
  } catch (error) {
    if (error instanceof OpcounterError) return error.message;
    throw error;
  }
}
function totalOf(definition: Partial<CostDefinition>, options = {}) {
  const report = costing(definition, options);
  return typeof report === "string" ? report : report.totals.costs["own"];
}

describe("costs of the user's own", () => {
  const folder = temporaryFolder();
  before(() => {
    folder.write("model.ts", MODULE);
    folder.write("mixed.ir", print(mixedGraph()));
  });
  after(folder.remove);
  const run = (...args: string[]) => opcounter(args, folder.path);
  const example = (name: string) => new URL(`../../examples/${name}`, import.meta.url).pathname;

  describe("energy.ts", () => {
    it("is what a hand calculation gives, from the API", async () => {
      const model = twoLayers();
      const report = await profile(model, [tf.zeros([1, 4])], {
        device: "virtual",
        plugins: [energyPlugin],
      });
      model.dispose();
      expect(report.macs).to.equal(MACS);
      expect(report.totals.costs["energy"]).to.be.closeTo(ENERGY, 1e-9);
      expect(report.costs).to.have.length(1);
      expect(report.costs[0]).to.include({ name: "energy", unit: "pJ", isExpression: true });
      const outer = report.byScope.filter(({ depth }) => depth === 1);
      const sum = outer.reduce((total, { costs }) => total + Number(costs["energy"]), 0);
      expect(sum).to.be.closeTo(ENERGY, 1e-9);
      const [op] = report.ops.filter(({ cost }) => Number(cost.macs) > 0);
      expect(op?.formula.costs?.["energy"]?.numbers).to.match(
        /^4\.6·12 \+ 0\.9·max\(30 − 2·12, 0\)/,
      );
    });

    it("is a column, a total and a figure of the JSON, from the command line", () => {
      const { stdout, stderr } = run("profile", "model.ts", "--plugin", example("energy.ts"));
      expect(stderr).to.equal("");
      expect(stdout)
        .to.include("energy (pJ)")
        .and.to.match(/^energy +21,538\.2 {2}pJ: 45 nm/m);
      const json = run("profile", "model.ts", "--plugin", example("energy.ts"), "-f", "json");
      expect(JSON.parse(json.stdout).totals.costs.energy).to.be.closeTo(ENERGY, 1e-9);
      const ops = run("profile", "model.ts", "--plugin", example("energy.ts"), "--by", "op");
      expect(ops.stdout).to.include("energy (pJ)");
    });

    it("is the same over the saved graph", () => {
      run("trace", "model.ts", "-o", "model.ir");
      const args = ["profile", "model.ir", "--plugin", example("energy.ts"), "-f", "json"];
      expect(JSON.parse(run(...args).stdout).totals.costs.energy).to.be.closeTo(ENERGY, 1e-9);
    });

    it("is a polynomial of the batch, exactly", () => {
      const args = ["--plugin", example("energy.ts"), "--symbolic", "batch"];
      // The weights and the bias are read once, whatever the batch.
      const each = MACS * 4.6 + 5.4 + (BYTES - 4 * 21) * 162.5;
      const weights = 4 * 21 * 162.5;
      expect(run("profile", "model.ts", ...args).stdout).to.match(
        new RegExp(`^energy = ${each * 5}/5·batch \\+ ${weights}$`, "m"),
      );
    });

    it("is counted by native alone, whose quantities it uses", () => {
      const { status, stderr } = run(
        ...["profile", "model.ts", "--plugin", example("energy.ts"), "-c", "torch"],
      );
      expect(status).to.equal(2);
      expect(stderr).to.match(
        /^opcounter: The cost energy uses macs, which the convention torch does not count/,
      );
    });
  });

  describe("stored-width.ts", () => {
    it("is what a hand calculation gives, from the API, by scopes and kernels too", () => {
      const report = count(mixedGraph(), { costs: widthPlugin.costs ?? [] });
      expect(report.totals.costs).to.deep.equal(MIXED);
      const wide = report.byScope.find(({ scope }) => scope === "net/wide");
      expect(wide?.costs).to.deep.equal({ macs8: 0, macs16: 0, macs32: MIXED.macs32 });
      expect(report.byKernel.map(({ costs }) => costs)).to.deep.equal([MIXED]);
    });

    it("is the same over the saved graph, from the command line, and can be sorted by", () => {
      const args = ["profile", "mixed.ir", "--plugin", example("stored-width.ts")];
      expect(JSON.parse(run(...args, "-f", "json").stdout).totals.costs).to.deep.equal(MIXED);
      const first = (sort: string) =>
        run(...args, "--by", "op", "--sort", sort).stdout.match(/^%(\d)/m)?.[1];
      expect([first("macs8"), first("macs32")]).to.deep.equal(["0", "1"]);
      expect(run(...args, "--sort", "mac8").stderr).to.include(
        'There is no cost "mac8" to sort by.',
      );
    });
  });

  it("add up, or are the largest", () => {
    const op: CostDefinition["op"] = ({ quantities }) => quantities.macs;
    expect(totalOf({ op })).to.equal(64 + 48 + 12);
    expect(totalOf({ op, total: "max" })).to.equal(64);
    expect(totalOf({ op: () => 0.1, total: "sum" })).to.be.closeTo(0.3, 1e-15);
    expect(totalOf({ op: () => 2n ** 60n })).to.equal(3n * 2n ** 60n);
  });

  it("are given by kernel, as a convention is, and see the op's type, traffic and analyses", () => {
    expect(totalOf({ kernels: { BatchMatMul: "M * k + w" } })).to.equal(64 + 48 + 12 + 2);
    const typed: CostDefinition["op"] = ({ op, id, graph, quantities, placement }) => {
      expect(placement).to.equal("gpu");
      const alive = analyse(graph, liveness).bytesAt[id] ?? Number.NaN;
      const isTransposed = op.kernel === "BatchMatMul" && op.attrs.transposeB;
      return isTransposed ? alive + Number(quantities.bytesWritten) : 0;
    };
    const resident = 4 * (8 + 32 + 24);
    expect(totalOf({ op: typed })).to.equal(resident + 4 * (6 + 4) + 16);
  });

  it("are defined as MACs are: by tables for kernels, layers and patterns", async () => {
    const device = await openDevice("virtual");
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 4, inputShape: [3] })],
    });
    const softmax = (x: tf.Tensor) => {
      const e = tf.exp(tf.sub(x, tf.max(x, -1, true)));
      return tf.div(e, tf.sum(e, -1, true));
    };
    const target = (x: tf.Tensor) => softmax(model.apply(x) as tf.Tensor);
    const graph = await withBackend(device, () => trace(target, [tf.zeros([2, 3])], { device }));
    model.dispose();
    const unit = { name: "own", unit: "", description: "", total: "sum" as const };
    const totalBy = (tables: Partial<CostDefinition>) =>
      count(graph, { costs: [{ ...unit, ...tables }] }).totals.costs["own"];
    const { kernels, layers, patterns } = {
      kernels: { _FusedMatMul: "M * k", Exp: "1000" },
      layers: { Dense: "R * I * H + b" },
      patterns: { softmax: "R * (3 * F - 1)" },
    };
    const macs = 2 * 3 * 4;
    expect(count(graph).macs).to.equal(macs);
    expect(totalBy({ kernels })).to.equal(macs + 1000);
    expect(totalBy({ kernels, patterns })).to.equal(macs + 2 * 11);
    expect(totalBy({ layers })).to.equal(macs + 1);
    expect(totalBy({ kernels, layers, patterns })).to.equal(macs + 1 + 2 * 11);
  });

  it("use the costs before them", () => {
    const unit = { unit: "", description: "", total: "sum" as const };
    const costs: CostDefinition[] = [
      { ...unit, name: "half", op: "macs / 2 + 0.25" },
      { ...unit, name: "twice", op: "4 * half" },
      { ...unit, name: "seen", op: ({ quantities }) => quantities["half"] ?? Number.NaN },
    ];
    expect(count(mixedGraph(), { costs }).totals.costs).to.deep.equal({
      half: 62.75,
      twice: 251,
      seen: 62.75,
    });
  });

  it("of a scope, a layer or a group stand in place of what is inside", () => {
    const op = () => 1;
    const scope: CostDefinition["scope"] = ({ scope, quantities }) =>
      scope.join("/") === "net/wide" ? quantities.macs : undefined;
    const report = costing({ op, scope });
    if (typeof report === "string") throw new Error(report);
    expect(report.totals.costs["own"]).to.equal(1 + 48 + 1);
    expect(report.byScope.map(({ costs }) => costs["own"])).to.deep.equal([50, 1, 48, 1]);
    expect(totalOf({ op, scope: "dispatches + 7" })).to.equal(7);

    const groups = [{ pattern: "contraction", ops: [0, 1] }];
    const costs = [
      {
        ...{ name: "own", unit: "", description: "", total: "sum" as const, op },
        group: ({ ops, pattern }) => (pattern === "contraction" ? 10 * ops.length : undefined),
      } satisfies CostDefinition,
    ];
    const grouped = count({ ...mixedGraph(), groups }, { costs });
    expect(grouped.totals.costs["own"]).to.equal(21);
    expect(grouped.groups[0]?.costs["own"]).to.equal(20);
  });

  it("of layers are those of their calls", async () => {
    const device = await openDevice("virtual");
    const model = twoLayers();
    const graph = await withBackend(device, () => trace(model, [tf.zeros([1, 4])], { device }));
    model.dispose();
    const unit = { name: "own", unit: "", description: "", total: "sum" as const };
    const layer: CostDefinition["layer"] = ({ scope, params, quantities }) =>
      scope.at(-1) === "hidden" ? params.length * 100 + Number(quantities.macs) : undefined;
    const report = count(graph, { costs: [{ ...unit, op: "macs", layer }] });
    expect(report.totals.costs["own"]).to.equal(200 + 12 + 6);
    const dense = report.byKernel.find(({ kernel }) => kernel === "layer:Dense");
    expect(dense?.costs).to.deep.equal({ own: 212 });
    // What a rule counts as a whole is costed by the expression, too.
    const counters = { layers: { Dense: () => ({ macs: 1000 }) } };
    const totalBy = (cost: Partial<CostDefinition>) =>
      count(graph, { counters, costs: [{ ...unit, op: "macs", ...cost }] }).totals.costs["own"];
    expect(totalBy({})).to.equal(2000);
    // A value of the layer, or of a scope around it, is all there is.
    expect(totalBy({ layer })).to.equal(200 + 1000 + 1000);
    expect(totalBy({ scope: () => 7 })).to.equal(14);
  });

  it("are refused in a sentence that names the cost and the op", () => {
    const at = 'at op 0 (BatchMatMul) in scope "net/narrow"';
    const must = "it must be a finite number of at least 0.";
    for (const [value, shown] of [
      [-3, "-3"],
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "Infinity"],
      [undefined, "undefined"],
      ["7", "a string"],
      [Promise.reject(new Error("late")), "a promise"],
    ] as const) {
      const op = (() => value) as unknown as () => number;
      expect(totalOf({ op })).to.equal(`The cost own is ${shown} ${at}; ${must}`);
    }
    const broken = () => {
      throw new Error("no table");
    };
    expect(totalOf({ op: broken })).to.equal(`The cost own threw ${at}: no table`);
    expect(totalOf({ layer: broken, scope: broken })).to.equal(
      'The cost own threw in scope "net": no table',
    );
    expect(totalOf({ op: "macs / transcendentals" })).to.equal(
      `The cost own cannot be computed ${at}: in 64/0 there is a division by zero.`,
    );
    expect(totalOf({ op: ({ quantities }) => quantities.macs }, { convention: "torch" })).to.equal(
      "The cost own uses macs, which the convention torch does not count; count by native.",
    );
  });

  it("are refused when they are loaded where a name, a symbol or a value is missing", () => {
    expect(totalOf({ op: "watts" })).to.equal(
      'The cost own counts an op by "watts", and an op has no symbol watts. It has macs, flops, transcendentals, bytesRead, bytesWritten, dispatches, invocations, activations.',
    );
    expect(totalOf({ op: "flops - macs" })).to.include("which can be negative");
    expect(totalOf({ kernels: { Relu: "M * K" } })).to.include("Relu has no symbol K");
    expect(totalOf({})).to.equal(
      "The cost own has no value; give it one by op, kernels, layer, group or scope.",
    );
    expect(totalOf({ name: "macs", op: "1" })).to.equal(
      'Two costs are called "macs"; rename the plugin\'s.',
    );
    expect(totalOf({ name: "my cost", op: "1" })).to.include("a name is one word");
    const misspelt: object = { op: "macs", kernel: { Relu: "M" } };
    expect(totalOf(misspelt)).to.include('costs[0] has no part "kernel". Did you mean "kernels"?');
    const number: object = { op: 5 };
    expect(totalOf(number)).to.include("The cost own counts an op by 5; write the expression");
    folder.write("odd.ts", 'export default { costs: [{ name: "odd", unit: "", total: "mean" }] };');
    expect(run("profile", "model.ts", "--plugin", "odd.ts").stderr).to.include(
      "odd.ts exports no plugin by default",
    );
  });
});
