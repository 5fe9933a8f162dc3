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

describe("work on the host in the command line", () => {
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
});
