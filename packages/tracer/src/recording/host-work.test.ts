import { type Graph, recordingOf, valueAt } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { graphModelOf } from "../../testing/graph-model-of.ts";
import { evaluate, type TensorFunction, trace } from "../index.ts";

const virtual = { device: "virtual" } as const;

/** 40 boxes of which many overlap, and their scores. */
function detections(): { boxes: tf.Tensor2D; scores: tf.Tensor1D } {
  const corners = Array.from({ length: 40 }, (_, i) => {
    const [y, x] = [((i * 7) % 13) / 13, ((i * 5) % 11) / 11];
    return [y, x, y + 0.3, x + 0.25];
  });
  const scores = corners.map((_, i) => ((i * 17) % 41) / 41);
  return { boxes: tf.tensor2d(corners), scores: tf.tensor1d(scores) };
}

/** Kernels with their placement, operands and results: `Where(bool[4]) : int32[2,1] cpu`. */
function opsOf(graph: Graph): string[] {
  const typeOf = (id: number) => {
    const { dtype, shape } = valueAt(graph, id);
    return `${dtype}[${shape}]`;
  };
  return graph.ops.map(({ kernel, operands, results, placement }) => {
    const types = [Object.values(operands), results].map((ids) => ids.map(typeOf).join(" "));
    return `${kernel}(${types[0]}) : ${types[1]} ${placement}`;
  });
}

