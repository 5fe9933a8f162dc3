import { OpcounterError } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { expect } from "chai";
import { trace } from "../index.ts";
import { KERNELS_OF_OPS } from "./missing-kernels.ts";

const ints = (values: number[], shape = [values.length]) => tf.tensor(values, shape, "int32");

/** What each op runs on, and its attributes. */
const RUNS: Readonly<Record<string, { inputs: () => tf.Tensor[]; attr?: object }>> = {
  SparseFillEmptyRows: {
    inputs: () => [ints([0, 0], [1, 2]), tf.tensor1d([1]), ints([4, 2]), tf.scalar(0)],
  },
  SparseReshape: { inputs: () => [ints([0, 0], [1, 2]), ints([4, 6]), ints([2, 12])] },
  StaticRegexReplace: {
    inputs: () => [tf.tensor1d(["ab"])],
    attr: { pattern: { s: btoa("a") }, rewrite: { s: btoa("b") }, replace_global: { b: true } },
  },
  StringSplit: {
    inputs: () => [tf.tensor1d(["a b"]), tf.scalar(" ")],
    attr: { skip_empty: { b: true } },
  },
  StringToHashBucketFast: {
    inputs: () => [tf.tensor1d(["a"])],
    attr: { num_buckets: { i: "10" } },
  },
  Unique: { inputs: () => [ints([1, 1, 2])] },
  UniqueV2: { inputs: () => [ints([1, 1, 2]), ints([0])] },
};

interface OpNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: object;
}

function modelOf(node: readonly OpNode[], functions: readonly object[] = []) {
  return tf.loadGraphModel({
    load: async () => ({
      modelTopology: { node, library: { function: functions }, versions: { producer: 1 } },
      weightSpecs: [],
      weightData: new ArrayBuffer(0),
    }),
  });
}

const placeholder = (name: string, { shape, dtype }: { shape: number[]; dtype: tf.DataType }) => {
  const type = { int32: "DT_INT32", string: "DT_STRING" }[String(dtype)] ?? "DT_FLOAT";
  const dim = shape.map((size) => ({ size }));
  return { name, op: "Placeholder", attr: { dtype: { type }, shape: { shape: { dim } } } };
};

/** A model of one op, and what it runs on. */
async function oneOp(op: string) {
  const { inputs = () => [], attr = {} } = RUNS[op] ?? {};
  const tensors = inputs();
  const places = tensors.map((tensor, i) => placeholder(`in${i}`, tensor));
  const input = places.map(({ name }) => name);
  return { model: await modelOf([...places, { name: "y", op, input, attr }]), tensors };
}

describe("kernels that the WebGPU backend lacks", () => {
  before(() => tf.setBackend("cpu"));

  const kernelNames = (backend: string) =>
    tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);

  it("are those of the table, and those that no op of a GraphModel reaches", async () => {
    await trace((x: tf.Tensor) => x.relu(), [tf.ones([1])], { device: "virtual" });
    const onWebGpu = new Set(kernelNames("webgpu"));
    const others = new Set(["cpu", "webgl", "wasm"].flatMap(kernelNames));
    const lacking = [...others].filter((kernel) => !onWebGpu.has(kernel));
    const ragged = ["RaggedGather", "RaggedRange", "RaggedTensorToTensor"];
    const unreached = ["NonMaxSuppressionV4", "BitwiseAnd", "LogicalXor", ...ragged];
    expect([...new Set(Object.values(KERNELS_OF_OPS)), ...unreached]).to.have.members(lacking);
    expect(Object.keys(RUNS)).to.have.members(Object.keys(KERNELS_OF_OPS));
  });

  for (const [op, kernel] of Object.entries(KERNELS_OF_OPS)) {
    it(`${op} runs ${kernel}, and is refused before anything runs`, async () => {
      const { model, tensors } = await oneOp(op);
      const { kernelNames } = await tf.profile(() => model.execute(tensors));
      expect(kernelNames).to.include(kernel);
      expect((await refusal(model, tensors)).message).to.include(`needs the kernel ${kernel}, `);
    });
  }

  const x = placeholder("x", { shape: [3], dtype: "int32" });
  const T = { type: "DT_INT32" };

  it("are named all at once, those of functions too", async () => {
    const body = {
      signature: {
        name: "body",
        inputArg: [{ name: "a", type: "DT_INT32" }],
        outputArg: [{ name: "out", type: "DT_INT32" }],
      },
      nodeDef: [{ name: "f", op: "UniqueV2", input: ["a", "a"], attr: { T } }],
      ret: { out: "f:y:0" },
    };
    const nodes = [
      x,
      { name: "r", op: "Relu", input: ["x"], attr: { T } },
      { name: "s", op: "SparseReshape", input: ["r", "r", "r"] },
      { name: "b", op: "SparseFillEmptyRows", input: ["s", "s", "s", "s"] },
    ];
    const error = await refusal(await modelOf(nodes, [body]), [ints([1, 2, 3])]);
    expect(error.message).to.equal(
      'The model needs the kernels SparseFillEmptyRows, SparseReshape, Unique, which TensorFlow.js\'s WebGPU backend does not have; register them for the backend "webgpu" with tf.registerKernel() before the model runs (on the command line, in a module given by --plugin).',
    );
  });

  it("may be there all the same: registered, or an op of the program's own", async () => {
    const { model, tensors } = await oneOp("SparseReshape");
    const kernel = { kernelName: "SparseReshape", backendName: "webgpu" };
    tf.registerKernel({
      ...kernel,
      kernelFunc: ({ inputs: { inputIndices, inputShape } }) => [
        inputIndices as tf.Tensor,
        inputShape as tf.Tensor,
      ],
    });
    try {
      const { ops } = await trace(model, tensors, { device: "virtual" });
      expect(ops.map(({ kernel }) => kernel)).to.include("SparseReshape");
    } finally {
      tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    }
    tf.registerOp("Unique", ({ inputs: [x] }) => tf.relu(x as tf.Tensor));
    try {
      const own = await oneOp("Unique");
      const { ops } = await trace(own.model, own.tensors, { device: "virtual" });
      expect(ops.map(({ kernel }) => kernel)).to.deep.equal(["Relu"]);
    } finally {
      tf.deregisterOp("Unique");
    }
  });
});

async function refusal(model: tf.GraphModel, inputs: tf.Tensor[]): Promise<OpcounterError> {
  let ran = 0;
  const { runKernel } = tf.engine();
  tf.engine().runKernel = function counted(this: unknown, ...args: Parameters<typeof runKernel>) {
    ran++;
    return runKernel.apply(this, args) as never;
  };
  try {
    await trace(model, inputs, { device: "virtual" });
  } catch (error) {
    if (!(error instanceof OpcounterError)) throw error;
    expect(error.code).to.equal("kernel-unavailable");
    expect(ran).to.equal(0);
    return error;
  } finally {
    Reflect.deleteProperty(tf.engine(), "runKernel");
  }
  throw new Error("it was traced");
}
