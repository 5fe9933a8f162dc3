import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { modelFiles, opcounter, temporaryFolder } from "./command-line.ts";

describe("symbolic costs", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  it("are linear in the batch", () => {
    const { stdout, status } = opcounter(["profile", "mobilenet_v2", "--symbolic", "batch"]);
    expect(status).to.equal(0);
    expect(stdout).to.match(/^macs = 300774272·batch$/m);
    expect(stdout).to.not.include("no polynomial");
  });

  it("of attention grow with the square of the sequence", () => {
    const file = folder.write(
      "attention.ts",
      `export const inputs = ["x=1x16x32"];
       export default (tf) => (x) => tf.matMul(tf.softmax(tf.matMul(x, x, false, true)), x);`,
    );
    const args = ["profile", file, "--symbolic", "batch,sequence", "--format", "json"];
    const { costs } = JSON.parse(opcounter(args).stdout);
    expect(costs[0]).to.deep.equal({
      quantity: "macs",
      formula: "64·batch·sequence²",
      ...{ residue: 0, percentOff: 0, residueBetween: 0, percentOffBetween: 0 },
    });
  });

  it("say which kernels they count by an upper bound", () => {
    const file = folder.write(
      "best.ts",
      `export const inputs = ["x=2x8"];
       export default (tf) => (x) => tf.topk(x, 2).values;`,
    );
    const { stdout } = opcounter(["profile", file, "--symbolic", "batch"]);
    expect(stdout)
      .to.match(/^flops = 24·batch$/m)
      .and.to.include("note: FLOPs count TopK (1 op) by upper bounds");
  });

  it("are exact in JSON where a residue is past 2^53", () => {
    const file = folder.write(
      "power.ts",
      `export const inputs = ["x=1x8"];
       export default (tf) => (x) => x.relu();`,
    );
    const rule = folder.write(
      "power-rule.ts",
      `export default { counters: {
         kernels: { Relu: ({ results: [y] }) => ({ macs: 2n ** BigInt(20 * y.shape[0]) }) },
       } };`,
    );
    const args = ["--symbolic", "batch", "--plugin", rule, "-f", "json"];
    const { costs } = JSON.parse(opcounter(["profile", file, ...args]).stdout);
    // A square through 2^20, 2^40 and 2^60 at 1, 2 and 3 is 3·2^20 − 8·2^40 + 6·2^60 at 5.
    const there = 3n * 2n ** 20n - 8n * 2n ** 40n + 6n * 2n ** 60n;
    expect(costs[0].residue).to.equal(String(2n ** 100n - there));
  });

  it("say where a cost is no polynomial, and by how much", () => {
    const file = folder.write(
      "strided.ts",
      `export const inputs = ["x=1x9x9x2"];
       export default (tf) => (x) => tf.avgPool(x, 1, 50, "same");`,
    );
    const { stdout } = opcounter(["profile", file, "--symbolic", "height"]);
    expect(stdout).to.match(
      /^flops is no polynomial here: .*, and -?\d+ \(\d+\.\d %\) off at height=137$/m,
    );
    const { costs } = JSON.parse(
      opcounter(["profile", file, "--symbolic", "height", "-f", "json"]).stdout,
    );
    const flops = costs.find(({ quantity }: { quantity: string }) => quantity === "flops");
    // The pool's sums and quotients at a height of 137, where the stride gives 3 rows and 1 column.
    const value = JSON.parse(
      opcounter(["profile", file, "--input", "x=1x137x9x2", "-f", "json"]).stdout,
    ).flops;
    expect(flops.percentOff).to.be.closeTo((100 * Math.abs(flops.residue)) / value, 1e-9);
    expect(stdout).to.match(/ At height=137 they are off by up to .* \(.* %\), in \w+\.$/m);
  });

  it("say where they hold between the sizes that were tried, and where not", () => {
    const args = ["profile", "resnet18", "--symbolic", "height,width"];
    const { stdout } = opcounter(args);
    expect(stdout).to.match(/^resnet18 {2}image: \[1,224,224,3\]/m);
    expect(stdout).to.match(
      /^They hold for height = 224 \+ 32·k and width = 224 \+ 32·k only.* macs by -?\d+ \(.* %\)/m,
    );
    expect(stdout).to.include(" At height=352, width=352 they are off by 0 %.");
    const { costs } = JSON.parse(opcounter([...args, "-f", "json"]).stdout);
    // At 225 the first convolution gives 113 rows and columns where the formula has 112.5.
    expect(costs[0].residueBetween).to.not.equal(0);
    const plain = folder.write(
      "plain.ts",
      `export const inputs = ["x=1x8x8x2"];
       export default (tf) => (x) => x.relu();`,
    );
    expect(opcounter(["profile", plain, "--symbolic", "height"]).stdout).to.include(
      "They hold at height=9 too",
    );
  });

  it("give peak memory as the greatest of several sums, where another op is the worst later", () => {
    const file = folder.write(
      "peak.ts",
      `export const inputs = ["x=1x8"];
       export default (tf) => {
         const weight = tf.variable(tf.zeros([8, 500]));
         return (x) => x.matMul(weight).add(tf.tidy(() => tf.range(0, 100000).exp().sum()));
       };`,
    );
    const { stdout } = opcounter(["profile", file, "--symbolic", "batch"]);
    expect(stdout).to.match(/^peakBytes = max\(2032·batch \+ 816000, 4032·batch \+ 16004\)$/m);
    const far = opcounter(["profile", file, "--input", "1000x8", "--format", "json"]).stdout;
    expect(JSON.parse(far).totals.peakBytes).to.equal(4032 * 1000 + 16004);
  });

  it("are those of the graph after passes, of what is not left out", () => {
    const args = ["profile", "resnet18", "--passes", "fuse", "--ignore", "conv1"];
    const { stdout } = opcounter([...args, "--symbolic", "batch"]);
    expect(stdout)
      .to.match(/ · {2}after fuse$/m)
      .and.to.match(/^note: \d+ of \d+ ops were left/m);
    const { totals } = JSON.parse(opcounter([...args, "-f", "json"]).stdout);
    const { passes, costs } = JSON.parse(
      opcounter([...args, "--symbolic", "batch", "-f", "json"]).stdout,
    );
    expect(passes).to.equal("fuse");
    for (const { quantity, formula } of costs) {
      const [slope = "", constant = "0"] = formula.split(/·batch(?: \+ )?/);
      expect(Number(slope) + Number(constant), quantity).to.equal(totals[quantity]);
    }
  });

  it("refuse what they do not go with", () => {
    const options = "--accumulate=float32 --sparsity --roofline --device-spec=x --time --runs=2";
    const more = "--warmup=1 --dispatches --by=op --depth=3 --top=3 --verbose --limits=default";
    for (const option of `${options} ${more}`.split(" ")) {
      const [name] = option.split("=");
      const { stdout, stderr, status } = opcounter([
        ...["profile", "alexnet", "--symbolic", "batch"],
        option,
      ]);
      expect(stderr).to.equal(
        `opcounter: --symbolic prints formulas, which ${name} does not go with; leave one of the two out.\n`,
      );
      expect(stdout).to.equal("");
      expect(status).to.equal(2);
    }
  });

  it("refuse a dimension that inputs have in different sizes", () => {
    const file = folder.write(
      "product.ts",
      `export const inputs = ["a=1x8x4", "b=2x16x4"];
       export default (tf) => (a, b) => a.matMul(b, false, true);`,
    );
    const run = (...args: string[]) => opcounter(["profile", file, ...args]);
    const different = run("--symbolic", "sequence");
    expect(different.status).to.equal(2);
    expect(different.stderr).to.equal(
      "opcounter: --symbolic sequence is one size for all inputs, and a has 8 there where b has 16; give both the same size by --input, or leave sequence out.\n",
    );
    expect(run("--symbolic", "batch").stderr).to.include("a has 1 there where b has 2");
    const same = run("--symbolic", "sequence", "--input", "a=2x16x4");
    expect(same.stdout).to.match(/^macs = 8·sequence²$/m);
    const images = folder.write(
      "images.ts",
      `export const inputs = ["a=1x8x8x1", "b=1x16x4x1"];
       export default (tf) => (a, b) => [a.relu(), b.relu()];`,
    );
    for (const dimension of ["height", "width"]) {
      const { stderr } = opcounter(["profile", images, "--symbolic", dimension]);
      expect(stderr).to.include(`--symbolic ${dimension} is one size for all inputs`);
    }
  });

  it("refuse a dimension that the model fixes", async () => {
    const image = { inputShape: [32, 32, 3], name: "image" };
    const { json, bin } = await modelFiles(tf.sequential({ layers: [tf.layers.flatten(image)] }));
    folder.write("model.json", json);
    folder.write("weights.bin", bin);
    const run = (dimensions: string) =>
      opcounter(["profile", folder.path, "--symbolic", dimensions]);
    expect(run("batch,height").stderr).to.equal(
      "opcounter: --symbolic height varies the height, and the model fixes it (image_input: f32[?,32,32,3]); leave height out.\n",
    );
    expect(run("batch").status).to.equal(0);
  });

  it("refuse dimensions that are not there", () => {
    const complaint = (dimension: string) =>
      opcounter(["profile", "alexnet", "--symbolic", dimension]).stderr;
    expect(complaint("bach")).to.include('Did you mean "batch"?');
    expect(complaint("sequence")).to.include("No input has the dimension sequence");
  });
});
