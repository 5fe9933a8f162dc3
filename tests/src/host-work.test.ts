import { expect } from "chai";
import { opcounter, temporaryFolder } from "./command-line.ts";

const SUPPRESSION = `import * as tf from "@tensorflow/tfjs";
export const inputs = ["b=500x4:f32:0..1", "s=500:f32:0..1"];
export default () => async (b, s) => {
  const { selectedIndices } = await tf.image.nonMaxSuppressionWithScoreAsync(b, s, 10, 0.5, 0.3, 0.5);
  return selectedIndices;
};`;

describe("work on the host in the command line", () => {
  const folder = temporaryFolder();
  const report = (...args: string[]) =>
    JSON.parse(opcounter(["profile", ...args, "-f", "json"], folder.path).stdout);
  before(() => folder.write("suppression.ts", SUPPRESSION));
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
});
