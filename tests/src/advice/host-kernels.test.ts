import { type Advice, advise, type Graph } from "@opcounter/ir";
import { type Device, openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ZOO } from "../../../packages/cli/src/zoo/catalog.ts";
import { traceZoo } from "../zoo-graph.ts";
import { at, OwnLayer, random, rank3, stack, weight } from "./programs.ts";
import { costsOf, lessOf, measured, type Program, savedBy } from "./prove.ts";

const FLAG = "WEBGPU_CPU_FORWARD";

/** Runs with the flag off. */
async function withoutForwarding<T>(run: () => Promise<T>): Promise<T> {
  const before = tf.env().getBool(FLAG);
  tf.env().set(FLAG, false);
  try {
    return await run();
  } finally {
    tf.env().set(FLAG, before);
  }
}

function of(rule: string, graph: Graph): Advice[] {
  return advise(graph).advice.filter((advice) => advice.rule === rule);
}

/** tf.layers.layerNormalization, as a layer of the user's own that broadcasts. */
function ownLayerNorm(config?: { readonly epsilon?: number }): tf.layers.Layer {
  const channels = 768;
  return new OwnLayer([], [[channels], [channels]], (x, weights) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const [scale, offset] = [at(weights, 0), at(weights, 1)].map((each) =>
      each.reshape<tf.Tensor3D>([1, 1, channels]),
    );
    return tf.batchNorm(
      rank3(x),
      rank3(mean),
      rank3(variance),
      offset,
      scale,
      config?.epsilon ?? 1e-3,
    );
  });
}

/** An object with one member in place of its own. */
function withMember<T extends object>(object: T, name: keyof T, member: unknown): T {
  return new Proxy(object, {
    get: (target, key) => (key === name ? member : Reflect.get(target, key)),
  });
}

