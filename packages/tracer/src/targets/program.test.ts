import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { kernelsByScope } from "../../testing/kernels-by-scope.ts";
import { rejection } from "../../testing/rejection.ts";
import { evaluate, trace } from "../index.ts";

describe("a trace of a function", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("takes scopes from the names given to tf.tidy, around layers too", async () => {
    const dense = tf.layers.dense({ name: "dense", units: 2, inputShape: [4] });
    const program = (x: tf.Tensor) =>
      tf.tidy("encoder", () => {
        const hidden = tf.tidy("inner/block", () => x.relu());
        return dense.apply(hidden) as tf.Tensor;
      });
    const graph = await trace(program, [tf.zeros([1, 4])], { device: "virtual" });
    expect(graph.name).to.equal("program");
    expect(kernelsByScope(graph)[0]).to.equal("encoder/inner/block: Relu");
    expect(kernelsByScope(graph).at(-1)).to.match(/^encoder\/dense: /);
  });

  it("keeps the elements of small constants, and calls variables parameters", async () => {
    const scale = tf.variable(tf.tensor1d([1, 2]), false, "scale");
    const graph = await trace(
      (x: tf.Tensor) =>
        x
          .mul(scale)
          .add(3)
          .add(tf.ones([20, 2])),
      [tf.zeros([20, 2])],
      { device: "virtual" },
    );
    expect(graph.values.find((value) => value.kind === "param")).to.include({
      name: "scale",
      trainable: false,
    });
    const constants = graph.values.filter((value) => value.kind === "constant");
    expect(constants[0]?.data).to.deep.equal([3]);
    expect(constants[1]).to.not.have.property("data");
  });

  it("follows a variable that is assigned to", async () => {
    const state = tf.variable(tf.zeros([4]));
    const graph = await trace(
      (x: tf.Tensor1D) => {
        state.assign(state.add(x));
        return state.mul(2);
      },
      [tf.ones([4])],
      { device: "virtual" },
    );
    const [add, mul] = graph.ops;
    expect(mul?.operands["a"]).to.equal(add?.results[0]);
  });

  it("names the tensors of a list that a kernel takes beside others", async () => {
    tf.registerKernel({
      kernelName: "SumOfParts",
      backendName: "webgpu",
      kernelFunc: ({ backend }) => ({
        // Sound: tfjs hands a kernel the backend it is registered for.
        dataId: (backend as tf.KernelBackend).write(new Float32Array(2), [2], "float32"),
        shape: [2],
        dtype: "float32",
      }),
    });
    try {
      const graph = await trace(
        (first: tf.Tensor, ...parts: tf.Tensor[]) =>
          // Sound: the engine takes whatever a kernel takes, lists of tensors too.
          tf.engine().runKernel("SumOfParts", { first, parts } as object as tf.NamedTensorMap),
        [tf.zeros([2]), tf.zeros([3]), tf.zeros([4])],
        { device: "virtual" },
      );
      const [op] = graph.ops;
      expect(op?.operands).to.deep.equal({ first: 0, "parts.0": 1, "parts.1": 2 });
    } finally {
      tf.unregisterKernel("SumOfParts", "webgpu");
    }
  });

  it("records the kernels of a gradient once, under forward and backward", async () => {
    const gradient = tf.grad((x: tf.Tensor) => x.square().sum());
    const graph = await trace((x: tf.Tensor) => gradient(x), [tf.ones([4])], {
      device: "virtual",
    });
    const phases = new Set(graph.ops.map(({ scope }) => scope[0]));
    expect(phases).to.include.members(["forward", "backward"]);
    for (const op of graph.ops) {
      for (const id of Object.values(op.operands)) {
        const value = graph.values[id];
        if (value?.kind === "result") expect(value.op).to.be.lessThan(op.id);
      }
    }
  });

  it("takes complex tensors that are on another backend, as inputs and as constants @linux", async () => {
    const complex = () => tf.complex(tf.tensor1d([1, 2]), tf.tensor1d([3, 4]));
    const [z, constant] = [complex(), complex()];
    const memory = tf.memory();
    for (const device of ["virtual", "software"] as const) {
      const read: number[] = [];
      const program = async (z: tf.Tensor) => {
        read.push(...(await tf.real(z).data()), ...(await tf.mul(z, constant).data()));
        return tf.mul(z, z);
      };
      const graph = await trace(program, [z], { device });
      expect(read, device).to.deep.equal([1, 2, -8, 6, -12, 16]);
      const [result] = await evaluate(graph, [z]);
      expect(result?.values).to.deep.equal(new Float32Array([-8, 6, -12, 16]));
      expect(tf.memory(), device).to.deep.equal(memory);
    }
    expect(Array.from(z.dataSync())).to.deep.equal([1, 3, 2, 4]);
    tf.dispose([z, constant]);
  });

  it("takes the parts of a complex tensor for views, wherever they come from", async () => {
    const parts = (x: tf.Tensor) => [tf.real(tf.complex(x, x)), tf.imag(tf.complex(x, x))];
    const computed = (x: tf.Tensor) => parts(x.add(1));
    const cast = (x: tf.Tensor) => [x.cast("complex64").cast("float32")];
    for (const program of [parts, computed, cast]) {
      const { ops } = await trace(program, [tf.ones([2000])], { device: "virtual" });
      const placements = ops.map(({ kernel, placement }) => `${kernel} ${placement}`);
      const copies = placements.filter((line) => !/ (view|gpu)$/.test(line));
      expect(copies, program.name).to.deep.equal([]);
    }
  });

  it("finds results in arrays, records, Maps and Sets, also in one that holds itself", async () => {
    const program = (x: tf.Tensor) => {
      const twice = [x.neg()];
      const output: Record<string, unknown> = {
        twice: [twice, twice],
        map: new Map([["abs", x.abs()]]),
        set: new Set([x.relu()]),
        nothing: null,
        image: new Uint8Array(3),
      };
      output["self"] = [output];
      return output;
    };
    const graph = await trace(program, [tf.ones([3])], { device: "virtual" });
    const [neg, abs, relu] = graph.ops.map(({ results }) => results[0]);
    expect(graph.results).to.deep.equal([neg, neg, abs, relu]);
  });

  it("refuses results that it cannot see", async () => {
    class Boxes {
      readonly corners: tf.Tensor;
      constructor(corners: tf.Tensor) {
        this.corners = corners;
      }
    }
    const x = tf.ones([3]);
    const boxes = (x: tf.Tensor) => ({ boxes: new Boxes(x.neg()) });
    expect(await rejection(trace(boxes, [x], { device: "virtual" }))).to.include(
      "tensors in an object of the class Boxes",
    );
    const promises = (x: tf.Tensor) => [1, 2].map(async (times) => x.mul(times));
    expect(await rejection(trace(promises, [x], { device: "virtual" }))).to.include(
      "returns a Promise",
    );
  });

  it("takes a function as it found it back when it throws", async () => {
    const memory = tf.memory();
    const message = await rejection(
      trace(
        () => {
          tf.ones([3]).add(1);
          throw new Error("out of luck");
        },
        [],
        { device: "virtual" },
      ),
    );
    expect(message).to.equal("out of luck");
    expect(tf.memory()).to.deep.equal(memory);
    expect(tf.getBackend()).to.equal("cpu");
    expect(Object.hasOwn(tf.engine(), "moveData")).to.equal(false);
    expect((await trace(() => tf.ones([3]).add(1), [], { device: "virtual" })).ops).to.have.length(
      1,
    );
  });

  it("keeps what a layer built in the pass, with its values", async () => {
    const layer = tf.layers.dense({
      units: 2,
      kernelInitializer: "ones",
      biasInitializer: "ones",
    });
    await trace((x: tf.Tensor) => layer.apply(x), [tf.ones([1, 3])], { device: "virtual" });
    const output = tf.tidy(() => (layer.apply(tf.ones([1, 3])) as tf.Tensor).dataSync());
    expect(Array.from(output)).to.deep.equal([4, 4]);
  });

  it("disposes an input that the function disposes, everywhere", async () => {
    const memory = tf.memory();
    const x = tf.ones([3]);
    await trace(
      (input: tf.Tensor) => {
        const y = input.add(1);
        input.dispose();
        return y;
      },
      [x],
      { device: "virtual" },
    );
    expect(tf.memory()).to.deep.equal(memory);
  });
});
