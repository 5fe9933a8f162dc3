import type { Comparison } from "@opcounter/counters";
import { expect } from "chai";
import { complaint, json, opcounter, temporaryFolder } from "./command-line.ts";
import { graphOf, HOSTILE_NAMES } from "./hostile-names.ts";

/** What a comparison has of one total. */
const deltaOf = (totals: Comparison["totals"], name: string) =>
  totals.find(({ quantity }) => quantity === name)?.delta;

describe("opcounter compare", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  it("finds nothing between a model and itself, nor between it and its report", () => {
    opcounter(["profile", "resnet50", "--format", "json", "-o", "report.json"], folder.path);
    for (const other of ["resnet50", `${folder.path}/report.json`]) {
      const { scopes, ops, totals, equal } = json(["compare", "resnet50", other]);
      expect([scopes, ops]).to.deep.equal([[], []]);
      expect(totals.every(({ delta }: Comparison["totals"][number]) => !delta)).to.equal(true);
      expect(equal.ops).to.equal(253);
    }
    const { stdout } = opcounter(["compare", "resnet50", "resnet50"]);
    expect(stdout).to.include("Nothing differs: 253 ops and");
  });

  it("lists the blocks that resnet101 has more than resnet50, and calls the rest equal", () => {
    const found: Comparison = json(["compare", "resnet50", "resnet101"]);
    const blocks = found.scopes.filter(({ depth }) => depth <= 2);
    expect(blocks.map(({ change, b }) => `${change} ${b}`)).to.deep.equal([
      "changed layer3",
      ...Array.from({ length: 17 }, (_, i) => `added layer3/${i + 6}`),
    ]);
    expect(found.equal.ops).to.equal(253);
    expect(found.ops.every(({ change }) => change === "added")).to.equal(true);
    expect(found.ops).to.have.length(491 - 253);
    const macs = found.ops.reduce((sum, { b }) => sum + Number(b?.cost.macs), 0);
    expect(macs).to.equal(7_801_405_440 - 4_089_184_256);
    expect(deltaOf(found.totals, "macs")).to.equal(macs);
  });

  it("says what each pass took away, which adds up", () => {
    const passes = ["--passes", "fold-batchnorm,fuse"];
    const found = json(["compare", "densenet121", ...passes]);
    const [fold, fuse] = found.passes;
    expect([fold.pass, fuse.pass]).to.deep.equal(["fold-batchnorm", "fuse"]);
    expect(deltaOf(fold.totals, "ops")).to.equal(-59);
    expect(deltaOf(fuse.totals, "ops")).to.equal(0);
    expect(deltaOf(fuse.totals, "bytesWritten")).to.equal(157_525_920 - 178_632_528);
    for (const { quantity, delta } of found.totals) {
      const sum = Number(deltaOf(fold.totals, quantity)) + Number(deltaOf(fuse.totals, quantity));
      if (delta !== null) expect(sum, quantity).to.equal(Number(delta));
    }
    const removed = found.ops.filter(
      ({ change }: Comparison["ops"][number]) => change === "removed",
    );
    expect(removed.map(({ a }: Comparison["ops"][number]) => a?.kernel)).to.deep.equal(
      new Array(59).fill("FusedBatchNorm"),
    );
    const { stdout } = opcounter(["compare", "densenet121", ...passes]);
    expect(stdout).to.match(/^total +before +fold-batchnorm +fuse +after +change +percent$/m);
    expect(stdout).to.match(/^− 59 FusedBatchNorm {2}/m);
    expect(stdout).to.match(/^~ 59 FusedConv2D +group none → contraction, operand bias/m);
  });

  it("fits terminals of 60, 80, 120 and 160 columns", () => {
    for (const width of [60, 80, 120, 160]) {
      const { stdout } = opcounter(["compare", "resnet50", "vgg11_bn"], undefined, {
        COLUMNS: String(width),
      });
      for (const line of stdout.split("\n")) expect(line.length, line).to.be.at.most(width);
      expect(stdout).to.include("percent");
    }
  });

  it("prints Markdown, CSV and LaTeX", () => {
    const printed = (format: string) =>
      opcounter(["compare", "resnet18", "resnet34", "--format", format]).stdout;
    expect(printed("md")).to.match(/^### resnet18 → resnet34/);
    expect(printed("md")).to.include("| :---");
    expect(printed("csv")).to.match(
      /^total,resnet18,resnet34,change,percent\nparams,11689512,2179/,
    );
    expect(printed("latex")).to.include("  MACs & 1.814 G & 3.664 G & +1.850 G & +102.0");
    const full = ["compare", "resnet18", "resnet34", "--format", "latex", "--units", "full"];
    expect(opcounter(full).stdout).to.include(
      "  MACs & 1,814,073,344 & 3,663,761,408 & +1,849,688,064",
    );
  });

  it("finds nothing between a graph of hostile names and its report", () => {
    folder.write("g.ir", graphOf(HOSTILE_NAMES.join("")));
    opcounter(["profile", "g.ir", "--format", "json", "-o", "g.json"], folder.path);
    const { scopes, ops } = json(["compare", "g.ir", "g.json"], folder.path);
    expect([scopes, ops]).to.deep.equal([[], []]);
  });

  it("runs a model as options say, beside a saved graph or report, which is read", () => {
    folder.write(
      "open.ts",
      'export const inputs = ["x=1x4"];\nexport default (tf) => (x) => tf.relu(x);',
    );
    const run = ["open.ts", "--input", "x=3x4"];
    opcounter(["trace", ...run, "-o", "saved.ir"], folder.path);
    opcounter(["profile", ...run, "-f", "json", "-o", "saved.json"], folder.path);
    for (const saved of ["saved.ir", "saved.json"]) {
      expect(json(["compare", saved, ...run], folder.path).ops).to.deep.equal([]);
      expect(json(["compare", saved, "open.ts"], folder.path).ops).to.have.length(1);
      expect(complaint(["compare", saved, "saved.ir", "--batch", "3"], folder.path)).to.include(
        "--batch needs a run",
      );
    }
  });

  it("runs two versions of a program whose variables have names, and one of them twice", () => {
    const program = (y: string) => `
      export const inputs = ["x=1x4"];
      export default (tf) => {
        const w = tf.variable(tf.ones([4, 4]), true, "w");
        return (x) => ${y};
      };`;
    folder.write("before.ts", program("tf.matMul(x, w)"));
    folder.write("after.ts", program("tf.relu(tf.matMul(x, w))"));
    const found: Comparison = json(["compare", "before.ts", "after.ts"], folder.path);
    const added = found.ops.map(({ change, b }) => [change, b?.kernel]);
    expect(added).to.deep.equal([["added", "Relu"]]);
    expect(found.totals[0]).to.include({ quantity: "params", a: 16, b: 16 });
    const twice = json(["compare", "before.ts", "before.ts"], folder.path);
    expect(twice.ops).to.deep.equal([]);
  });

  it("refuses what it cannot compare", () => {
    folder.write("r.json", JSON.stringify({ schemaVersion: 1, totals: {}, ops: [] }));
    expect(complaint(["compare", "resnet18"])).to.match(/nothing to compare resnet18 with; name/);
    expect(complaint(["compare", "resnet18", "r.json"], folder.path)).to.match(
      /r\.json is no report: .* at model; write it again/,
    );
    expect(complaint(["profile", "r.json"], folder.path)).to.match(/r\.json is a report, which/);
    expect(
      complaint(["compare", "report.json", "resnet18", "--passes", "fuse"], folder.path),
    ).to.match(/report\.json is a report, which has no graph to run passes on/);
    expect(complaint(["compare", "report.json", "resnet18", "-c", "torch"], folder.path)).to.match(
      /counted by native, and resnet18 by torch/,
    );
  });
});
