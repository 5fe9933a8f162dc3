import { readFileSync } from "node:fs";
import { count } from "@opcounter/counters";
import { type Graph, paramsOf } from "@opcounter/ir";
import { loadModel, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

const HAND = "node_modules/handtrackjs/models/webmodel";
const QUANTIZATIONS = ["base", "fp16", "int8"] as const;

/** A picture with something in it: a bright disc on a gradient. */
function picture(size: number): tf.Tensor4D {
  const pixels = new Int32Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const isDisc = (x - size / 2) ** 2 + (y - size / 3) ** 2 < (size / 5) ** 2;
      for (let c = 0; c < 3; c++) {
        pixels[(y * size + x) * 3 + c] = isDisc ? 220 - 30 * c : (200 * (x + y)) / (2 * size);
      }
    }
  }
  return tf.tensor4d(pixels, [1, size, size, 3], "int32");
}

/** The elements of all weights in a model.json. */
function elementsIn(manifest: { weights: { shape: number[] }[] }[]): number {
  return manifest
    .flatMap(({ weights }) => weights)
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

/** The kernels that the engine runs while something runs. */
async function kernelsOf(run: () => Promise<unknown>): Promise<string[]> {
  const engine = tf.engine();
  const { runKernel } = engine;
  const kernels: string[] = [];
  const record: typeof runKernel = (kernel, inputs, attrs) => {
    kernels.push(kernel);
    // Sound: what runKernel gives, whatever type its caller asked for.
    return runKernel.call(engine, kernel, inputs, attrs) as never;
  };
  engine.runKernel = record;
  try {
    await run();
  } finally {
    Reflect.deleteProperty(engine, "runKernel");
  }
  return kernels;
}

describe("real models", function () {
  this.timeout(120_000);
  before(async () => {
    await tf.setBackend("cpu");
  });

  for (const size of [320, 640]) {
    describe(`handtrackjs's detector of ${size}×${size}, with loops and suppression`, () => {
      const graphs = new Map<string, Graph>();
      const graphOf = (quantization: string): Graph => {
        const graph = graphs.get(quantization);
        if (graph === undefined) throw new Error(`${quantization} was not traced`);
        return graph;
      };

      before(async () => {
        const image = picture(size);
        for (const quantization of QUANTIZATIONS) {
          const model = await loadModel(`${HAND}/ssd${size}fpnlite/${quantization}/model.json`);
          graphs.set(quantization, await trace(model, [image], { device: "virtual" }));
          model.dispose();
        }
        image.dispose();
      });

      it("runs on the virtual device with nothing uncounted", () => {
        for (const quantization of QUANTIZATIONS) {
          const { uncounted, totals, recorded, byKernel } = count(graphOf(quantization));
          expect(uncounted).to.deep.equal([]);
          expect(Number(totals.macs)).to.be.greaterThan(8e8);
          expect(recorded?.evaluated?.ops).to.be.greaterThan(100);
          const suppression = byKernel.find(({ kernel }) => kernel === "NonMaxSuppressionV5");
          expect(suppression).to.include({ ops: 7 });
          expect(Number(suppression?.flops)).to.be.greaterThan(0);
        }
      });

      it("runs the kernels that the same model runs on wasm", async () => {
        const model = await loadModel(`${HAND}/ssd${size}fpnlite/base/model.json`);
        await tf.setBackend("wasm");
        const image = picture(size);
        const kernels = await kernelsOf(() => (model as tf.GraphModel).executeAsync(image));
        const own = graphOf("base").ops.map(({ kernel }) => kernel);
        // These are functions of TensorFlow.js that run no kernel.
        const functions = ["NonMaxSuppressionV5", "Where"];
        expect(own.filter((kernel) => !functions.includes(kernel))).to.deep.equal(kernels);
        model.dispose();
        await tf.setBackend("cpu");
      });

      it("has the same MACs and other stored bytes in each quantization", () => {
        const [base, fp16, int8] = QUANTIZATIONS.map((name) => count(graphOf(name)));
        expect(fp16?.macs).to.equal(base?.macs);
        expect(int8?.macs).to.equal(base?.macs);
        expect(fp16?.weights.bytes).to.equal(base?.weights.bytes);
        const stored = [base, fp16, int8].map((report) => Number(report?.weights.storedBytes));
        expect(stored).to.deep.equal(stored.toSorted((a, b) => b - a));
        expect(stored[1]).to.be.below(0.52 * (stored[0] ?? 0));
        expect(stored[2]).to.be.below(0.27 * (stored[0] ?? 0));
      });
    });
  }

  for (const name of ["x2", "x3", "x4", "x8"]) {
    it(`esrgan-slim ${name}, of an image of any size`, async () => {
      const path = `node_modules/@upscalerjs/esrgan-slim/models/${name}/model.json`;
      const model = await loadModel(path);
      const params = elementsIn(JSON.parse(readFileSync(path, "utf8")).weightsManifest);
      const measured = [];
      for (const size of [1, 8, 16]) {
        const image = tf.zeros([1, size, size, 3]);
        const { totals } = count(await trace(model, [image], { device: "virtual" }), {
          strict: true,
        });
        measured.push(Number(totals.macs) / size ** 2);
        expect(totals.params).to.equal(params);
      }
      expect(new Set(measured).size).to.equal(1);
      if (name === "x2") expect([params, measured[0]]).to.deep.equal([222_075, 222_544]);
    });
  }
});

describe("programs of users", function () {
  this.timeout(60_000);
  before(async () => {
    await tf.setBackend("cpu");
  });

  const kernelsIn = (graph: Graph, scope: string) =>
    graph.ops.filter((op) => op.scope.join("/").startsWith(scope)).map(({ kernel }) => kernel);

  it("that take gradients, and define some of their own", async () => {
    const weight = tf.variable(tf.ones([8, 4]), true, "w");
    const clipped = tf.customGrad((x, save) => {
      (save as (tensors: tf.Tensor[]) => void)([x as tf.Tensor]);
      return {
        value: (x as tf.Tensor).relu(),
        gradFunc: (dy: tf.Tensor) => dy.clipByValue(-1, 1),
      };
    });
    const program = (x: tf.Tensor2D) => {
      const { value, grads } = tf.variableGrads(() =>
        clipped(tf.matMul(x, weight as tf.Tensor as tf.Tensor2D)).sum<tf.Scalar>(),
      );
      const [dx] = tf.grads((y: tf.Tensor) => y.square().sum<tf.Scalar>())([x]);
      return [value, ...Object.values(grads), dx];
    };
    const graph = await trace(program, [tf.ones([16, 8])], { device: "virtual" });
    expect(kernelsIn(graph, "backward")).to.include.members(["ClipByValue", "BatchMatMul"]);
    // Forward, and the weight's gradient; x is no variable and has none here.
    expect(count(graph, { strict: true }).macs).to.equal(2 * 16 * 8 * 4);
    weight.dispose();
  });

  it("that prepare data and run one model after another", async () => {
    const detector = tf.sequential({
      name: "detector",
      layers: [
        tf.layers.conv2d({ inputShape: [32, 32, 3], filters: 4, kernelSize: 3, name: "conv" }),
      ],
    });
    const classifier = tf.sequential({
      name: "classifier",
      layers: [
        tf.layers.flatten({ inputShape: [8, 8, 4], name: "flatten" }),
        tf.layers.dense({ units: 10, name: "fc" }),
      ],
    });
    const program = async () => {
      const images = await tf.data
        .array([tf.ones([32, 32, 3]), tf.zeros([32, 32, 3])])
        .map((image) => (image as tf.Tensor3D).mul(2).sub(1))
        .batch(2)
        .toArray();
      const [batch] = images as tf.Tensor[];
      if (batch === undefined) throw new Error("there are no images");
      const features = detector.apply(batch) as tf.Tensor4D;
      const [brightest = 0] = await features.max([1, 2, 3]).data();
      const crops = tf.image.resizeBilinear(features, brightest > 9 ? [4, 4] : [8, 8]);
      return classifier.apply(crops);
    };
    const graph = await trace(program, [], { device: "virtual" });
    const { byScope, totals } = count(graph, { strict: true });
    expect(totals.params).to.equal(detector.countParams() + classifier.countParams());
    expect(totals.macs).to.equal(2 * (30 * 30 * 4 * 27 + 256 * 10));
    expect(byScope.map(({ scope }) => scope)).to.include.members([
      "detector/conv",
      "classifier/fc",
    ]);
  });

  it("that share a model between branches count its parameters once and its ops each time", async () => {
    const tower = tf.sequential({
      name: "tower",
      layers: [tf.layers.dense({ inputShape: [8], units: 4, name: "fc" })],
    });
    const [a, b] = [tf.input({ shape: [8] }), tf.input({ shape: [8] })];
    const joined = tf.layers
      .add({ name: "join" })
      .apply([tower.apply(a), tower.apply(b)] as tf.SymbolicTensor[]);
    const siamese = tf.model({ inputs: [a, b], outputs: joined as tf.SymbolicTensor });
    const graph = await trace(siamese, [tf.ones([2, 8]), tf.ones([2, 8])], { device: "virtual" });
    const { totals } = count(graph);
    expect(totals.params).to.equal(8 * 4 + 4);
    expect(totals.macs).to.equal(2 * 2 * 8 * 4);
    expect(graph.calls.filter(({ className }) => className === "Dense")).to.have.length(2);
  });

  it("that load a model twice count both copies", async () => {
    const path = "node_modules/@upscalerjs/esrgan-slim/models/x2/model.json";
    const [first, second] = [await loadModel(path), await loadModel(path)];
    const both = (image: tf.Tensor) => [
      (first as tf.LayersModel).apply(image),
      (second as tf.LayersModel).apply(image),
    ];
    const graph = await trace(both, [tf.zeros([1, 4, 4, 3])], { device: "virtual" });
    expect(count(graph).totals.params).to.equal(2 * 222_075);
    expect(new Set(paramsOf(graph).map(({ id }) => id)).size).to.equal(paramsOf(graph).length);
  });

  it("with layers and graph ops of their own", async () => {
    class Doubled extends tf.layers.Layer {
      static readonly className = "Doubled";
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.tidy(() => {
          const x = Array.isArray(inputs) ? inputs[0] : inputs;
          if (x === undefined) throw new Error("there is no input");
          return x.mul(2);
        });
      }
    }
    const model = tf.sequential();
    model.add(tf.layers.dense({ inputShape: [8], units: 4, name: "fc" }));
    model.add(new Doubled({ name: "doubled" }));
    const layers = await trace(model, [tf.ones([2, 8])], { device: "virtual" });
    expect(layers.calls.map(({ className }) => className)).to.include("Doubled");
    expect(kernelsIn(layers, "doubled")).to.deep.equal(["Multiply"]);

    tf.registerOp("CubeOp", ({ inputs: [x] }) => {
      if (x === undefined) throw new Error("there is no input");
      return x.square().mul(x);
    });
    try {
      const dim = [{ size: 16 }];
      const graphModel = await tf.loadGraphModel({
        load: async () => ({
          modelTopology: {
            node: [
              {
                name: "x",
                op: "Placeholder",
                attr: { dtype: { type: 1 }, shape: { shape: { dim } } },
              },
              { name: "head/cube", op: "CubeOp", input: ["x"], attr: {} },
            ],
            versions: { producer: 1 },
          },
          weightSpecs: [],
          weightData: new ArrayBuffer(0),
        }),
      });
      const graph = await trace(graphModel, [tf.ones([16])], { device: "virtual" });
      expect(kernelsIn(graph, "head/cube")).to.deep.equal(["Square", "Multiply"]);
      expect(graph.calls.map(({ className }) => className)).to.include("CubeOp");
    } finally {
      tf.deregisterOp("CubeOp");
    }
  });
});
