import { expect } from "chai";
import { opcounter, temporaryFolder } from "./command-line.ts";

/** A kernel of the module's own, which nothing knows how to count. */
const MYSTERY = `import * as tf from "@tensorflow/tfjs";
tf.registerKernel({
  kernelName: "Mystery",
  backendName: "webgpu",
  kernelFunc: ({ inputs: { x }, backend }) => {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  },
});
export const inputs = ["x=1x8"];
export default () => (x) => tf.engine().runKernel("Mystery", { x }).relu();`;

const UNCOUNTED = "uncounted: Mystery (1 op); it adds 0 to the totals.";

describe("a kernel that nothing knows how to count", () => {
  const folder = temporaryFolder();
  const run = (...args: string[]) => opcounter(args, folder.path);
  before(() => {
    folder.write("mystery.ts", MYSTERY);
    folder.write(
      "rules.ts",
      "export default { counters: { kernels: { Mystery: () => ({ flops: 5 }) } } };",
    );
  });
  after(folder.remove);

  it("is named by profile, beside formulas, and by the pass count", () => {
    expect(run("profile", "mystery.ts").stdout).to.include(`\n${UNCOUNTED}\n`);
    expect(run("profile", "mystery.ts", "--symbolic", "batch").stdout).to.include(
      `\n${UNCOUNTED}\n`,
    );
    const json = run("profile", "mystery.ts", "--symbolic", "batch", "-f", "json").stdout;
    expect(JSON.parse(json)).to.deep.include({
      uncounted: [{ kernel: "Mystery", ops: 1 }],
      warnings: [],
    });
    expect(run("opt", "mystery.ts", "-p", "count").stderr).to.match(
      new RegExp(`^count .* 8 FLOPs, .*\n${UNCOUNTED.replaceAll(/[()]/g, "\\$&")}\n$`),
    );
  });

  it("fails --strict, with status 1", () => {
    for (const args of [
      ["profile", "mystery.ts", "--strict"],
      ["profile", "mystery.ts", "--strict", "--symbolic", "batch"],
      ["profile", "mystery.ts", "-p", "count{strict=true}"],
    ]) {
      const { status, stdout, stderr } = run(...args);
      expect(stderr).to.equal(
        "opcounter: Nothing knows how to count Mystery (1 op); give a rule by kernel name, or count without strict.\n",
      );
      expect(stdout).to.equal("");
      expect(status).to.equal(1);
    }
  });

  it("is counted by a rule, which formulas and the pass count tell too", () => {
    const note = "note: Rules of your own counted kernel Mystery (1 time).";
    const symbolic = ["profile", "mystery.ts", "--symbolic", "batch", "--plugin", "rules.ts"];
    const { stdout } = run(...symbolic, "--strict");
    expect(stdout)
      .to.match(/^flops = 8·batch \+ 5$/m)
      .and.to.include(`\n${note}\n`);
    expect(JSON.parse(run(...symbolic, "-f", "json").stdout).warnings).to.deep.equal([
      note.replace("note: ", ""),
    ]);
    const { stderr } = run("opt", "mystery.ts", "-p", "count{strict=true}", "--plugin", "rules.ts");
    expect(stderr)
      .to.match(/^count .* 13 FLOPs, /)
      .and.to.include(`\n${note}\n`);
  });
});
