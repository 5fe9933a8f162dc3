import { type Graph, recordingOf } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { rejection } from "../testing/rejection.ts";
import { smallGraphModel, smallLayersModel } from "../testing/small-models.ts";
import { openDevice, type TraceOptions, trace, withBackend } from "./index.ts";

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

describe("trace", () => {
  before(async () => {
    await tf.setBackend("cpu");
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
