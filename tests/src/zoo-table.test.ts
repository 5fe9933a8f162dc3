import { readFileSync } from "node:fs";
import { expect } from "chai";
import colors from "picocolors";
import { renderZooTable } from "../../packages/cli/src/render/zoo-table.ts";
import { ZOO } from "../../packages/cli/src/zoo/catalog.ts";
import { opcounter, opcounterProcess, temporaryFolder } from "./command-line.ts";

const EXECUTED = "executed per MAC";
const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

describe("zoo --table", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  /** Standard output of a run that went well and said nothing else. */
  const table = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = opcounter(["zoo", "--table", ...args]);
    expect(stderr).to.equal("");
    expect(status).to.equal(0);
    return stdout;
  };

  /** The cells of a table in Markdown, to its end. */
  const cellsOf = (markdown: string): string[][] => {
    const [text = ""] = markdown.split("\n\n");
    const rows = text.split("\n").filter((row) => row.startsWith("|") && !row.startsWith("| :-"));
    return rows.map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  };

  it("is the README's, which `node scripts/zoo-table.mjs` writes", () => {
    const rows = cellsOf(table("--format", "md"));
    const [titles = [], ...written] = cellsOf(
      README.slice(README.indexOf("| model              | input")),
    );
    const executed = titles.indexOf(EXECUTED);
    const without = (row: readonly string[]) => row.filter((_, place) => place !== executed);
    expect(rows.slice(1).map(([name]) => name)).to.deep.equal(Object.keys(ZOO));
    expect([titles, ...written].slice(0, rows.length).map(without)).to.deep.equal(rows);
    // That column takes more than a minute for all.
    const [, ...some] = cellsOf(
      table("squeezenet1_1", "shufflenet_v2_x0_5", "resnet101", "--executed", "--format", "md"),
    );
    for (const row of some) {
      expect(written.find(([name]) => name === row[0])).to.deep.equal(row);
    }
  });

  it("has exact figures as JSON, from which a terminal's columns come, as many as fit", () => {
    const { models, failed } = JSON.parse(
      table("inception_v3", "densenet121", "shufflenet_v2_x0_5", "--format", "json"),
    );
    expect(failed).to.deep.equal([]);
    const [inception, densenet] = models;
    expect(inception).to.include({ name: "inception_v3", note: ZOO["inception_v3"]?.note });
    expect(densenet).to.deep.equal({
      name: "densenet121",
      inputs: [{ name: "image", dtype: "float32", shape: [1, 224, 224, 3] }],
      params: 7_978_856,
      macs: { "thop@2019-09": 2_898_381_336, "thop@head": 2_897_007_104, native: 2_834_161_664 },
      flops: densenet.flops,
      peakBytes: 41_281_696,
      dispatches: 469,
      ops: 557,
    });
    const linesAt = (width: number) => {
      const lines = renderZooTable(models, width, colors.createColors(false)).split("\n");
      for (const line of lines) expect(line.length).to.be.at.most(width);
      return lines.find((line) => line.startsWith("densenet121"));
    };
    expect(linesAt(80)).to.match(
      /^densenet121 +7\.98 M +2\.90 G +2\.834 G +\d\.\d+ G +39\.37 MiB +557$/,
    );
    expect(linesAt(160)).to.match(
      /^densenet121 +1x224x224x3 +7\.98 M +2\.90 G +2\.897 G .* +469 +557$/,
    );
  });

  it("has what shaders execute for each MAC, of models up to the size of resnet50", () => {
    const { models } = JSON.parse(
      table("squeezenet1_1", "resnet101", "--executed", "--format", "json"),
    );
    const [squeezenet, resnet101] = models;
    // docs/executed.md has it with two decimals.
    expect(squeezenet.productsPerMac).to.be.closeTo(1.21, 0.005);
    expect(resnet101.productsPerMac).to.equal(null);
    const rows = renderZooTable(models, 160, colors.createColors(false)).split("\n");
    expect(rows[0]).to.include(EXECUTED);
    expect(rows[1]).to.match(/ 1\.21 /);
    expect(rows[2]).to.match(/ – /);
  });

  it("names what fails, prints the rest, and ends with status 1", () => {
    // Loaded into every thread before the command line: the one that is given vgg11 ends.
    const saboteur = folder.write(
      "saboteur.cjs",
      `const { parentPort } = require("node:worker_threads");
       parentPort?.on("message", ({ name }) => name === "vgg11" && process.exit(3));`,
    );
    const names = ["vgg11", "resnet18", "alexnet", "vgg13"];
    const args = ["zoo", "--table", "--format", "json", ...names];
    const environment = { NODE_OPTIONS: `--require ${saboteur}` };
    const { status, stdout, stderr } = opcounterProcess(args, undefined, environment);
    expect(status).to.equal(1);
    expect(stderr).to.equal("opcounter: vgg11 failed: its thread ended\n");
    const { models, failed } = JSON.parse(stdout);
    expect(failed).to.deep.equal([{ name: "vgg11", error: "its thread ended" }]);
    expect(models.map(({ name }: { name: string }) => name)).to.deep.equal(names.slice(1));
  });

  it("says what is wrong with its options", () => {
    const complaint = (...args: readonly string[]) => {
      const { status, stderr } = opcounter(["zoo", ...args]);
      expect(status).to.equal(2);
      return stderr;
    };
    expect(complaint("--format", "md")).to.include("opcounter zoo --table");
    expect(complaint("--executed")).to.include("opcounter zoo --table --executed");
    expect(complaint("--table", "resnet19")).to.include('Did you mean "resnet18"?');
  });
});
