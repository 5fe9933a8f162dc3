import { count } from "@opcounter/counters";
import { formatScope, type Graph, recordingOf } from "@opcounter/ir";
import { type Evaluated, evaluate, loadModel, type TensorFunction, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import {
  branchingModel,
  functionalModel,
  listModel,
  sharedFunctionsModel,
} from "./control-flow-models.ts";

const kernels = (graph: Graph) => graph.ops.map(({ kernel }) => kernel);
const ops = (graph: Graph) =>
  graph.ops.map(({ kernel, operands, attrs, scope, placement, dispatches }) => ({
    ...{ kernel, operands, attrs, scope, placement, dispatches },
  }));

async function rejection(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "",
    (error: Error) => error.message,
  );
}

/** The elements of what is no text. */
function numbers(evaluated: Evaluated | undefined): ArrayLike<number> {
  // Sound: none of these tests computes texts.
  return (evaluated?.values ?? []) as ArrayLike<number>;
}

/** Two products, the first of whose elements decides what comes next. */
const deciding = async (x: tf.Tensor2D) => {
  const squared = x.matMul(x);
  const cubed = squared.matMul<tf.Tensor2D>(x);
  const [first] = await cubed.data();
  const [second] = await squared.data();
  return first === 1600 && second === 40 ? cubed.relu() : cubed.neg();
};

