import { type Advice, advise, type Graph, savingsInWords } from "@opcounter/ir";
import { trace, traceTraining } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { opcounter, temporaryFolder } from "../command-line.ts";
import { at, OwnLayer, random, stack, weight } from "./programs.ts";
import { costsOf, lessOf, measured, type Program, savedBy } from "./prove.ts";

const { activation, bidirectional, conv2d, dense, embedding, gru } = tf.layers;
const { layerNormalization, lstm, permute, timeDistributed } = tf.layers;

function of(rule: string, graph: Graph): Advice[] {
  return advise(graph).advice.filter((advice) => advice.rule === rule);
}

/** A training step of a function. */
function step(predict: (x: tf.Tensor) => tf.Tensor): (x: tf.Tensor) => tf.Tensor[] {
  return (x) => {
    const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(predict(x))));
    return [value, ...Object.values(grads)];
  };
}

describe("advice on a training step", () => {
  const folder = temporaryFolder();
  before(() => tf.setBackend("cpu"));
  const matrix = weight<tf.Rank.R2>([16, 16]);
  const product = (x: tf.Tensor) => tf.matMul(x, matrix);
  const row = weight<tf.Rank.R2>([1, 16]);
  const swapped = (x: tf.Tensor) => x.reshape([20, 4, 4]).transpose([0, 2, 1]).reshape([20, 16]);
  const x = () => random<tf.Rank.R2>([20, 16]);
  const sequence = () => random<tf.Rank.R3>([2, 12, 16]);
  const own = new OwnLayer([12, 16], [[16, 8], [8]], (x, weights) =>
    tf.fused
      .matMul({ a: x.reshape([-1, 16]), b: at(weights, 0), bias: at(weights, 1) })
      .reshape([-1, 12, 8]),
  );

  type Followed = readonly [before: Program, after: Program, input: () => tf.Tensor];
  const forward: Readonly<Record<string, Followed>> = {
    "idle-transpose": [
      step((x) => product(x).transpose([0, 1]).relu()),
      step((x) => product(x).relu()),
      x,
    ],
    "transpose-pair": [
      step((x) => product(x).transpose().transpose().relu()),
      step((x) => product(x).relu()),
      x,
    ],
    "transposed-operand": [
      step((x) => tf.matMul(x, matrix.transpose())),
      step((x) => tf.matMul(x, matrix, false, true)),
      x,
    ],
    "transposed-operand of the GPU": [
      step((x) => tf.matMul(product(x).transpose(), x)),
      step((x) => tf.matMul(product(x), x, true)),
      x,
    ],
    "tiled-operand of a sum": [
      step((x) => product(x).add(row.tile([20, 1]))),
      step((x) => product(x).add(row)),
      x,
    ],
    "tiled-operand of a product": [
      step((x) => product(x).mul(row.tile([20, 1]))),
      step((x) => product(x).mul(row)),
      x,
    ],
    "uncompiled-shader": [
      step((x) => product(x).mul(swapped(x.cast("int32")))),
      step((x) => product(x).mul(swapped(x.cast("int32").mul(tf.scalar(1))).cast("int32"))),
      x,
    ],
    "idle-transpose of a layer": [
      stack(dense({ inputShape: [12, 16], units: 8 })),
      stack(own),
      sequence,
    ],
    "transpose-pair of layers": [
      stack(
        permute({ inputShape: [12, 16], dims: [2, 1] }),
        permute({ dims: [2, 1] }),
        lstm({ units: 4 }),
      ),
      stack(lstm({ inputShape: [12, 16], units: 4 })),
      sequence,
    ],
  };
  for (const [name, [before, after, input]] of Object.entries(forward)) {
    it(`says what the forward pass saves: ${name}`, async () => {
      const [rule = ""] = name.split(" ");
      const traced = (program: Program) =>
        typeof program === "function"
          ? measured(program, [input()], { device: "virtual" })
          : measured(program, [input()], { device: "virtual" }, traceTraining);
      const [first, second] = [await traced(before), await traced(after)];
      const found = of(rule, first);
      expect(found, `advice ${rule}`).not.to.deep.equal([]);
      for (const { saves } of found) {
        expect(savingsInWords(saves)).to.match(/^The forward pass saves /);
      }
      const isForward = ({ scope }: Graph["ops"][number]) => scope[0] === "forward";
      const inForward = (graph: Graph) => costsOf(graph, isForward);
      expect(savedBy(found)).to.deep.equal(lessOf(inForward(first), inForward(second)));
      const inStep = lessOf(costsOf(first), costsOf(second));
      const { ops, dispatches } = savedBy(found);
      expect(inStep.ops, "ops of the step").to.be.at.least(ops);
      expect(inStep.dispatches, "dispatches of the step").to.be.at.least(dispatches);
      expect(of(rule, second)).to.deep.equal([]);
    });
  }

  const models: Readonly<Record<string, () => [tf.LayersModel, tf.Tensor]>> = {
    "a layer norm": () => [
      stack(dense({ inputShape: [200, 16], units: 8 }), layerNormalization(), dense({ units: 4 })),
      tf.ones([1, 200, 16]),
    ],
    "recurrent layers in both directions": () => [
      stack(
        bidirectional({
          inputShape: [12, 8],
          layer: gru({ units: 8, returnSequences: true }) as tf.RNN,
          mergeMode: "concat",
        }),
        timeDistributed({ layer: dense({ units: 100 }) }),
        layerNormalization(),
      ),
      tf.ones([1, 12, 8]),
    ],
    words: () => [
      stack(
        embedding({ inputDim: 30, outputDim: 30, inputLength: 50 }),
        lstm({ units: 4, returnSequences: true }),
        layerNormalization(),
      ),
      tf.ones([1, 50]),
    ],
    "images whose channels are first": () => [
      stack(
        conv2d({ inputShape: [3, 12, 12], filters: 8, kernelSize: 3, dataFormat: "channelsFirst" }),
        activation({ activation: "tanh" }),
        layerNormalization(),
      ),
      tf.ones([2, 3, 12, 12]),
    ],
  };
  for (const [name, make] of Object.entries(models)) {
    it(`says what the step saves with the flag WEBGPU_CPU_FORWARD off: ${name}`, async () => {
      const [model, input] = make();
      const traced = (flags = {}) =>
        measured(model, [input], { device: "virtual", flags }, traceTraining);
      const [first, second] = [await traced(), await traced({ WEBGPU_CPU_FORWARD: false })];
      const found = of("host-kernel", first);
      expect(found).to.have.length(1);
      expect(savedBy(found)).to.deep.equal(lessOf(costsOf(first), costsOf(second)));
      expect(found[0] && savingsInWords(found[0].saves)).to.match(/^A pass saves /);
    });
  }

  it("finds the gradient of a tile, which has a kernel for each repetition", async () => {
    const found = (graph: Graph) =>
      advise(graph).findings.filter(({ rule }) => rule === "tile-gradient");
    const traced = (program: Program) => trace(program, [x()], { device: "virtual" });
    const before = await traced(step((x) => product(x).mul(row.tile([20, 1]))));
    const after = await traced(step((x) => product(x).mul(row)));
    const [finding] = found(before);
    expect(finding?.finding).to.match(
      /^The gradient of Tile runs as 40 kernels.*leave tf\.tile out/,
    );
    expect(found(after)).to.deep.equal([]);
    const dispatches = (graph: Graph) =>
      graph.ops.reduce((sum, op) => sum + op.dispatches.length, 0);
    expect(dispatches(before) - dispatches(after)).to.be.at.least(39);
    expect(found(await trace((x: tf.Tensor) => x.add(row.tile([20, 1])), [x()]))).to.deep.equal([]);
  });

  it("finds it in tf.layers.layerNormalization, and none in a layer norm that is written out", async () => {
    const traced = (norm: tf.layers.Layer) =>
      traceTraining(
        stack(dense({ inputShape: [32, 16], units: 8 }), norm),
        [tf.ones([2, 32, 16])],
        {
          device: "virtual",
        },
      );
    const written = new OwnLayer([32, 8], [[8], [8]], (x, weights) => {
      const { mean, variance } = tf.moments(x, -1, true);
      const normalized = x.sub(mean).mul(variance.add(1e-3).rsqrt());
      return normalized.mul(at(weights, 0)).add(at(weights, 1));
    });
    const [before, after] = [await traced(layerNormalization()), await traced(written)];
    const found = (graph: Graph) =>
      advise(graph).findings.filter(({ rule }) => rule === "tile-gradient");
    expect(found(before).map(({ finding }) => finding)[0]).to.include("A layer norm of your own");
    expect(found(after)).to.deep.equal([]);
    const ops = found(before).flatMap(({ ops }) => ops);
    expect(before.ops.length - after.ops.length).to.be.at.least(ops.length);
  });

  it("is given by the command line", () => {
    const model = folder.write(
      "model.mjs",
      `export default (tf) => tf.sequential({
        layers: [tf.layers.dense({ inputShape: [12, 16], units: 100, activation: "relu" })],
      });`,
    );
    const printed = (...options: string[]) => opcounter(["advise", model, ...options]).stdout;
    expect(printed("--training")).to.include("The forward pass saves 3 ops");
    expect(printed()).not.to.include("forward pass");
    expect(printed("--training", "-f", "csv"))
      .to.match(/,saves in,/)
      .and.to.match(/,forward,/);
    expect(printed("-f", "csv")).not.to.include("saves in");
    expect(JSON.parse(printed("--training", "-f", "json")).advice[0].saves.of).to.equal("forward");
  });
});
