import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatScope } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { closeDevices, loadModel, trace } from "../index.ts";

describe("loadModel", () => {
  const folder = mkdtempSync(join(tmpdir(), "opcounter-"));
  after(async () => {
    rmSync(folder, { recursive: true });
    await closeDevices();
  });

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
});
