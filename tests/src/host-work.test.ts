import { expect } from "chai";
import { opcounter, temporaryFolder } from "./command-line.ts";

const SUPPRESSION = `import * as tf from "@tensorflow/tfjs";
export const inputs = ["b=500x4:f32:0..1", "s=500:f32:0..1"];
export default () => async (b, s) => {
  const { selectedIndices } = await tf.image.nonMaxSuppressionWithScoreAsync(b, s, 10, 0.5, 0.3, 0.5);
  return selectedIndices;
};`;

const SORTED = `import * as tf from "@tensorflow/tfjs";
export const inputs = ["x=1x8"];
export default () => async (x) => {
  const values = await x.relu().data();
  return tf.tensor1d([...values].sort().slice(0, 3));
};`;

describe("what a pass does besides its ops, in the command line", () => {
  const folder = temporaryFolder();
  const report = (...args: string[]) =>
    JSON.parse(opcounter(["profile", ...args, "-f", "json"], folder.path).stdout);
  before(() => {
    folder.write("suppression.ts", SUPPRESSION);
    folder.write("sorted.ts", SORTED);
  });
  after(folder.remove);

  it("counts suppression that runs no kernel, by its bound", () => {
    const { byKernel, bounds, ops, uncounted } = report("suppression.ts", "--strict");
    expect(byKernel).to.have.length(1);
    // 500·⌈log2(500)⌉ + 22·10·500, and an exponential for each pair.
    expect(byKernel[0]).to.include({
      ...{ kernel: "NonMaxSuppressionV5", ops: 1 },
      ...{ macs: 0, flops: 114_500, transcendentals: 5_000 },
    });
    expect(bounds).to.deep.include({ flops: [0, 114_500] });
    expect(ops[0]).to.deep.include({
      placement: "cpu",
      inputs: {
        boxes: { dtype: "float32", shape: [500, 4] },
        scores: { dtype: "float32", shape: [500] },
      },
    });
    expect(uncounted).to.deep.equal([]);
  });

  it("says what a program read and made itself, in the table and in JSON", () => {
    const note =
      "What the program computes itself between reading 1 value (8 elements) and making 1 tensor (3 elements) is not counted.";
    const { recorded, warnings } = report("sorted.ts");
    expect(recorded.hostValues).to.deep.equal({
      read: { tensors: 1, elements: 8 },
      made: { tensors: 1, elements: 3 },
    });
    expect(warnings).to.include(note);
    const table = opcounter(["profile", "sorted.ts"], folder.path).stdout;
    expect(table.replaceAll(/\s+/g, " ")).to.include(`note: ${note}`);
  });

  it("names what a pass does not need and what it leaves undisposed", () => {
    folder.write(
      "wasteful.ts",
      `export const inputs = ["x=1x2000"];
      export default (tf) => (x) => {
        tf.tidy("dead", () => { x.exp().add(1); });
        return x.relu().neg();
      };`,
    );
    const table = opcounter(["profile", "wasteful.ts"], folder.path).stdout.replaceAll(/\s+/g, " ");
    expect(table).to.include(
      "note: unused: 2 ops whose results are neither used nor returned (Exp in dead, Add in dead).",
    );
    expect(table).to.include("note: left undisposed: 1 tensor, 7.813 KiB (Relu). The trace");
    const { recorded } = report("wasteful.ts");
    expect(recorded.unused.ops).to.deep.equal([
      { kernel: "Exp", scope: "dead", ops: 1 },
      { kernel: "Add", scope: "dead", ops: 1 },
    ]);
    expect(recorded.left).to.deep.equal([{ kernel: "Relu", scope: "", tensors: 1, bytes: 8000 }]);
  });
});