describe("values on demand", function () {
  this.timeout(60_000);
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("follow a program that reads in mid-pass, as a real device does @linux", async () => {
    const x = tf.ones([40, 40]);
    const virtual = await trace(deciding, [x], { device: "virtual" });
    expect(kernels(virtual)).to.deep.equal(["BatchMatMul", "BatchMatMul", "Relu"]);
    const software = await trace(deciding, [x], { device: "software" });
    expect(ops(virtual)).to.deep.equal(ops(software));
    const [a, b] = [virtual, software].map((graph) => recordingOf(graph));
    expect(a?.reads).to.deep.equal(b?.reads);
    // The second read finds what the first computed.
    expect(a?.evaluated?.ops).to.equal(2);
    expect(b?.evaluated).to.equal(undefined);
    expect(count(virtual).totals.macs).to.equal(2 * 40 ** 3);
  });

  it("serve synchronous reads, kernels that read, and what a variable was assigned", async () => {
    const state = tf.variable(tf.zeros([40, 40]));
    const program = (x: tf.Tensor2D) => {
      state.assign(x.add(1));
      const [first = 0] = state.matMul(x).dataSync();
      const boxes = tf.concat([x.slice([0, 0], [40, 2]), x.slice([0, 0], [40, 2]).add(2)], 1);
      const kept = tf.image.nonMaxSuppression(
        boxes as tf.Tensor2D,
        x.slice([0, 0], [40, 1]).flatten(),
        5,
      );
      return first === 80 && kept.size === 1 ? x.relu() : x.neg();
    };
    const graph = await trace(program, [tf.ones([40, 40])], { device: "virtual" });
    expect(kernels(graph).at(-1)).to.equal("Relu");
    state.dispose();
  });

  it("leave tfjs as it was", async () => {
    const x = tf.ones([40, 40]);
    const before = tf.memory();
    await trace(deciding, [x], { device: "virtual" });
    expect(tf.memory()).to.deep.equal(before);
    expect(tf.getBackend()).to.equal("cpu");
  });

  it("are refused by name where the host has no such kernel, or does not know the operands", async () => {
    tf.registerKernel({
      kernelName: "Mystery",
      backendName: "webgpu",
      kernelFunc: ({ inputs, backend }) => {
        const { x } = inputs;
        // Sound: tfjs hands a kernel the backend it is registered for.
        const gpu = backend as {
          makeTensorInfo(shape: number[], dtype: string): tf.TensorInfo;
          uploadToGPU(id: object): void;
        };
        const y = gpu.makeTensorInfo(x?.shape ?? [], "float32");
        gpu.uploadToGPU(y.dataId);
        return y;
      },
    });
    const mystery: TensorFunction = async (x: tf.Tensor) => {
      const y = tf.tidy("odd", () => tf.engine().runKernel("Mystery", { x }) as tf.Tensor);
      await y.add(1).data();
      return y;
    };
    try {
      const message = await rejection(trace(mystery, [tf.zeros([2000])], { device: "virtual" }));
      expect(message)
        .to.include('The op 0 (Mystery) in scope "odd"')
        .and.to.include("kernel Mystery");
      expect(message).to.include('device: "software"');
    } finally {
      tf.unregisterKernel("Mystery", "webgpu");
    }
  });

  describe("of control flow", () => {
    const scopesOf = (graph: Graph, kernel: string) =>
      graph.ops.filter((op) => op.kernel === kernel).map(({ scope }) => formatScope(scope));

    it("as TF1 has it: each iteration's ops are the loop's, with their number", async () => {
      const graph = await trace(await branchingModel(), [tf.ones([64])], { device: "virtual" });
      expect(scopesOf(graph, "Less")).to.deep.equal([
        "outer/While/[0]/less",
        "outer/While/[1]/less",
        "outer/While/[2]/less",
        "outer/While/[3]/less",
      ]);
      expect(scopesOf(graph, "Add")).to.include("outer/While/[2]/double");
      const [out] = await evaluate(graph, [tf.fill([64], 3)]);
      expect(out?.values[0]).to.equal(24);
    });

    it("as TF2 has it: two loops that take turns are told apart", async () => {
      const graph = await trace(await functionalModel(), [tf.ones([64])], { device: "virtual" });
      const adds = scopesOf(graph, "Add");
      expect(adds.filter((scope) => scope.endsWith("/double")).sort()).to.deep.equal([
        "a/loop/[0]/double",
        "a/loop/[1]/double",
        "b/loop/[0]/double",
        "b/loop/[1]/double",
        "b/loop/[2]/double",
      ]);
      const conditions = scopesOf(graph, "Less").filter((scope) => scope.startsWith("a/loop/"));
      expect(conditions).to.deep.equal(["a/loop/[0]/less", "a/loop/[1]/less", "a/loop/[2]/less"]);
      const inner = graph.calls.find(({ scope }) => formatScope(scope) === "b/loop/[2]/double");
      expect(graph.calls[inner?.parent ?? -1]?.className).to.equal("StatelessWhile");
      const [out] = await evaluate(graph, [tf.ones([64])]);
      expect(out?.values[0]).to.equal(4 + 8);
    });

    it("as TF2 has it: loops and branches that share functions are told apart, and run once", async () => {
      const x = tf.ones([64]);
      const graph = await trace(await sharedFunctionsModel(), [x], { device: "virtual" });
      const scopes = graph.ops.map(({ scope }) => formatScope(scope)).sort();
      const turn = (loop: string, at: number) =>
        ["add", "double", "less"].map((name) => `${loop}/[${at}]/${name}`);
      expect(scopes).to.deep.equal([
        "a/if/relu",
        ...[0, 1].flatMap((at) => turn("a/loop", at)),
        "a/loop/[2]/less",
        "b/if/neg",
        ...[0, 1, 2].flatMap((at) => turn("b/loop", at)),
        "b/loop/[3]/less",
        "ifs",
        "out",
      ]);
      const [out] = await evaluate(graph, [x]);
      expect(out?.values[0]).to.equal(4 - 4 + 8);
    });

    it("as lists without a loop have it: the model runs as it can", async () => {
      const graph = await trace(await listModel(), [tf.ones([3, 64])], { device: "virtual" });
      expect(scopesOf(graph, "Square")).to.deep.equal(["square"]);
      const [out] = await evaluate(graph, [tf.fill([3, 64], 3)]);
      expect([0, 64, 128].map((i) => out?.values[i])).to.deep.equal([3, 9, 3]);
    });
  });
});

