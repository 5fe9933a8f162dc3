import { formatScope, type Graph, recordingOf } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { smallGraphModel, smallLayersModel } from "../testing/small-models.ts";
import {
  closeDevices,
  evaluate,
  openDevice,
  type TraceOptions,
  trace,
  withBackend,
} from "./index.ts";

/** An op in one line, with all that must not depend on the device. */
function lines(graph: Graph): string[] {
  return graph.ops.map(({ kernel, operands, attrs, results, scope, placement, dispatches }) =>
    JSON.stringify({
      kernel,
      operands,
      attrs,
      results: results.map((id) => graph.values[id]),
      scope,
      placement,
      dispatches,
    }),
  );
}

function kernelsByScope(graph: Graph): string[] {
  return graph.ops.map(({ kernel, scope }) => `${formatScope(scope)}: ${kernel}`);
}

/** The message of what a promise rejects with; fails where it does not reject. */
async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("nothing was thrown");
}

describe("trace", () => {
  before(async () => {
    await tf.setBackend("cpu");
  });
  after(closeDevices);

  describe("of a LayersModel", () => {
    it("records the kernels of each layer under its name, nested models included", async () => {
      const graph = await trace(smallLayersModel(), [tf.zeros([2, 8, 8, 4])], {
        device: "virtual",
      });
      expect(graph.name).to.equal("small");
      expect(graph.device).to.equal("virtual");
      expect(new Set(graph.ops.map(({ scope }) => formatScope(scope)))).to.deep.equal(
        new Set(["inner/conv", "inner/norm", "pool", "raw/pool", "shared", "sum", "head/fc"]),
      );
      const classes = graph.calls.map(({ className, scope }) => [formatScope(scope), className]);
      expect(classes).to.deep.include.members([
        ["inner", "Sequential"],
        ["inner/conv", "Conv2D"],
        ["inner/norm", "BatchNormalization"],
        ["raw/pool", "GlobalAveragePooling2D"],
        ["sum", "Add"],
      ]);
      const conv = graph.calls.find(({ className }) => className === "Conv2D");
      expect(graph.calls[conv?.parent ?? -1]?.className).to.equal("Sequential");
      expect(graph.ops.find(({ kernel }) => kernel === "FusedConv2D")?.call).to.equal(conv?.id);
      expect(conv?.params.map((id) => graph.values[id]?.shape)).to.deep.equal([[3, 3, 4, 4], [4]]);
    });

    it("tells parameters, statistics and constants apart, and counts a shared layer's once", async () => {
      const model = smallLayersModel();
      model.getLayer("shared").trainable = false;
      const graph = await trace(model, [tf.zeros([1, 8, 8, 4])], { device: "virtual" });
      const params = graph.values.filter((value) => value.kind === "param");
      const described = params.map(({ name, role, trainable }) => `${name} ${role} ${trainable}`);
      expect(described.sort()).to.deep.equal([
        "conv/bias weight true",
        "conv/kernel weight true",
        "head/fc/bias weight true",
        "head/fc/kernel weight true",
        "norm/beta weight true",
        "norm/gamma weight true",
        "norm/moving_mean statistic false",
        "norm/moving_variance statistic false",
        "shared/bias weight false",
        "shared/kernel weight false",
      ]);
      const calls = graph.calls.filter(({ scope }) => formatScope(scope) === "shared");
      expect(calls).to.have.length(2);
      expect(calls[0]?.params).to.deep.equal(calls[1]?.params);
    });

    it("leaves the model's values and tfjs as they were", async () => {
      const model = smallLayersModel();
      const input = tf.randomNormal([1, 8, 8, 4]);
      const expected = tf.tidy(() => Array.from((model.predict(input) as tf.Tensor).dataSync()));
      const memory = tf.memory();
      const apply = tf.layers.Layer.prototype.apply;
      const runKernel = Object.hasOwn(tf.engine(), "runKernel");
      await trace(model, [input], { device: "virtual" });
      expect(tf.memory()).to.deep.equal(memory);
      expect(tf.getBackend()).to.equal("cpu");
      expect(tf.layers.Layer.prototype.apply).to.equal(apply);
      expect(Object.hasOwn(tf.engine(), "runKernel")).to.equal(runKernel);
      expect(tf.engine().registryFactory).to.not.have.property("webgpu");
      const again = tf.tidy(() => Array.from((model.predict(input) as tf.Tensor).dataSync()));
      expect(again).to.deep.equal(expected);
    });

    it("says what input was expected and what was given", async () => {
      const model = smallLayersModel();
      expect(
        await rejection(trace(model, [tf.zeros([1, 9, 8, 4])], { device: "virtual" })),
      ).to.equal('Input "image" must be f32[?,8,8,4], and the tensor given is f32[1,9,8,4].');
      expect(await rejection(trace(model, [], { device: "virtual" }))).to.equal(
        "The model takes 1 input (image: f32[?,8,8,4]), and 0 were given.",
      );
    });
  });

  describe("of a GraphModel", () => {
    it("records each node's kernels under the node's name", async () => {
      const model = await smallGraphModel();
      const memory = tf.memory();
      const input = tf.zeros([1, 8, 8, 2]);
      const graph = await trace(model, [input], { device: "virtual" });
      input.dispose();
      expect(kernelsByScope(graph)).to.deep.equal([
        "block/conv/Conv2D: FusedConv2D",
        "block/Mean: Mean",
        "head/MatMul: BatchMatMul",
      ]);
      expect(graph.calls.map(({ kind, className }) => `${kind} ${className}`)).to.include.members([
        "node _FusedConv2D",
        "node Mean",
        "node MatMul",
      ]);
      const params = graph.values.filter((value) => value.kind === "param");
      expect(params.map(({ name }) => name)).to.deep.equal([
        "block/conv/kernel",
        "block/conv/bias",
        "block/axes",
        "head/kernel",
      ]);
      expect(tf.memory()).to.deep.equal(memory);
    });

    it("takes inputs by name", async () => {
      const model = await smallGraphModel();
      const graph = await trace(model, { image: tf.zeros([3, 8, 8, 2]) }, { device: "virtual" });
      expect(graph.values[graph.inputs[0] ?? -1]).to.include({ name: "image" });
    });
  });

  describe("of a function", () => {
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
      expect(
        (await trace(() => tf.ones([3]).add(1), [], { device: "virtual" })).ops,
      ).to.have.length(1);
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

  it("refuses a trace inside a trace, and a second one at the same time", async () => {
    const program = () => tf.ones([3]).add(1);
    const message = "A trace is already running";
    const inside = trace(async () => trace(program, []), [], { device: "virtual" });
    expect(await rejection(inside)).to.include(message);
    const first = trace(program, [], { device: "virtual" });
    expect(await rejection(trace(program, []))).to.include(message);
    expect((await first).ops).to.have.length(1);
  });

  it("refuses what is no model", async () => {
    const notAModel: unknown = { layers: 3 };
    expect(await rejection(trace(notAModel as () => void))).to.include("must be a LayersModel");
  });

  it("says what is wrong with the way it is called", async () => {
    const refusal = (inputs: unknown, options: unknown = {}) => {
      const given = { device: "virtual", ...(options as object) } as TraceOptions;
      return rejection(trace((x: tf.Tensor) => x.neg(), inputs as tf.Tensor[], given));
    };
    const x = tf.ones([3]);
    expect(await refusal([x], { values: "nope" })).to.equal(
      'The option values is "nope"; it must be "on-demand" or "none".',
    );
    expect(await refusal([x], { device: "virtaul" })).to.equal(
      'There is no device "virtaul". Did you mean "virtual"? There are auto, virtual, gpu, software.',
    );
    expect(await refusal([x, x], { inputNames: ["a", "a"] })).to.include(
      'Two inputs are called "a"',
    );
    expect(await refusal([x, x], { inputNames: ["input1"] })).to.include(
      'Two inputs are called "input1"',
    );
    expect(await refusal(x)).to.include("The inputs are one tensor; pass them in an array");
    expect(await refusal(null)).to.include("The inputs are null");
    x.dispose();
    expect(await refusal([x])).to.include("was disposed");
  });

  it("notices that the program switches the backend", async () => {
    const message = await rejection(
      trace(async () => void (await tf.setBackend("cpu")), [], { device: "virtual" }),
    );
    expect(message).to.include('switched TensorFlow.js to the backend "cpu"');
    expect(tf.getBackend()).to.equal("cpu");
  });

  describe("on the virtual device", () => {
    it("stops at a read in mid-pass where no values are wanted, naming the op and the remedy", async () => {
      const program = async (x: tf.Tensor) => {
        const y = tf.tidy("scores", () => x.add(1));
        return (await y.data())[0] === 1 ? y.relu() : y.neg();
      };
      const options = { device: "virtual", values: "none" } as const;
      const message = await rejection(trace(program, [tf.zeros([2000])], options));
      expect(message)
        .to.include('op 0 (Add) in scope "scores"')
        .and.to.include('device: "software"');
    });

    it("stops there too where the program catches the error, or a kernel reads", async () => {
      const caught = (x: tf.Tensor) => {
        try {
          x.add(1).dataSync();
        } catch {
          return x;
        }
      };
      const x = tf.zeros([2000]);
      const options = { device: "virtual", values: "none" } as const;
      expect(await rejection(trace(caught, [x], options))).to.include("op 0 (Add)");
      const detect = (boxes: tf.Tensor2D) =>
        tf.image.nonMaxSuppression(boxes.add(1), tf.zeros([500]), 10);
      const message = await rejection(trace(detect, [tf.zeros([500, 4])], options));
      expect(message).to.include("Kernel NonMaxSuppressionV3 reads back what op 0 (Add)");
    });

    it("lets a program read what the host knows", async () => {
      const graph = await trace(
        async (x: tf.Tensor) => ((await x.data())[0] === 7 ? x.relu() : x.neg()),
        [tf.fill([2000], 7)],
        { device: "virtual" },
      );
      expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["Relu"]);
    });

    it("gives NaN, never zero, for a result that is read after the pass", async () => {
      const device = await openDevice("virtual");
      let result: tf.Tensor | undefined;
      await withBackend(device, async () => {
        await trace(
          (x: tf.Tensor) => {
            result = tf.keep(x.add(1));
          },
          [tf.zeros([2000])],
          { device },
        );
        expect((await result?.data())?.[0]).to.be.NaN;
        result?.dispose();
      });
    });
  });

  describe("on the software device", () => {
    it("gives the same graph as the virtual device @linux", async () => {
      const model = smallLayersModel();
      const graphModel = await smallGraphModel();
      const block = (x: tf.Tensor3D) =>
        tf.tidy("block", () => tf.avgPool<tf.Tensor3D>(x.relu().add(1), 2, 2, "same").softmax());
      const cases = [
        [model, tf.randomNormal([1, 8, 8, 4])],
        [graphModel, tf.randomNormal([1, 8, 8, 2])],
        [block, tf.randomNormal([9, 9, 3])],
      ] as const;
      for (const [target, input] of cases) {
        const virtual = await trace(target, [input], { device: "virtual" });
        const software = await trace(target, [input], { device: "software" });
        expect(software.device).to.equal("software");
        expect(lines(software)).to.deep.equal(lines(virtual));
        expect(software.calls).to.deep.equal(virtual.calls);
        const [held, expected] = [software, virtual].map((graph) => recordingOf(graph)?.memory);
        // Uniform buffers wait for the device in an order of its own.
        expect(held?.peakUsedBytes).to.be.closeTo(expected?.peakUsedBytes ?? 0, 256);
        expect(virtual.ops.some(({ dispatches }) => dispatches.length > 0)).to.equal(true);
      }
    });

    it("follows a program by the true values it reads @linux", async () => {
      const program = async (x: tf.Tensor2D) => {
        const product = x.matMul(x);
        const [first] = await product.data();
        return first === 40 ? product.relu() : product.neg();
      };
      const graph = await trace(program, [tf.ones([40, 40])], { device: "software" });
      expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["BatchMatMul", "Relu"]);
    });

    it("keeps what a layer built in the pass, with its values @linux", async () => {
      const layer = tf.layers.dense({ units: 2, kernelInitializer: "ones" });
      await trace((x: tf.Tensor) => layer.apply(x), [tf.ones([1, 3])], { device: "software" });
      const output = tf.tidy(() => (layer.apply(tf.ones([1, 3])) as tf.Tensor).dataSync());
      expect(Array.from(output)).to.deep.equal([3, 3]);
    });
  });
});
