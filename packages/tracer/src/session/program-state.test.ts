import { type Graph, print, verify } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { smallGraphModel } from "../../testing/small-models.ts";
import { evaluate, trace } from "../index.ts";

const DEVICES = ["virtual", "software"] as const;

const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());
const kernels = ({ ops }: Graph) => ops.map(({ kernel }) => kernel);
const first = (values: { readonly length: number; readonly [i: number]: unknown } | undefined) =>
  Number(values?.[0]);

describe("what a traced program changes", function () {
  this.timeout(60_000);
  before(async () => {
    await tf.setBackend("cpu");
  });

  for (const device of DEVICES) {
    describe(`on the ${device} device${device === "software" ? " @linux" : ""}`, () => {
      it("variables hold again what they held", async () => {
        const variable = tf.variable(tf.ones([2000]));
        const memory = tf.memory();
        const decay = () => {
          variable.assign(variable.mul(0.9));
          return variable.sum();
        };
        const graph = await trace(decay, [], { device });
        expect(kernels(graph)).to.deep.equal(["Multiply", "Sum"]);
        expect(new Set(numbers(variable))).to.deep.equal(new Set([1]));
        expect(tf.memory()).to.deep.equal(memory);
        variable.dispose();
      });

      it("a training step leaves the model, and its optimizer fit to train on", async () => {
        const model = tf.sequential({
          layers: [
            tf.layers.conv2d({ inputShape: [6, 6, 1], filters: 2, kernelSize: 3 }),
            tf.layers.batchNormalization(),
            tf.layers.flatten(),
            tf.layers.dense({ units: 1 }),
          ],
        });
        const [xs, ys] = [tf.randomNormal([4, 6, 6, 1], 0, 1, "float32", 3), tf.ones([4, 1])];
        const optimizer = tf.train.adam(0.01);
        model.compile({ optimizer, loss: "meanSquaredError" });
        const before = model.getWeights().map(numbers);
        const step = () =>
          optimizer.minimize(() =>
            tf.losses
              .meanSquaredError(ys, model.apply(xs, { training: true }) as tf.Tensor)
              .asScalar(),
          );
        await trace(step, [], { device });
        expect(model.getWeights().map(numbers)).to.deep.equal(before);
        const history = await model.fit(xs, ys, { epochs: 2, verbose: 0 });
        expect(history.history["loss"]?.every(Number.isFinite)).to.equal(true);
      });

      it("stateful layers hold again their states", async () => {
        const model = tf.sequential({
          layers: [
            tf.layers.lstm({
              ...{ units: 3, batchInputShape: [1, 4, 2], stateful: true },
              recurrentInitializer: "glorotNormal",
            }),
          ],
        });
        const x = tf.ones([1, 4, 2]);
        const predict = () => numbers(model.predict(x) as tf.Tensor);
        const once = predict();
        model.resetStates();
        predict();
        const memory = tf.memory();
        await trace(model, [x], { device });
        expect(tf.memory()).to.deep.equal(memory);
        const twice = predict();
        expect(twice).to.not.deep.equal(once);
        model.resetStates();
        predict();
        expect(predict()).to.deep.equal(twice);
      });

      it("a layer that it builds has its weights, computed ones too", async () => {
        const layer = tf.layers.simpleRNN({ units: 3, recurrentInitializer: "orthogonal" });
        await trace((x: tf.Tensor) => layer.apply(x), [tf.ones([1, 4, 2])], { device });
        const [, recurrent] = layer.getWeights();
        const product = tf.matMul(recurrent as tf.Tensor2D, recurrent as tf.Tensor2D, true);
        for (const [i, value] of numbers(product.sub(tf.eye(3))).entries()) {
          expect(value, `element ${i} of the product with its transpose`).to.be.closeTo(0, 1e-4);
        }
      });

      it("a layer that it builds costs what it costs built, its initializers apart", async () => {
        const layer = tf.layers.gru({ units: 8 });
        const call = () =>
          trace((x: tf.Tensor) => layer.apply(x), [tf.ones([1, 3, 4])], { device });
        const building = await call();
        const built = await call();
        expect(print(building)).to.equal(print(built));
        expect(layer.getWeights().map(({ shape }) => shape)).to.deep.equal([
          [4, 24],
          [8, 24],
          [24],
        ]);
      });
    });
  }

  it("is read as it is in the pass, though not loaded beforehand", async () => {
    const variable = tf.variable(tf.scalar(0));
    const sums: number[] = [];
    const program = (x: tf.Tensor) => {
      variable.assign(variable.add(x.sum()).asScalar());
      sums.push(...variable.dataSync());
      return x.mul(variable);
    };
    await trace(program, [tf.ones([6])], { device: "virtual" });
    expect(sums).to.deep.equal([6]);
    expect(numbers(variable)).to.deep.equal([0]);
    variable.dispose();
  });

  it("is followed through views: an assigned variable has the variable's shape", async () => {
    const variable = tf.variable(tf.zeros([4]));
    const program = (x: tf.Tensor) => {
      const y = x.add<tf.Tensor1D>(1);
      variable.assign(y);
      y.reshape([2, 2]).mul(2);
      return variable.add(1);
    };
    const graph = await trace(program, [tf.ones([4])], { device: "virtual" });
    verify(graph);
    const [result] = await evaluate(graph, [tf.ones([4])]);
    expect(first(result?.values)).to.equal(3);
    variable.dispose();
  });

  it("is not taken for a parameter once the program assigned values of its own", async () => {
    const variable = tf.variable(tf.zeros([4, 4]));
    const program = (x: tf.Tensor2D) => {
      variable.assign(tf.ones([4, 4]));
      return x.matMul(variable as tf.Tensor as tf.Tensor2D);
    };
    const graph = await trace(program, [tf.ones([4, 4])], { device: "virtual", sparsity: true });
    expect(graph.values.map(({ kind }) => kind)).to.deep.equal(["input", "constant", "result"]);
    variable.dispose();
  });

  it("does not reach patches of others, which stay", async () => {
    const engine = tf.engine();
    const names = ["runKernel", "moveData", "addTapeNode", "makeVariable"];
    const patches = names.map((name): [string, unknown] => {
      const original: unknown = Reflect.get(engine, name);
      if (typeof original !== "function") throw new Error(`the engine has no ${name}`);
      const patch = (...args: unknown[]): unknown => Reflect.apply(original, engine, args);
      Reflect.set(engine, name, patch);
      return [name, patch];
    });
    await trace((x: tf.Tensor) => x.add(1), [tf.ones([3])], { device: "virtual" });
    for (const [name, patch] of patches) {
      expect(Reflect.get(engine, name), name).to.equal(patch);
      Reflect.deleteProperty(engine, name);
    }
  });

  it("does not include scopes that it leaves open, or ends without having begun them", async () => {
    const depth = () => Reflect.get(tf.engine(), "state").scopeStack.length;
    const before = depth();
    const open = (x: tf.Tensor) => {
      tf.engine().startScope("left open");
      return x.add(1);
    };
    await trace(open, [tf.ones([3])], { device: "virtual" });
    expect(depth()).to.equal(before);
    const ending = (x: tf.Tensor) => {
      tf.engine().endScope();
      return x;
    };
    // tfjs itself fails at what comes then.
    const goingOn = (x: tf.Tensor) => {
      tf.engine().endScope();
      return x.relu();
    };
    for (const program of [ending, goingOn]) {
      const message = await trace(program, [tf.ones([3])], { device: "virtual" }).catch(
        (error: Error) => error.message,
      );
      expect(message).to.include("ended a scope of TensorFlow.js that it did not begin");
    }
  });

  it("is given back though a step of that fails, whose error is thrown", async () => {
    const model = await smallGraphModel();
    const program = (x: tf.Tensor) => {
      const y = model.predict(x);
      // What a trace put on a node can then not be taken off.
      const { executor } = model as object as { executor: { graph: { nodes: object } } };
      for (const node of Object.values(executor.graph.nodes)) Object.freeze(node);
      return y;
    };
    const runKernel = Reflect.get(tf.engine(), "runKernel");
    const memory = tf.memory();
    const x = tf.zeros([1, 8, 8, 2]);
    const message = await trace(program, [x], { device: "virtual" }).catch((e) => e.message);
    x.dispose();
    expect(message).to.include("Cannot redefine property: category");
    expect(tf.getBackend()).to.equal("cpu");
    expect(tf.memory()).to.deep.equal(memory);
    expect(Reflect.get(tf.engine(), "runKernel")).to.equal(runKernel);
    const { ops } = await trace(() => tf.ones([3]).add(1), [], { device: "virtual" });
    expect(ops).to.have.length(1);
  });

  it("includes the backend, though data cannot be handed back to it", async () => {
    const cpu = tf.backend();
    const { move } = cpu;
    cpu.move = () => {
      throw new Error("no room");
    };
    try {
      const build = (x: tf.Tensor) => tf.variable(x.add(1)).mul(2);
      const message = await trace(build, [tf.ones([1, 3])], { device: "virtual" }).catch(
        (e) => e.message,
      );
      expect(message).to.equal("no room");
    } finally {
      cpu.move = move;
    }
    expect(tf.getBackend()).to.equal("cpu");
  });
});

