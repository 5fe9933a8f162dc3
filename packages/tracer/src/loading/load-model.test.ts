import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatScope, notesOf, OpcounterError } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { loadModel, trace } from "../index.ts";

describe("loadModel", () => {
  const folder = mkdtempSync(join(tmpdir(), "opcounter-"));
  after(() => rmSync(folder, { recursive: true }));

  it("loads a graph model that does not name its versions", async () => {
    const path = join(folder, "model.json");
    const attr = { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim: [{ size: "3" }] } } };
    const node = [
      { name: "x", op: "Placeholder", attr },
      { name: "out", op: "Relu", input: ["x"], attr: { T: { type: "DT_FLOAT" } } },
    ];
    for (const versions of [{}, { versions: null }, { versions: { producer: 1 } }]) {
      writeFileSync(path, JSON.stringify({ modelTopology: { node, ...versions } }));
      const graph = await trace(await loadModel(path), [tf.ones([3])], { device: "virtual" });
      expect(graph.ops.map(({ scope }) => formatScope(scope))).to.deep.equal(["out"]);
    }
  });

  /** A graph model that scales its input by a weight of a type. */
  const scaling = (dtype: string, more: object = {}) => {
    const [dt, attr] = [dtype === "int32" ? "DT_INT32" : "DT_FLOAT", { size: "3" }];
    const T = { type: dt };
    const node = [
      { name: "x", op: "Placeholder", attr: { dtype: T, shape: { shape: { dim: [attr] } } } },
      { name: "w", op: "Const", attr: { dtype: T } },
      { name: "out", op: "Mul", input: ["x", "w"], attr: { T } },
    ];
    const weights = [{ name: "w", shape: [3], dtype }];
    const path = join(folder, "scaling.json");
    const weightsManifest = [{ paths: ["none.bin"], weights }];
    writeFileSync(path, JSON.stringify({ modelTopology: { node }, weightsManifest, ...more }));
    return path;
  };

  it("takes zeros for floats whose files are missing, and says so", async () => {
    const x = [tf.ones([3])];
    for (const weights of ["files", "none"] as const) {
      const model = await loadModel(scaling("float32"), { weights });
      const graph = await trace(model, x, { device: "virtual" });
      expect(graph.ops.map(({ kernel }) => kernel)).to.deep.equal(["Multiply"]);
      expect(notesOf(graph)).to.have.length(1);
      const error = await errorOf(trace(model, x, { device: "virtual", sparsity: true }));
      expect(error.code).to.equal("options-conflict");
    }
  });

  it("refuses a graph model whose missing files hold integers, on which shapes may depend", async () => {
    const error = await errorOf(loadModel(scaling("int32")));
    expect(error.code).to.equal("file-not-found");
    expect(error.message).to.include('such as "w" (int32); put its weight files beside');
  });

  it("bounds how much weights may be, and how deep values nest", async () => {
    const weights = [{ name: "w", shape: [2 ** 20, 2 ** 20, 3], dtype: "float32" }];
    const huge = scaling("float32", { weightsManifest: [{ paths: ["none.bin"], weights }] });
    expect((await errorOf(loadModel(huge))).code).to.equal("file-too-large");
    // A file of 300 bytes must not take gigabytes: zeros of all groups are bounded together.
    const half = { paths: ["none.bin"], weights: [{ name: "w", shape: [9e7], dtype: "float32" }] };
    for (const options of [{}, { weights: "none" as const }]) {
      const both = scaling("float32", { weightsManifest: [half, half] });
      const error = await errorOf(loadModel(both, options));
      expect(error.message).to.include("the most that zeros are made for; if that is right, allow");
    }
    const path = join(folder, "deep.json");
    const nested = `${'{"a":['.repeat(50_000)}${"]}".repeat(50_000)}`;
    writeFileSync(path, `{"modelTopology":{"class_name":${nested}}}`);
    expect((await errorOf(loadModel(path))).message).to.include("nest deeper than 200");
  });
});

async function errorOf(failing: Promise<unknown>): Promise<OpcounterError> {
  try {
    await failing;
  } catch (error) {
    if (error instanceof OpcounterError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