describe("advice on kernels that run on the host in mid-pass", () => {
  let device: Device;
  before(async () => {
    await tf.setBackend("cpu");
    // Loads the backend, which registers its flags.
    device = await openDevice("virtual");
  });

  for (const [name, kernels, bytes] of [
    ["vit_b_16", "50 Tile", "28.86 MiB"],
    ["gpt2", "50 Tile", "18.81 MiB"],
    ["bert_base", "50 Tile", "18.75 MiB"],
  ] as const) {
    it(`comes first for ${name}, and saves what a trace with the flag off shows`, async () => {
      const graph = await traceZoo(device, name, undefined, measured);
      const [first] = advise(graph).advice;
      if (first === undefined) throw new Error("no advice");
      expect(first.rule).to.equal("host-kernel");
      expect(first.finding).to.include(kernels).and.to.include(bytes);
      const without = await withoutForwarding(() => traceZoo(device, name, undefined, measured));
      expect(savedBy([first])).to.deep.equal(lessOf(costsOf(graph), costsOf(without)));
      expect(of("host-kernel", without)).to.deep.equal([]);
      // Each of gpt2's passes compares constants that it makes anew.
      expect(first.remedy.includes("One pass")).to.equal(name !== "gpt2");
    });
  }

  it("can be followed in one pass alone, where the kernels compute with weights @linux", async () => {
    const software = await openDevice("software");
    await withBackend(software, async () => {
      const model = stack(tf.layers.layerNormalization({ inputShape: [20, 64] }));
      const x = random<tf.Rank.R3>([1, 20, 64]);
      const before = await measured(model, [x], { device: software });
      const advice = of("host-kernel", before);
      expect(advice[0]?.remedy).to.include("One pass with the flag off is enough");
      await withoutForwarding(async () => tf.dispose(model.predict(x)));
      const after = await measured(model, [x], { device: software });
      expect(savedBy(advice)).to.deep.equal(lessOf(costsOf(before), costsOf(after)));
    });
  });

  it("can be followed by a layer norm that broadcasts, which saves what it promises", async () => {
    const { build, inputs } = ZOO["vit_b_16"] ?? {};
    if (build === undefined || inputs === undefined) throw new Error("the zoo lacks vit_b_16");
    const traced = (using: typeof tf) =>
      withBackend(device, () =>
        measured(
          build(using),
          inputs.map(({ shape }) => tf.zeros([...shape])),
          { device },
        ),
      );
    const own = withMember(tf, "layers", withMember(tf.layers, "layerNormalization", ownLayerNorm));
    const [before, after] = [await traced(tf), await traced(own)];
    const advice = of("tiled-layer-norm", before);
    expect(advice).to.have.length(25);
    expect(savedBy(advice)).to.deep.equal(lessOf(costsOf(before), costsOf(after)));
  });

  it("knows the dispatches of every kernel that the flag moves", async () => {
    const indices = tf.tensor1d([1, 0], "int32");
    const program = (x: tf.Tensor2D, y: tf.Tensor2D) => [
      ...[tf.abs, tf.ceil, tf.exp, tf.expm1, tf.floor, tf.log, tf.neg, tf.rsqrt].map((f) => f(x)),
      ...[tf.add, tf.floorDiv, tf.maximum, tf.minimum, tf.mul, tf.sub].map((f) => f(x, y)),
      ...[tf.equal, tf.greater, tf.greaterEqual, tf.less, tf.lessEqual, tf.notEqual].map((f) =>
        f(x, y),
      ),
      ...[3, 8, 20, 64].map((length) => tf.concat(Array.from({ length }, () => x))),
      tf.gather(x, indices),
      tf.gatherND(x, tf.expandDims(indices)),
      ...[0, 1, [0, 1], [1, 0]].flatMap((axis) => [tf.max(x, axis), tf.prod(x, axis)]),
      ...[2, 9].map((length) =>
        tf.stack(
          Array.from({ length }, () => y),
          1,
        ),
      ),
      ...tf.unstack(x, 1),
      ...tf.split(x, 3, 1),
      tf.batchToSpaceND(tf.expandDims(x, 1), [5], [[0, 1]]),
      ...["ij,ik->ijk", "ij,ij->ji", "kj, ij -> ikj"].map((equation) => tf.einsum(equation, x, y)),
      tf.einsum("ij->ji", x),
      ...[0, 1].flatMap((axis) => [
        ...[tf.sum, tf.mean, tf.min, tf.argMax, tf.argMin, tf.cumsum, tf.cumprod].map((f) =>
          f(x, axis),
        ),
        ...[tf.all, tf.any].map((f) => f(tf.greater(x, y), axis)),
      ]),
      tf.sum(tf.relu(x), 0),
      ...[x, tf.relu(x), tf.tensor1d([1, 2, 3, 4, 5])].map((values) =>
        tf.unsortedSegmentSum(values, tf.tensor1d([0, 1, 1, 0, 2], "int32"), 3),
      ),
      ...[x, tf.relu(x)].map((tensor) =>
        tf.tensorScatterUpdate(tensor, [[0, 1]], tf.tensor1d([5])),
      ),
      tf.sparseToDense(tf.tensor1d([3, 1], "int32"), tf.tensor1d([5, 6]), [40], tf.scalar(7)),
      tf.slice(x, [1, 1], [2, 2]),
      tf.transpose(x),
      ...[
        [2, 2],
        [1, 2],
      ].map((strides) => tf.stridedSlice(x, [0, 1], [5, 6], strides)),
      ...[1, 2, 3, 5, 6].flatMap((k) => Object.values(tf.topk(x, k))),
      ...Object.values(tf.topk(tf.reshape(x, [30, 1]), 1)),
      tf.abs(tf.zeros([0, 3])),
      ...(["int32", "bool"] as const).map((dtype) => tf.cast(x, dtype)),
      tf.tile(x, [50, 1]).square(),
    ];
    const inputs = [random<tf.Rank.R2>([5, 6]), random<tf.Rank.R2>([5, 6])];
    const options = { device: "virtual" } as const;
    const before = await measured(program, inputs, options);
    const after = await withoutForwarding(() => measured(program, inputs, options));
    expect(savedBy(of("host-kernel", before))).to.deep.equal(
      lessOf(costsOf(before), costsOf(after)),
    );
  });

  const gain = weight<tf.Rank.R2>([4, 6]);
  const deep = weight<tf.Rank.R3>([2, 4, 6]);
  const held = random<tf.Rank.R2>([4, 6]);
  const empty = tf.zeros([0, 6]);
  // The advice is given for large results alone.
  const large = () => gain.tile([50, 1]).tanh();
  type Part = (x: tf.Tensor2D, y: tf.Tensor2D) => tf.Tensor | tf.Tensor[];
  const parts: Readonly<Record<string, Part>> = {
    "the products of an einsum that sums": (x, y) => tf.einsum("ij,kj->ik", x, y),
    "its transposes": (x, y) => tf.einsum("ij,ik->jk", x, y),
    "all it does before its first sum": (x, y) => tf.einsum("ij,ij->", x, y),
    "a weight in it": (x) => tf.einsum("ij,kj->ik", x, gain),
    "a weight that is both its factors": () => tf.einsum("bij,bkj->bik", deep, deep),
    "one operand of it": (x, y) => tf.einsum("ij,ik->jk", x.relu(), y),
    "one operand of it without a sum": (x, y) => tf.einsum("ij,ij->ji", x.relu(), y),
    "the operand of a sum in it": (x) => tf.einsum("ij->j", x),
    "some of many operands": (x, y) => tf.concat([x, x, x, x, x, x, x, y.relu()]),
    "some of many that are stacked": (x, y) => tf.stack([y.relu(), x, x, x, x, x, x, gain, gain]),
    "many operands of which one is empty": (x, y) => tf.concat([x, y, x, y, x, y, x, empty]),
    "a split with an empty part": (x) => tf.split(x, [0, 4], 0),
    "a sum of a result of the host": (x) => tf.sum(x.abs(), 0),
    "a sum beside a kernel of the same operand": (x) => [x.abs(), tf.sum(x, 0)],
    "two sums of one operand": (x) => [tf.mean(x, 0), tf.sum(x.reshape([2, 2, 6]), 1)],
    "a sum of a weight": () => tf.sum(gain, 0),
    "a sum of a weight that the GPU needs too": () => [tf.sum(gain, 0), gain.relu()],
    "a sum of a constant": () => tf.sum(held, 0),
    "a scan of one element": (x) => tf.cumsum(x.slice([0, 0], [1, 6]), 0),
    "complex numbers": (x, y) => tf.imag(tf.concat([tf.complex(x, y), tf.complex(y, x)])).relu(),
    "the real part of complex numbers": (x, y) => tf.cast(tf.complex(x, y), "int32"),
    "a part of complex numbers that is summed": (x, y) => tf.sum(tf.imag(tf.complex(x, y)), 0),
  };
  for (const [name, part] of Object.entries(parts)) {
    it(`knows ${name}`, async () => {
      const program = (x: tf.Tensor2D, y: tf.Tensor2D) => [large(), part(x, y)].flat();
      const inputs = [random<tf.Rank.R2>([4, 6]), random<tf.Rank.R2>([4, 6])];
      const before = await measured(program, inputs, { device: "virtual" });
      const after = await withoutForwarding(() => measured(program, inputs, { device: "virtual" }));
      expect(savedBy(of("host-kernel", before))).to.deep.equal(
        lessOf(costsOf(before), costsOf(after)),
      );
    });
  }

  const whole = tf.ones<tf.Rank.R3>([2, 4, 6], "int32");
  const refused: Readonly<Record<string, () => tf.Tensor>> = {
    Transpose: () => whole.transpose(),
    BatchToSpaceND: () => tf.batchToSpaceND(whole, [2], [[0, 0]]),
    Max: () => whole.max(1),
    ArgMax: () => tf.argMax(whole, 1),
    Einsum: () => tf.einsum("bij,bij->ijb", whole, whole),
  };
  for (const [kernel, run] of Object.entries(refused)) {
    it(`is a finding where the GPU would refuse the shader: ${kernel} of integers`, async () => {
      const program = () => [large(), run()];
      const graph = await trace(program, [], { device: "virtual" });
      const { advice, findings } = advise(graph);
      expect(advice.filter(({ rule }) => rule === "host-kernel")).to.deep.equal([]);
      expect(findings.find(({ rule }) => rule === "host-kernel")?.finding).to.include(
        `With WEBGPU_CPU_FORWARD off, ${kernel} would not compile on the GPU for its dtype.`,
      );
      const off = await withoutForwarding(() => trace(program, [], { device: "virtual" }));
      const uncompiled = (of: Graph) =>
        [...advise(of).advice, ...advise(of).findings]
          .filter(({ rule }) => rule === "uncompiled-shader")
          .flatMap(({ ops }) => ops.map((id) => of.ops[id]?.kernel));
      expect(uncompiled(graph)).to.deep.equal([]);
      expect(uncompiled(off)).to.deep.equal([kernel]);
    });
  }

  it("names the operands of each kernel", async () => {
    const [gain, places] = [weight<tf.Rank.R2>([1, 64]), tf.zeros([32], "int32")];
    const program = (x: tf.Tensor2D) =>
      x.add(gain.tile([32, 1])).add(tf.gather(gain.add(1), places));
    const graph = await measured(program, [random<tf.Rank.R2>([32, 64])], { device: "virtual" });
    const [first] = of("host-kernel", graph);
    expect(first?.finding).to.match(
      /^2 kernels in mid-pass run on the host \(1 smaller one apart\), since their operands have never been on the GPU: 1 Tile of the weight \w+ \(f32\[1,64\]\), 1 GatherV2 of the result of Add \(f32\[1,64\]\)\. Each pass uploads the 16\.00 KiB of their results\.$/,
    );
    const off = await withoutForwarding(() =>
      measured(program, [random<tf.Rank.R2>([32, 64])], { device: "virtual" }),
    );
    expect(savedBy(of("host-kernel", graph))).to.deep.equal(lessOf(costsOf(graph), costsOf(off)));
  });

  it("is a finding where the host needs what they give", async () => {
    const shift = tf.tensor2d([[1, 2]]);
    const graph = await measured(
      async (x: tf.Tensor) => {
        const sums = shift.tile([512, 1]);
        await sums.data();
        return x.add(sums);
      },
      [random<tf.Rank.R2>([512, 2])],
      { device: "virtual" },
    );
    const { advice, findings } = advise(graph);
    expect(advice.filter(({ rule }) => rule === "host-kernel")).to.deep.equal([]);
    expect(findings.find(({ rule }) => rule === "host-kernel")?.finding).to.match(
      /^1 kernel in mid-pass runs on the host.*1 Tile of a constant \(f32\[1,2\]\).*Something on the host needs them there\.$/,
    );
  });

  const scale = weight<tf.Rank.R1>([64]);
  const none: Readonly<Record<string, Program>> = {
    "where they are small": (x: tf.Tensor) => x.mul(scale.add(1)),
    "where the program reads what the host has": async (x: tf.Tensor) => {
      const sum = scale.add(1).tile([64]);
      await sum.data();
      return x.mul(sum.slice(0, 64));
    },
  };
  for (const [name, program] of Object.entries(none)) {
    it(`is not given ${name}`, async () => {
      const graph = await measured(program, [random<tf.Rank.R2>([32, 64])], { device: "virtual" });
      expect(of("host-kernel", graph)).to.deep.equal([]);
    });
  }
});