describe("what TensorFlow.js computes on the host without a kernel", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("is an op: non-maximum suppression in its three forms, with its arguments", async () => {
    const { boxes, scores } = detections();
    const program = async (boxes: tf.Tensor2D, scores: tf.Tensor1D) =>
      [
        await tf.image.nonMaxSuppressionAsync(boxes, scores, 5),
        await tf.image.nonMaxSuppressionPaddedAsync(boxes, scores, 7, 0.4, 0.1, true),
        await tf.image.nonMaxSuppressionWithScoreAsync(boxes, scores, 99, 0.3, 0.2, 0.5),
      ] as const;
    const graph = await trace(program, [boxes, scores], virtual);
    expect(graph.ops.map(({ kernel, attrs }) => ({ kernel, attrs }))).to.deep.equal([
      {
        kernel: "NonMaxSuppressionV3",
        attrs: { maxOutputSize: 5, iouThreshold: 0.5, scoreThreshold: Number.NEGATIVE_INFINITY },
      },
      {
        kernel: "NonMaxSuppressionV4",
        attrs: {
          ...{ maxOutputSize: 7, iouThreshold: 0.4, scoreThreshold: 0.1 },
          padToMaxOutputSize: true,
        },
      },
      {
        kernel: "NonMaxSuppressionV5",
        attrs: { maxOutputSize: 40, iouThreshold: 0.3, scoreThreshold: 0.2, softNmsSigma: 0.5 },
      },
    ]);
    for (const op of graph.ops) {
      expect(op.operands).to.deep.equal({ boxes: graph.inputs[0], scores: graph.inputs[1] });
      expect(op).to.include({ placement: "cpu" });
    }
    const computed = await evaluate(graph, [boxes, scores]);
    const [plain, padded, soft] = await program(boxes, scores);
    const own = [plain, ...Object.values(padded), ...Object.values(soft)];
    expect(computed.map(({ values }) => [...values])).to.deep.equal(
      await Promise.all(own.map(async (tensor) => [...(await tensor.data())])),
    );
  });

  it("is an op also where a function takes arrays in place of tensors", async () => {
    const program = async () => tf.image.nonMaxSuppressionAsync([[0, 0, 1, 1]], [0.5], 1);
    expect(opsOf(await trace(program, [], virtual))).to.deep.equal([
      "NonMaxSuppressionV3(float32[1,4] float32[1]) : int32[1] cpu",
    ]);
  });

  it("is an op: the places of what is true, also where several run at once", async () => {
    const program = async (x: tf.Tensor2D) => {
      const [low, high] = [x.less(2), x.greater(3)];
      return Promise.all([tf.whereAsync(low), tf.whereAsync(high), tf.booleanMaskAsync(x, low)]);
    };
    const x = tf.tensor2d([1, 2, 3, 4, 5, 0], [2, 3]);
    const graph = await trace(program, [x], virtual);
    expect(opsOf(graph).filter((op) => /Where|Gather/.test(op))).to.deep.equal([
      "Where(bool[2,3]) : int32[2,2] cpu",
      "Where(bool[2,3]) : int32[2,2] cpu",
      "Where(bool[6]) : int32[2,1] cpu",
      "GatherV2(float32[6] int32[2]) : float32[2] cpu",
    ]);
    // As many are true, elsewhere.
    const other = tf.tensor2d([9, 1, 7, 2, 0, 2], [2, 3]);
    const [low, high, kept] = await evaluate(graph, [other]);
    expect([...(low?.values ?? [])]).to.deep.equal([0, 1, 1, 1]);
    expect([...(high?.values ?? [])]).to.deep.equal([0, 0, 0, 2]);
    expect([...(kept?.values ?? [])]).to.deep.equal([1, 0]);
  });

  it("is an op: the difference of two lists", async () => {
    const program = (x: tf.Tensor1D, y: tf.Tensor1D) => tf.setdiff1dAsync(x.add(1), y);
    const graph = await trace(program, [tf.tensor1d([0, 1, 2, 3]), tf.tensor1d([2, 9])], virtual);
    expect(opsOf(graph)).to.deep.equal([
      "Add(float32[4] float32[]) : float32[4] cpu",
      "ListDiff(float32[4] float32[2]) : float32[3] int32[3] cpu",
    ]);
    const [out, places] = await evaluate(graph, [tf.tensor1d([1, 4, 5, 6]), tf.tensor1d([5, 0])]);
    expect([...(out?.values ?? [])]).to.deep.equal([2, 6, 7]);
    expect([...(places?.values ?? [])]).to.deep.equal([0, 2, 3]);
  });

  it("is the op of what it is computed from, where others hold the same values at the same time", async () => {
    const lists = async (x: tf.Tensor, y: tf.Tensor, z: tf.Tensor) =>
      (await Promise.all([tf.setdiff1dAsync(x, z), tf.setdiff1dAsync(y, z)])).flat();
    const places = async (x: tf.Tensor, y: tf.Tensor) => {
      const [taken, other] = [x.greater(0), y.greater(0)];
      const [found] = await Promise.all([tf.whereAsync(taken), other.data()]);
      return found;
    };
    const [x, y, z] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([1, 2, 3]), tf.tensor1d([2])];
    const diffs = await trace(lists, [x, y, z], virtual);
    const inputs = diffs.inputs;
    expect(diffs.ops.map(({ operands }) => operands)).to.deep.equal([
      { x: inputs[0], y: inputs[2] },
      { x: inputs[1], y: inputs[2] },
    ]);
    expect(diffs.results).to.deep.equal(diffs.ops.flatMap(({ results }) => results));
    const found = await trace(places, [x, y], virtual);
    const where = found.ops.find(({ kernel }) => kernel === "Where");
    expect(where?.operands).to.deep.equal({ condition: found.ops[0]?.results[0] });
  });

  it("is no op where a program makes other values of those that it reads", async () => {
    const program = async (x: tf.Tensor1D) => {
      const flags = await x.greater(1).data();
      return tf.tensor2d([...flags].map(Number), [flags.length, 1], "int32").add(1);
    };
    const graph = await trace(program, [tf.tensor1d([1, 2, 3])], virtual);
    expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["Greater", "Cast", "Cast", "Add"]);
  });

  it("leaves the functions, the tensors' class and the engine as they were", async () => {
    const before = { ...tf.image };
    const { data } = tf.Tensor.prototype;
    const own = () =>
      Object.keys(tf.engine()).concat(Reflect.ownKeys(tf.Tensor.prototype).map(String));
    const members = own();
    await trace(async (x: tf.Tensor) => tf.whereAsync(x.greater(0)), [tf.tensor1d([1])], virtual);
    expect(tf.image).to.deep.equal(before);
    expect(own()).to.deep.equal(members);
    expect(tf.Tensor.prototype.data).to.equal(data);
  });
});

describe("what a program computes itself from values that it reads", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  async function hostValues(program: TensorFunction, input: tf.Tensor) {
    return recordingOf(await trace(program, [input], virtual))?.hostValues;
  }
  const x = tf.tensor1d([3, 1, 2]);

  it("is told by how much it reads and then makes", async () => {
    const sorted = async (x: tf.Tensor) => {
      const before = tf.tensor1d([1, 1]);
      const [input, twice] = [await x.data(), (await x.mul(2).array()) as number[]];
      await x.data();
      const made = tf.tensor1d([...input].sort()).add(tf.tensor1d(twice));
      return [before, made];
    };
    expect(await hostValues(sorted, x)).to.deep.equal({
      read: { tensors: 2, elements: 6 },
      // The factor 2 is one of them.
      made: { tensors: 3, elements: 7 },
    });
  });

  it("is nothing where the program reads nothing, or only what no op computes", async () => {
    expect(await hostValues((x) => x.add(tf.tensor1d([1, 2, 3])), x)).to.equal(undefined);
    const weights = tf.tensor1d([1, 2, 3]);
    const reader: TensorFunction = async (x) => x.add((await weights.data())[0] ?? 0);
    expect(await hostValues(reader, x)).to.equal(undefined);
  });

  it("does not include the functions of TensorFlow.js, which are ops", async () => {
    const places: TensorFunction = async (x) => {
      const kept = await tf.booleanMaskAsync(x, x.greater(1));
      const [out] = await tf.setdiff1dAsync(kept, x.slice(0, 1));
      return out;
    };
    expect(await hostValues(places, x)).to.equal(undefined);
  });

  it("does not include what the nodes of a graph model read and make", async () => {
    const model = await graphModelOf({
      inputs: { x: [3] },
      weights: { zero: 0, one: 1, sum: [0] },
      nodes: [
        ["total", "Sum", "x", "sum"],
        ["steps", "Range", "zero", "total", "one"],
      ],
    });
    const graph = await trace(model, [x], virtual);
    expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["Sum", "Range"]);
    expect(recordingOf(graph)?.hostValues).to.equal(undefined);
  });
});

