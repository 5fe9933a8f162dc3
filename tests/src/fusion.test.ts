import { BUILT_IN_PASSES, createPassRegistry, type Graph, runPasses } from "@opcounter/ir";
import { type TensorFunction, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { zooGraph } from "./zoo-graph.ts";

const registry = createPassRegistry(BUILT_IN_PASSES);

/** The groups of a graph after fusing, as `pattern: Kernel Kernel`. */
function groups(graph: Graph): string[] {
  const { groups, ops: all } = runPasses(graph, "canonicalize,fuse", { registry, verify: true });
  return groups.map(
    ({ pattern, ops }) => `${pattern}: ${ops.map((id) => all[id]?.kernel).join(" ")}`,
  );
}

async function fused(program: TensorFunction, ...inputs: tf.Tensor[]): Promise<string[]> {
  return groups(await trace(program, inputs, { device: "virtual" }));
}

/** The patterns found, without the ops. */
async function patterns(program: TensorFunction, ...inputs: tf.Tensor[]): Promise<string[]> {
  return (await fused(program, ...inputs)).map((group) => group.split(":")[0] ?? "");
}

describe("fusion of traced graphs", () => {
  let x: tf.Tensor3D;
  let image: tf.Tensor4D;
  const scale = () => tf.variable(tf.ones([32]));

  before(async () => {
    await tf.setBackend("cpu");
    x = tf.zeros([4, 16, 32]);
    image = tf.zeros([1, 16, 16, 8]);
  });

  it("recognises softmax in the ways it is written", async () => {
    const written = (x: tf.Tensor) => {
      const e = tf.exp(x.sub(x.max(-1, true)));
      return e.div(e.sum(-1, true));
    };
    expect(await fused(written, x)).to.deep.equal(["softmax: Max Sub Exp Sum RealDiv"]);
    const unshifted = (x: tf.Tensor) => tf.exp(x).div(tf.exp(x).sum(-1, true));
    expect(await patterns(unshifted, x)).to.not.include("softmax");
    const once = (x: tf.Tensor) => {
      const e = tf.exp(x);
      return e.div(e.sum(2, true));
    };
    expect(await patterns(once, x)).to.deep.equal(["softmax"]);
    expect(await patterns((x: tf.Tensor) => tf.logSoftmax(x), x)).to.deep.equal(["log-softmax"]);
  });

  it("does not take for softmax what sums over another axis, or is used elsewhere", async () => {
    const otherAxis = (x: tf.Tensor) => {
      const e = tf.exp(x.sub(x.max(-1, true)));
      return e.div(e.sum(1, true));
    };
    expect(await patterns(otherAxis, x)).to.not.include("softmax");
    const leaking = (x: tf.Tensor) => {
      const e = tf.exp(x.sub(x.max(-1, true)));
      return [e.div(e.sum(-1, true)), e];
    };
    expect(await patterns(leaking, x)).to.not.include("softmax");
  });

  it("recognises layer norm and RMS norm, with and without scale and offset", async () => {
    const normalized = (x: tf.Tensor) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return x.sub(mean).div(variance.add(1e-5).sqrt());
    };
    expect(await patterns(normalized, x)).to.deep.equal(["layer-norm"]);
    const [gamma, beta] = [scale(), scale()];
    const affine = (x: tf.Tensor) => beta.add(gamma.mul(normalized(x)));
    expect(await patterns(affine, x)).to.deep.equal(["layer-norm"]);
    const layer = tf.layers.layerNormalization({ axis: -1 });
    expect(await patterns((x: tf.Tensor) => layer.apply(x), x)).to.deep.equal(["layer-norm"]);
    const rms = (x: tf.Tensor) => x.mul(x.square().mean(-1, true).add(1e-6).rsqrt()).mul(gamma);
    expect(await patterns(rms, x)).to.deep.equal(["rms-norm"]);
    const otherAxis = (x: tf.Tensor) => {
      const centered = x.sub(x.mean(1, true));
      return centered.div(centered.square().mean(2, true).add(1e-5).sqrt());
    };
    expect(await patterns(otherAxis, x)).to.not.include("layer-norm");
  });

  it("recognises GELU, SiLU and hard-swish up to the order of their factors", async () => {
    const erf = (x: tf.Tensor) => x.div(Math.SQRT2).erf().add(1);
    const tanh = (x: tf.Tensor) =>
      x
        .add(x.pow(3).mul(0.044715))
        .mul(Math.sqrt(2 / Math.PI))
        .tanh()
        .add(1);
    const cases: [string, TensorFunction][] = [
      ["gelu", (x: tf.Tensor) => x.mul(0.5).mul(erf(x))],
      ["gelu", (x: tf.Tensor) => erf(x).mul(x).mul(0.5)],
      ["gelu", (x: tf.Tensor) => x.mul(tf.scalar(0.5).mul(erf(x)))],
      ["gelu", (x: tf.Tensor) => x.mul(tanh(x)).mul(0.5)],
      ["gelu", (x: tf.Tensor) => tf.layers.activation({ activation: "gelu" }).apply(x)],
      ["gelu", (x: tf.Tensor) => tf.layers.activation({ activation: "gelu_new" }).apply(x)],
      ["silu", (x: tf.Tensor) => x.sigmoid().mul(x)],
      ["silu", (x: tf.Tensor) => tf.layers.activation({ activation: "swish" }).apply(x)],
      ["hard-swish", (x: tf.Tensor) => x.mul(x.add(3).relu6()).div(6)],
      [
        "hard-swish",
        (x: tf.Tensor) =>
          x
            .add(3)
            .clipByValue(0, 6)
            .mul(1 / 6)
            .mul(x),
      ],
    ];
    for (const [name, program] of cases) {
      expect(await patterns(program, x), String(program)).to.include(name);
    }
    const nearly: [string, TensorFunction][] = [
      ["gelu", (x: tf.Tensor) => x.mul(0.4).mul(erf(x))],
      ["silu", (x: tf.Tensor) => x.sigmoid().mul(x.abs())],
      [
        "hard-swish",
        (x: tf.Tensor) =>
          x
            .add(3)
            .clipByValue(0, 5)
            .mul(1 / 6)
            .mul(x),
      ],
    ];
    for (const [name, program] of nearly) {
      expect(await patterns(program, x), String(program)).to.not.include(name);
    }
  });

  it("recognises attention, with its softmax either way", async () => {
    const attention = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      tf.matMul(tf.softmax(tf.matMul(q, k, false, true).div(Math.sqrt(32))), v);
    expect(await patterns(attention, x, x, x)).to.deep.equal(["attention"]);
    const masked = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor) => {
      const scores = tf.matMul(q, k, false, true).mul(0.2).add(mask);
      const e = tf.exp(scores.sub(scores.max(-1, true)));
      return tf.matMul(e.div(e.sum(-1, true)), v);
    };
    expect(await patterns(masked, x, x, x, tf.zeros([16, 16]))).to.deep.equal(["attention"]);
    const withoutSoftmax = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) =>
      tf.matMul(tf.relu(tf.matMul(q, k, false, true)), v);
    expect(await patterns(withoutSoftmax, x, x, x)).to.not.include("attention");
  });

  it("groups a contraction with its padding, bias, batch norm and activation", async () => {
    const filter = tf.variable(tf.zeros<tf.Rank.R4>([3, 3, 8, 4]));
    const bias = tf.variable(tf.zeros([4]));
    const program = (image: tf.Tensor4D) =>
      image
        .pad([
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ])
        .conv2d(filter, 2, "valid")
        .add(bias)
        .relu();
    expect(await fused(program, image)).to.deep.equal(["contraction: PadV2 Conv2D Add Relu"]);
    const residual = (image: tf.Tensor4D) => {
      const features = image.relu();
      return features.conv2d(tf.zeros<tf.Rank.R4>([3, 3, 8, 8]), 1, "same").add(features);
    };
    expect(await fused(residual, image)).to.deep.equal([]);
  });

  it("groups what is left of elementwise chains", async () => {
    const chain = (a: tf.Tensor, b: tf.Tensor) => a.exp().add(b.neg()).abs();
    expect(await fused(chain, x, x)).to.deep.equal(["elementwise: Exp Neg Add Abs"]);
    expect(await fused((a: tf.Tensor) => a.exp().sum(), x)).to.deep.equal([]);
  });

  // Counted by hand from the architectures. A contraction takes with it the padding before it and
  // the batch norm, bias and activation that follow it.
  const HAND_COUNTED: Readonly<
    Record<string, { contractions: number; elementwise: number; why: string }>
  > = {
    resnet50: {
      contractions: 53,
      elementwise: 16,
      why: "53 convolutions, each with its batch norm; 16 blocks end in a sum and a ReLU. The classifier's kernel adds its bias itself",
    },
    densenet121: {
      contractions: 1 + 58,
      elementwise: 58 + 3 + 1,
      why: "the stem; the 1×1 convolution of each of 58 dense layers with the batch norm and ReLU after it. Batch norm and ReLU before each dense layer, in 3 transitions and at the end. The 58 3×3 and the 3 transition convolutions stand alone",
    },
    mobilenet_v2: {
      contractions: 52,
      elementwise: 0,
      why: "52 convolutions, each with its batch norm; the 10 sums stand alone between convolutions",
    },
  };

  for (const [name, { contractions, elementwise, why }] of Object.entries(HAND_COUNTED)) {
    it(`leaves the groups in ${name} that a person counts: ${why}`, async () => {
      const graph = await zooGraph(name);
      const found = groups(graph).map((group) => group.split(":")[0]);
      expect(found.filter((pattern) => pattern === "contraction")).to.have.length(contractions);
      expect(found.filter((pattern) => pattern === "elementwise")).to.have.length(elementwise);
      expect(found).to.have.length(contractions + elementwise);
    });
  }

  it("recognises each layer's parts in the zoo's transformers", async () => {
    const counts = async (name: string) => {
      const names = groups(await zooGraph(name)).map((group) => group.split(":")[0]);
      return ["attention", "gelu", "layer-norm"].map(
        (pattern) => names.filter((name) => name === pattern).length,
      );
    };
    for (const name of ["vit_b_16", "bert_base", "gpt2"]) {
      expect(await counts(name), name).to.deep.equal([12, 12, 2 * 12 + 1]);
    }
  });
});
