import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OpcounterError } from "@opcounter/ir";
import { expect } from "chai";
import { loadModel } from "../index.ts";

describe("a model with parts that TensorFlow.js does not have", () => {
  const folder = mkdtempSync(join(tmpdir(), "opcounter-"));
  after(() => rmSync(folder, { recursive: true }));

  const load = (modelTopology: object) => {
    const path = join(folder, "model.json");
    writeFileSync(path, JSON.stringify({ modelTopology }));
    return loadModel(path);
  };
  const refusal = async (modelTopology: object): Promise<OpcounterError> => {
    try {
      await load(modelTopology);
    } catch (error) {
      if (error instanceof OpcounterError) return error;
      throw error;
    }
    throw new Error("it was loaded");
  };

  const shape = { shape: { dim: [{ size: "3" }] } };
  const x = { name: "x", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape } };

  it("names all ops that its outputs depend on, each once", async () => {
    const node = [
      x,
      { name: "a", op: "Mine", input: ["x"] },
      { name: "b", op: "Mine", input: ["a"] },
      { name: "c", op: "Theirs", input: ["b"] },
      { name: "y", op: "Relu", input: ["c"], attr: { T: { type: "DT_FLOAT" } } },
    ];
    const error = await refusal({ node });
    expect(error.code).to.equal("graph-op-unknown");
    expect(error.message).to.include("uses the ops Mine, Theirs, which TensorFlow.js does not");
    expect((await refusal({ node: node.slice(0, 2) })).message).to.include("uses the op Mine, ");
    const listed = { name: "a", op: "RaggedRange", input: ["x", "x", "x"] };
    expect((await refusal({ node: [x, listed] })).message).to.include("uses the op RaggedRange, ");
  });

  it("names all classes of layers, wrapped ones and cells among them", async () => {
    const entry = (class_name: string, config: object) => ({ class_name, config });
    const layers = [
      entry("Dense", { units: 1, batch_input_shape: [null, 2] }),
      entry("TimeDistributed", { layer: entry("Inner", {}) }),
      entry("RNN", { cell: entry("StackedRNNCells", { cells: [entry("Cell", {})] }) }),
      entry("Outer", {}),
      entry("Sequential", [entry("Outer", {}), entry("constructor", {})]),
    ];
    const error = await refusal(entry("Sequential", { layers }));
    expect(error.code).to.equal("layer-class-unknown");
    expect(error.message).to.include(
      "uses the layer classes Cell, Inner, Outer, constructor, which",
    );
  });
});
