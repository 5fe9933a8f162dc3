import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpcounterError } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { loadModel } from "../index.ts";

/** A layer whose weights are made before it fails. */
class Failing extends tf.layers.Layer {
  static readonly className = "Failing";
  override build(): void {
    this.addWeight("w", [4], "float32", tf.initializers.ones());
    throw new Error("not today");
  }
}

describe("a load that fails", () => {
  const folder = mkdtempSync(join(tmpdir(), "opcounter-"));
  before(async () => {
    tf.serialization.registerClass(Failing);
    await tf.setBackend("cpu");
  });
  after(() => rmSync(folder, { recursive: true }));

  const write = (manifest: object) => {
    const path = join(folder, "model.json");
    writeFileSync(path, JSON.stringify(manifest));
    return path;
  };

  const dense = {
    class_name: "Dense",
    config: { name: "fc", units: 2, batch_input_shape: [null, 3] },
  };
  const layers = (more: readonly object[], weights: readonly object[], rest: object = {}) => ({
    modelTopology: { class_name: "Sequential", config: { layers: [dense, ...more] } },
    weightsManifest: [{ paths: ["none.bin"], weights }],
    ...rest,
  });
  const weight = (name: string, shape: readonly number[], more: object = {}) => ({
    name,
    shape,
    dtype: "float32",
    ...more,
  });
  const [kernel, bias] = [weight("fc/kernel", [3, 2]), weight("fc/bias", [2])];
  const failing = { class_name: "Failing", config: { name: "failing" } };

  const T = { type: "DT_FLOAT" };
  const shape = { shape: { dim: [{ size: "3" }] } };
  const graph = (op: string, weights: readonly object[], rest: object = {}) => ({
    modelTopology: {
      node: [
        { name: "x", op: "Placeholder", attr: { dtype: T, shape } },
        { name: "w", op: "Const", attr: { dtype: T } },
        { name: "y", op, input: ["x", "w"], attr: { T } },
      ],
    },
    weightsManifest: [{ paths: ["none.bin"], weights }],
    ...rest,
  });
  const half = { quantization: { dtype: "uint8" } };

  const kinds: Readonly<Record<string, object>> = {
    "for a layer that throws while it is built": layers([failing], [kernel, bias]),
    "for weights that are missing": layers([], [kernel]),
    "for weights of another shape": layers([], [kernel, weight("fc/bias", [7])]),
    "for weights of no layer": layers([], [kernel, bias, weight("other", [1])]),
    "for a loss that nobody knows": layers([], [kernel, bias], {
      trainingConfig: { loss: "mine", optimizer_config: { class_name: "Mine", config: {} } },
    }),
    "for a quantization without a scale": layers([], [kernel, weight("fc/bias", [2], half)]),
    "for an op of a graph that is unknown": graph("Mine", [weight("w", [3])]),
    "for a weight of a graph that has no scale": graph("Mul", [
      weight("v", [3]),
      weight("w", [3], half),
    ]),
  };
  for (const [why, manifest] of Object.entries(kinds)) {
    it(`leaves no tensor and no variable: ${why}`, async () => {
      const path = write(manifest);
      const names = () => Object.keys(tf.engine().registeredVariables);
      const [before, variables] = [tf.memory(), names()];
      let error: unknown;
      try {
        await loadModel(path);
      } catch (thrown) {
        error = thrown;
      }
      expect(error, "what it throws").to.be.instanceOf(OpcounterError);
      expect(tf.memory()).to.deep.equal(before);
      expect(names()).to.deep.equal(variables);
      expect(Object.hasOwn(tf.engine(), "trackTensor")).to.equal(false);
    });
  }

  it("leaves alone what the program makes meanwhile", async () => {
    const path = write(layers([failing], [kernel, bias]));
    const before = tf.memory().numTensors;
    let isLoading = true;
    const others: tf.Tensor[] = [];
    const busy = (async () => {
      while (isLoading) {
        others.push(tf.ones([2]));
        await (others.length % 100 === 0 ? new Promise(setImmediate) : undefined);
      }
    })();
    const failed = await loadModel(path).catch((error: unknown) => error);
    isLoading = false;
    await busy;
    expect(failed).to.be.instanceOf(OpcounterError);
    expect(others.every(({ isDisposed }) => !isDisposed)).to.equal(true);
    expect(tf.memory().numTensors).to.equal(before + others.length);
    tf.dispose(others);
  });
});
