import { CONVENTION_NAMES, count } from "@opcounter/counters";
import {
  analyse,
  BUILT_IN_PASSES,
  bytesOf,
  createPassRegistry,
  type Graph,
  liveness,
  paramsOf,
  print,
  runPasses,
  type Value,
  valueAt,
} from "@opcounter/ir";
import { evaluate, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import fc from "fast-check";
import { arbitraryGraph } from "../../packages/ir/testing/arbitrary-graph.ts";
import { smallGraphModel, smallLayersModel } from "../../packages/tracer/testing/small-models.ts";
import { zooGraph } from "./zoo-graph.ts";

const registry = createPassRegistry(BUILT_IN_PASSES);

function run(graph: Graph, pipeline: string): Graph {
  return runPasses(graph, pipeline, { registry, verify: true });
}

function params(graph: Graph): string[] {
  return paramsOf(graph).map(({ name, dtype, shape, role }) => `${name} ${dtype} ${shape} ${role}`);
}

/** What must hold of every graph, random or recorded. */
function check(graph: Graph): void {
  const canonical = run(graph, "canonicalize");
  const fused = run(canonical, "fuse");
  expect(print(run(canonical, "canonicalize"))).to.equal(print(canonical), "canonicalize twice");
  expect(print(run(fused, "fuse"))).to.equal(print(fused), "fuse twice");
  expect(fused.ops).to.deep.equal(canonical.ops, "fuse changes ops");
  const before = count(graph).totals;
  for (const after of [canonical, fused].map((each) => count(each).totals)) {
    const { macs, flops, transcendentals } = before;
    expect(after).to.include({ macs, flops, transcendentals });
    expect(after.params).to.equal(before.params);
  }
  expect(params(fused)).to.deep.equal(params(graph));
  for (const each of [graph, canonical]) checkPeak(each);
}

function checkPeak(graph: Graph): void {
  const { peakBytes } = analyse(graph, liveness);
  const sizeOf = (ids: Iterable<number>) =>
    [...new Set(ids)].reduce((total, id) => total + bytesOf(valueAt(graph, id)), 0);
  expect(peakBytes).to.be.at.most(sizeOf(graph.values.keys()));
  for (const op of graph.ops) {
    // A view's result lies in its operand's memory, so it takes none of its own.
    const results = op.placement === "view" ? [] : op.results;
    const isShared = Object.values(op.operands).some((id) => isView(graph, id));
    if (isShared) continue;
    expect(peakBytes).to.be.at.least(sizeOf([...Object.values(op.operands), ...results]));
  }
}

function isView(graph: Graph, id: number): boolean {
  const value = valueAt(graph, id);
  return value.kind === "result" && graph.ops[value.op]?.placement === "view";
}

describe("passes", () => {
  it("keep what they must on random graphs", () => {
    fc.assert(fc.property(arbitraryGraph(), check), { numRuns: 200 });
  });

  it("keep what they must on small traced models", async () => {
    await tf.setBackend("cpu");
    check(await trace(smallLayersModel(), [tf.zeros([2, 8, 8, 4])], { device: "virtual" }));
    check(await trace(await smallGraphModel(), [tf.zeros([1, 8, 8, 2])], { device: "virtual" }));
    const step = tf.grad((x: tf.Tensor) => x.mul(2).softmax().square().sum());
    check(await trace((x: tf.Tensor) => step(x), [tf.ones([4, 50])], { device: "virtual" }));
    const gru = tf.layers.gru({ units: 4, returnSequences: true });
    check(await trace((x: tf.Tensor) => gru.apply(x), [tf.ones([2, 3, 5])], { device: "virtual" }));
  });

  it("keep what a program computes", async () => {
    await tf.setBackend("cpu");
    const x = tf.randomUniform([2, 3, 5], -1, 1, "float32", 4);
    const gru = tf.layers.gru({ units: 4, returnSequences: true });
    const bias = tf.randomUniform([4], -1, 1, "float32", 5);
    const table = tf.randomUniform([3, 20], -1, 1, "float32", 6);
    const program = (input: tf.Tensor) => {
      const twice = tf.transpose(tf.transpose(gru.apply(input) as tf.Tensor, [0, 2, 1]), [0, 2, 1]);
      return twice.add(bias).relu().softmax().sum().add(table.exp().sum());
    };
    const graph = await trace(program, [x], { device: "virtual" });
    const [expected] = await evaluate(graph, [x]);
    const changed = run(graph, "canonicalize,fuse");
    expect(changed.ops.length).to.be.lessThan(graph.ops.length);
    const [result] = await evaluate(changed, [x]);
    expect(Number(result?.values[0])).to.be.closeTo(Number(expected?.values[0]), 1e-4);
  });

  for (const hasBias of [true, false]) {
    const what = hasBias ? "a bias" : "no bias";
    it(`keep what a convolution with ${what} computes, given the weights that a batch norm was folded into`, async () => {
      await tf.setBackend("cpu");
      const x = tf.randomUniform<tf.Rank.R4>([1, 4, 4, 2], -1, 1, "float32", 7);
      const random = <R extends tf.Rank>(name: string, seed: number, ...shape: tf.ShapeMap[R]) => {
        const values = tf.randomUniform<R>(shape, 0.5, 1.5, "float32", seed);
        return tf.variable(values, true, `folded with ${what}/${name}`);
      };
      const filter = random<tf.Rank.R4>("filter", 1, 3, 3, 2, 4);
      const bias = hasBias ? random<tf.Rank.R1>("bias", 2, 4) : undefined;
      const mean = random<tf.Rank.R1>("mean", 3, 4);
      const variance = random<tf.Rank.R1>("variance", 4, 4);
      const offset = random<tf.Rank.R1>("offset", 5, 4);
      const scale = random<tf.Rank.R1>("scale", 6, 4);
      const program = (input: tf.Tensor4D) => {
        const convolution = { x: input, filter, strides: 1, pad: "same" } as const;
        const y = tf.fused.conv2d(bias === undefined ? convolution : { ...convolution, bias });
        return tf.batchNorm4d(y, mean, variance, offset, scale, 0.001);
      };
      const graph = await trace(program, [x], { device: "virtual" });
      const [expected] = await evaluate(graph, [x]);
      const folded = run(graph, "canonicalize,fold-batchnorm");
      expect(folded.ops.map(({ kernel }) => kernel)).to.deep.equal(["FusedConv2D"]);
      const refusal = await evaluate(folded, [x]).catch(({ message }: Error) => message);
      expect(refusal).to.match(
        /^The elements of param ".*" \(f32\[[\d,]+\]\) are not known, since/,
      );

      const factor = scale.div(variance.add(0.001).sqrt());
      const newFilter = filter.mul(factor).dataSync<"float32">();
      const newBias = tf
        .sub(bias ?? 0, mean)
        .mul(factor)
        .add(offset)
        .dataSync<"float32">();
      const given = ({ kind, shape }: Value) => {
        if (kind !== "param") return undefined;
        return shape.length === 4 ? newFilter : newBias;
      };
      const [result] = await evaluate(folded, [x], { given });
      expect(result?.values).to.have.length(4 * 4 * 4);
      for (let i = 0; i < 4 * 4 * 4; i++) {
        expect(Number(result?.values[i])).to.be.closeTo(Number(expected?.values[i]), 1e-4);
      }
    });
  }

  it("keep what every convention counts, layers counted as a whole among it", async () => {
    await tf.setBackend("cpu");
    const model = tf.sequential();
    model.add(tf.layers.reshape({ inputShape: [24], targetShape: [4, 6] }));
    model.add(tf.layers.dense({ units: 5 }));
    model.add(tf.layers.reshape({ targetShape: [5, 4] }));
    model.add(tf.layers.layerNormalization());
    const small = await trace(model, [tf.zeros([2, 24])], { device: "virtual" });
    model.dispose();
    const graphs = [small];
    for (const name of ["bert_base", "gru", "mobilenet_v3_large"]) {
      graphs.push(await zooGraph(name));
    }
    for (const graph of graphs) {
      const changed = ["canonicalize", "canonicalize,fuse"].map((pipeline) => run(graph, pipeline));
      for (const convention of CONVENTION_NAMES) {
        const { macs, flops } = count(graph, { convention });
        for (const after of changed) {
          expect(count(after, { convention })).to.include({ macs, flops }, convention);
        }
      }
    }
    const { layers } = count(run(small, "canonicalize"), { convention: "ptflops" });
    expect(layers.map(({ cost }) => cost.macs)).to.deep.equal([2 * 4 * (6 * 5 + 5)]);
  });

  for (const name of ["alexnet", "resnet50", "densenet121", "mobilenet_v2"]) {
    it(`keep what they must on ${name}, and fold its batch norms`, async () => {
      const graph = await zooGraph(name);
      check(graph);
      const folded = run(graph, "canonicalize,fold-batchnorm");
      expect(count(folded).macs).to.equal(count(graph).macs);
      const contractions = new Set(["FusedConv2D", "FusedDepthwiseConv2D"]);
      const behindContraction = folded.ops.filter(({ kernel, operands }) => {
        const x = kernel === "FusedBatchNorm" ? operands["x"] : undefined;
        const value = x === undefined ? undefined : valueAt(folded, x);
        const source = value?.kind === "result" ? folded.ops[value.op] : undefined;
        return contractions.has(source?.kernel ?? "");
      });
      expect(behindContraction).to.deep.equal([]);
    });
  }
});
