import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { notesOf, OpcounterError, paramsOf, sizeOf } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { loadModel, trace } from "../index.ts";
import { KERAS3_NOTE } from "./keras3.ts";

const policy = (name: string) => ({
  module: "keras",
  class_name: "DTypePolicy",
  config: { name },
  registered_name: null,
});
const tensor = (layer: string, call = 0) => ({
  class_name: "__keras_tensor__",
  config: { shape: [null, 4], dtype: "float32", keras_history: [layer, call, 0] },
});
const entry = (className: string, name: string, config: object, ...calls: object[]) => ({
  module: "keras.layers",
  class_name: className,
  config: { name, trainable: true, dtype: policy("float32"), ...config },
  registered_name: null,
  name,
  inbound_nodes: calls,
});
const takes = (args: unknown[], kwargs = {}) => ({ args, kwargs });

const input = entry("InputLayer", "in", { batch_shape: [null, 4], ragged: false, sparse: false });
const relu = { module: "builtins", class_name: "function", config: "relu", registered_name: "x" };
const dense = (name: string, ...calls: object[]) =>
  entry("Dense", name, { units: 4, activation: relu, lora_rank: null }, ...calls);

/** A model whose layer "add" adds two branches, as Keras 3 writes it. */
const functional = (layers: object[], output: string) => ({
  class_name: "Functional",
  config: { name: "m", layers, input_layers: ["in", 0, 0], output_layers: [[output, 0, 0]] },
});
const weightsOf = (...names: string[]) =>
  names.flatMap((name) => [
    { name: `${name}/kernel`, shape: [4, 4], dtype: "float32" },
    { name: `${name}/bias`, shape: [4], dtype: "float32" },
  ]);

describe("a LayersModel by Keras 3", () => {
  const folder = mkdtempSync(join(tmpdir(), "opcounter-"));
  after(() => rmSync(folder, { recursive: true }));

  const load = (modelTopology: object, weights: object[]) => {
    const path = join(folder, "model.json");
    const weightsManifest = [{ paths: ["w.bin"], weights }];
    writeFileSync(path, JSON.stringify({ modelTopology, weightsManifest }));
    return loadModel(path, { weights: "none" });
  };
  /** What a pass runs: its kernels, the elements of its parameters, and the notes. */
  const passOf = async (modelTopology: object, weights: object[]) => {
    const model = await load(modelTopology, weights);
    const graph = await trace(model, [tf.ones([1, 4])], { device: "virtual" });
    const params = paramsOf(graph).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return { kernels: graph.ops.map(({ kernel }) => kernel), params, notes: notesOf(graph) };
  };

  it("counts as the model that Keras 3 means, with a note", async () => {
    const add = entry("Add", "add", {}, takes([[tensor("a"), tensor("b")]]));
    const branches = [dense("a", takes([tensor("in")])), dense("b", takes([tensor("a")]))];
    const model = functional([input, ...branches, add], "add");
    const { kernels, params, notes } = await passOf(model, weightsOf("a", "b"));
    expect(kernels.filter((kernel) => kernel === "_FusedMatMul")).to.have.length(2);
    expect(kernels.at(-1)).to.equal("Add");
    expect(params).to.equal(40);
    expect(notes[0]).to.equal(KERAS3_NOTE);
  });

  it("may be a Sequential, whose weights bear its name", async () => {
    const layers = [input, dense("a"), dense("b")].map(({ inbound_nodes, ...rest }) => rest);
    const model = { class_name: "Sequential", config: { name: "sequential", layers } };
    const weights = weightsOf("sequential/a", "sequential/b");
    expect((await passOf({ model_config: model }, weights)).params).to.equal(40);
  });

  it("computes in the type of its variables where its policy is mixed", async () => {
    const mixed = entry(
      "Dense",
      "a",
      { units: 4, dtype: policy("mixed_float16") },
      takes([tensor("in")]),
    );
    expect((await passOf(functional([input, mixed], "a"), weightsOf("a"))).params).to.equal(20);
  });

  it("names the layer that takes a tensor by name, or one that is not there", async () => {
    const message = async (layer: object) => {
      try {
        await load(functional([input, layer], "a"), []);
      } catch (error) {
        if (error instanceof OpcounterError) return error.message;
        throw error;
      }
      throw new Error("it was loaded");
    };
    expect(await message(dense("a", takes([tensor("in")], { mask: tensor("in") })))).to.include(
      'The layer "a" of',
    );
    expect(await message(dense("a", takes([tensor("nosuch")])))).to.include(
      'its layer "a" takes the output of "nosuch"',
    );
  });
});