describe("evaluate", function () {
  this.timeout(60_000);
  before(async () => {
    await tf.setBackend("cpu");
  });

  /** The largest difference between what evaluate and tfjs itself give. */
  async function difference(model: tf.LayersModel, input: tf.Tensor): Promise<number> {
    const graph = await trace(model, [tf.zerosLike(input)], { device: "virtual" });
    const [result] = await evaluate(graph, [input]);
    const expected = Array.from((model.predict(input) as tf.Tensor).dataSync());
    expect(result?.shape).to.deep.equal((model.predict(input) as tf.Tensor).shape);
    return Math.max(...expected.map((value, i) => Math.abs(value - Number(result?.values[i]))));
  }

  it("gives what tfjs gives, on other inputs than those that were recorded", async () => {
    const random = { kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }) } as const;
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [12, 12, 3],
          filters: 6,
          kernelSize: 3,
          activation: "relu",
          ...random,
        }),
        tf.layers.batchNormalization(),
        tf.layers.depthwiseConv2d({
          kernelSize: 3,
          padding: "same",
          depthwiseInitializer: random.kernelInitializer,
        }),
        tf.layers.averagePooling2d({}),
        tf.layers.flatten(),
        tf.layers.layerNormalization(),
        tf.layers.dense({ units: 7, activation: "softmax", ...random }),
      ],
    });
    expect(
      await difference(model, tf.randomNormal([2, 12, 12, 3], 0, 1, "float32", 5)),
    ).to.be.below(1e-5);
    const recurrent = tf.sequential({
      layers: [
        tf.layers.lstm({
          inputShape: [6, 4],
          units: 5,
          recurrentInitializer: "glorotNormal",
          ...random,
        }),
      ],
    });
    expect(await difference(recurrent, tf.randomNormal([2, 6, 4], 0, 1, "float32", 5))).to.be.below(
      1e-5,
    );
  });

  it("gives what the same graph model gives on wasm", async () => {
    const model = await loadModel("node_modules/@spotify/basic-pitch/model/model.json");
    const audio = tf.randomNormal([1, 43_844, 1], 0, 0.1, "float32", 9);
    const graph = await trace(model, [tf.zerosLike(audio)], { device: "virtual" });
    const results = await evaluate(graph, [audio]);
    await tf.setBackend("wasm");
    const outputs = [(model as tf.GraphModel).execute(audio)].flat();
    for (const [i, output] of outputs.entries()) {
      const expected = output.dataSync();
      const values = results[i]?.values ?? [];
      const off = Array.from(expected).findIndex(
        (value, j) => !(Math.abs(value - Number(values[j])) < 1e-5),
      );
      expect(off, `the first element of output ${i} that differs`).to.equal(-1);
    }
    await tf.setBackend("cpu");
  });

  it("takes complex numbers, texts of the graph, and single values", async () => {
    const program = (x: tf.Tensor1D) =>
      tf.real(tf.spectral.ifft(tf.spectral.fft(tf.complex(x, x.mul(0)))));
    const graph = await trace(program, [tf.zeros([8])], { device: "virtual" });
    const x = tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8]);
    const [result] = await evaluate(graph, [x]);
    for (let i = 0; i < 8; i++) expect(result?.values[i]).to.be.closeTo(i + 1, 1e-5);
    const product = graph.ops.find(({ kernel }) => kernel === "Multiply")?.results ?? [];
    const [zeros] = await evaluate(graph, [x], { values: product });
    expect(Array.from(numbers(zeros))).to.deep.equal([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("names what is missing or does not fit", async () => {
    const weight = tf.variable(tf.ones([3, 2]), true, "weight");
    const product = (x: tf.Tensor2D) => tf.matMul(x, weight as tf.Tensor as tf.Tensor2D);
    const graph = await trace(product, [tf.ones([1, 3])], { device: "virtual" });
    expect(await rejection(evaluate(graph, []))).to.include('input "input0" is missing');
    expect(await rejection(evaluate(graph, [tf.ones([2, 3])]))).to.include("[1,3]");
    weight.dispose();
    const copy = { ...graph };
    expect(await rejection(evaluate(copy, [tf.ones([1, 3])]))).to.include('param "weight"');
    const given = () => new Float32Array([1, 2, 3, 4, 5, 6]);
    const [result] = await evaluate(copy, [tf.ones([1, 3])], {
      given: (value) => (value.kind === "param" ? given() : undefined),
    });
    expect(Array.from(numbers(result))).to.deep.equal([9, 12]);
  });
});