describe("a node that TensorFlow.js computes on the host", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("is an op of the node, in a scope of its name", async () => {
    const model = await graphModelOf({
      inputs: { boxes: [40, 4], scores: [40] },
      weights: { most: 6, overlap: 0.5, least: 0.1, sigma: 0.5, excluded: [0, 1 / 41] },
      nodes: [
        ["two", "NonMaxSuppressionV2", "boxes", "scores", "most", "overlap"],
        ["three", "NonMaxSuppressionV3", "boxes", "scores", "most", "overlap", "least"],
        ["four", "NonMaxSuppressionV4", "boxes", "scores", "most", "overlap", "least"],
        ["five", "NonMaxSuppressionV5", "boxes", "scores", "most", "overlap", "least", "sigma"],
        ["flags", "Greater", "scores", "overlap"],
        ["where", "Where", "flags"],
        ["rest", "ListDiff", "scores", "excluded"],
      ],
    });
    const { boxes, scores } = detections();
    const graph = await trace(model, { boxes, scores }, virtual);
    const ops = graph.ops.filter(({ kernel }) => !["Greater", "Cast"].includes(kernel));
    expect(ops.map(({ kernel, scope }) => `${scope.join("/")}: ${kernel}`)).to.have.members([
      "two: NonMaxSuppressionV3",
      "three: NonMaxSuppressionV3",
      "four: NonMaxSuppressionV4",
      "five: NonMaxSuppressionV5",
      "where: Where",
      "rest: ListDiff",
    ]);
    const five = ops.find(({ scope }) => scope[0] === "five");
    expect(five?.attrs).to.deep.equal({
      maxOutputSize: 6,
      iouThreshold: 0.5,
      scoreThreshold: Math.fround(0.1),
      softNmsSigma: 0.5,
    });
    expect(five?.operands).to.deep.equal({ boxes: graph.inputs[0], scores: graph.inputs[1] });
    const call = graph.calls[five?.call ?? -1];
    expect(call).to.include({ className: "NonMaxSuppressionV5" });
    expect(call?.results).to.deep.equal(five?.results);
    const results = await evaluate(graph, [boxes, scores]);
    const expected = (await model.executeAsync({ boxes, scores })) as tf.Tensor[];
    expect(results.map(({ values }) => [...values])).to.deep.equal(
      await Promise.all(expected.map(async (tensor) => [...(await tensor.data())])),
    );
  });

  it("leaves to the program what it runs right after", async () => {
    const model = await graphModelOf({
      inputs: { boxes: [40, 4], scores: [40] },
      weights: { most: 6, overlap: 0.5, least: 0.1 },
      nodes: [["three", "NonMaxSuppressionV3", "boxes", "scores", "most", "overlap", "least"]],
    });
    const { boxes, scores } = detections();
    // The first call awaits before it begins.
    await model.executeAsync({ boxes, scores });
    const program = async (boxes: tf.Tensor2D, scores: tf.Tensor1D) => {
      const high = scores.greater(0.5);
      const kept = model.executeAsync({ boxes, scores }) as Promise<tf.Tensor>;
      const own = [tf.whereAsync(high), tf.image.nonMaxSuppressionAsync(boxes, scores, 2)];
      return Promise.all([kept, ...own]);
    };
    const graph = await trace(program, [boxes, scores], virtual);
    expect(graph.ops.map(({ kernel, scope }) => `${scope.join("/")}: ${kernel}`)).to.have.members([
      ": Greater",
      "three: NonMaxSuppressionV3",
      ": Where",
      ": NonMaxSuppressionV3",
    ]);
    const made = new Set(graph.ops.flatMap(({ results }) => results));
    expect(graph.results.every((id) => made.has(id))).to.equal(true);
  });
});