describe("inputs of a trace", function () {
  this.timeout(60_000);
  before(async () => {
    await tf.setBackend("cpu");
  });

  it("by name reach a model in its own order", async () => {
    const [c, d] = ["c", "d"].map((name) => tf.input({ shape: [3], name }));
    const dense = (kernelInitializer: "ones" | "zeros") =>
      tf.layers.dense({ units: 1, kernelInitializer });
    const model = tf.model({
      inputs: [c, d] as tf.SymbolicTensor[],
      outputs: [
        dense("ones").apply(c as tf.SymbolicTensor),
        dense("zeros").apply(d as tf.SymbolicTensor),
      ] as tf.SymbolicTensor[],
    });
    const inputs = { d: tf.zeros([1, 3]), c: tf.ones([1, 3]) };
    const graph = await trace(model, inputs, { device: "virtual" });
    expect(graph.inputs.map((id) => Reflect.get(graph.values[id] ?? {}, "name"))).to.deep.equal([
      "c",
      "d",
    ]);
    const results = await evaluate(graph, inputs);
    expect(results.map(({ values }) => first(values))).to.deep.equal([3, 0]);
  });

  it("are told apart where they are one tensor, and from what the program has elsewhere", async () => {
    const x = tf.ones([3]);
    const graph = await trace((p: tf.Tensor, q: tf.Tensor) => p.add(q).mul(x), [x, x], {
      device: "virtual",
      inputNames: ["p", "q"],
    });
    expect(print(graph)).to.include("Add(a=%p, b=%q)");
    const [sum] = await evaluate(graph, [tf.fill([3], 2), tf.fill([3], 5)]);
    expect(first(sum?.values)).to.equal(7);
    expect(x.isDisposed).to.equal(false);
  });
});
