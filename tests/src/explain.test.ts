import {
  CONVENTION_NAMES,
  explain,
  explainPublished,
  readPublishedFigure,
} from "@opcounter/counters";
import { type Graph, KERNEL_NAMES } from "@opcounter/ir";
import { expect } from "chai";
import { opcounter } from "./command-line.ts";
import { cellsOf, expectTable } from "./generated-table.ts";
import { zooGraph } from "./zoo-graph.ts";

/** The article's figure for DenseNet-121: thop of 2019, which added layers up in float32. */
const PUBLISHED = 2_914_598_912n;

describe("explaining", () => {
  let graph: Graph;

  before(async () => {
    graph = await zooGraph("densenet121");
  });

  it("adds up exactly against native, either way around", () => {
    for (const convention of CONVENTION_NAMES) {
      const there = explain(graph, convention, "native");
      const back = explain(graph, "native", convention);
      const sum = there.rows.reduce((sum, { difference }) => sum + BigInt(difference), 0n);
      expect(sum, convention).to.equal(BigInt(there.difference));
      expect(BigInt(back.difference), convention).to.equal(-sum);
    }
  });

  it("says which kernels differ, by which rules", () => {
    const { difference, rows } = explain(graph, "thop@head", "native");
    expect(difference).to.equal(2_897_007_104 - 2_834_161_664);
    expect(rows.map(({ kernel, ops, difference }) => [kernel, ops, difference])).to.deep.equal([
      ["FusedBatchNorm", 121, 62_669_824],
      ["AvgPool", 3, 175_616],
    ]);
    expect(rows[0]).to.include({ rule: "2·N·(1 + s)", againstRule: "no macs" });
  });

  it("leaves nothing of the article's DenseNet-121 figure unexplained", () => {
    expect(explainPublished(graph, "thop@2019-07", PUBLISHED)).to.deep.equal({
      convention: "thop@2019-07",
      published: Number(PUBLISHED),
      within: 0,
      exact: 2_914_600_728,
      float32Rounding: -1_816,
      writtenRounding: 0,
      residue: 0,
      unseen: [
        { scope: "relu", className: "FunctionCall" },
        { scope: "adaptive_avg_pool2d", className: "FunctionCall" },
      ],
    });
    expect(explainPublished(graph, "thop@head", PUBLISHED).residue).to.not.equal(0);
  });

  it("takes a rounded figure as precisely as it is written", () => {
    const explained = (text: string, convention = "thop@2019-07") => {
      const figure = readPublishedFigure(text);
      if (figure === undefined) throw new Error(`${text} is no figure`);
      return explainPublished(graph, convention, figure);
    };
    expect(explained("2.91G")).to.include({
      ...{ published: 2_910_000_000, within: 5_000_000, float32Rounding: 0 },
      ...{ writtenRounding: -4_600_728, residue: 0 },
    });
    // 2.914,598 M is what float32 gives; the exact sum is 2.914,601.
    expect(explained("2914.598M")).to.include({ within: 500, float32Rounding: -1_816 });
    expect(explained("2914.599M")).to.include({ writtenRounding: 88, residue: 0 });
    const other = explained("2.89G", "thop@head");
    expect(other).to.include({ writtenRounding: 0 });
    expect(Number(other.exact) + Number(other.float32Rounding) + Number(other.residue)).to.equal(
      2_890_000_000,
    );
    expect(other.residue).to.be.lessThan(-5_000_000);
    expect(explained("2.90G", "thop@head").residue).to.equal(0);
  });

  it("reads figures in the forms that papers and READMEs have", () => {
    const figures: Readonly<Record<string, readonly [bigint, bigint]>> = {
      "2,914,598,912": [2_914_598_912n, 0n],
      "15e9": [15_000_000_000n, 500_000_000n],
      "1.50e9": [1_500_000_000n, 5_000_000n],
      "714.2M": [714_200_000n, 50_000n],
      "0.77 G": [770_000_000n, 5_000_000n],
      "4B": [4_000_000_000n, 500_000_000n],
      "12k": [12_000n, 500n],
    };
    for (const [text, [value, within]] of Object.entries(figures)) {
      expect(readPublishedFigure(text), text).to.deep.equal({ value, within });
    }
    for (const text of ["1.5", "1.2345k", "-3", "1e", "e9", "12 apples", "1e999", "", "native"]) {
      expect(readPublishedFigure(text), text).to.equal(undefined);
    }
  });

  it("is a command, which takes a figure or a name", () => {
    const args = ["explain", "densenet121", "--convention", "thop@2019-07", "--against"];
    const figure = opcounter([...args, "2,914,598,912"]);
    expect(figure.status).to.equal(0);
    expect(figure.stdout).to.include("+0  unexplained").and.to.include("−1,816");
    const rounded = opcounter([...args, "2.91G"]).stdout;
    expect(rounded).to.include("−4,600,728").and.to.include("equal as precisely as it is written");
    expect(rounded).to.include("2,910,000,000  as published, written to within 5,000,000");
    const named = JSON.parse(opcounter([...args, "torch", "--format", "json"]).stdout);
    expect(named).to.include({ figure: "macs", againstFigure: "flops" });
    expect(opcounter([...args, "thop"]).stderr).to.match(/Did you mean "thop@(2\.1|head)"\?/);
  });

  it("lists every kernel's formula, as the documentation has it", () => {
    const kernels = JSON.parse(opcounter(["ops", "--format", "json"]).stdout);
    expect(kernels.map(({ kernel }: { kernel: string }) => kernel)).to.deep.equal(
      [...KERNEL_NAMES].sort(),
    );
    const printed = opcounter(["ops", "--format", "md"]).stdout.split("\n\n").map(cellsOf);
    expect(printed).to.have.length(2);
    printed.forEach(([columns = [], ...rows], i) => {
      expectTable("formulas.md", i === 0 ? "kernels" : "symbols", columns, rows);
    });
  });

  it("prints a JSON Schema", () => {
    const schema = JSON.parse(opcounter(["schema"]).stdout);
    expect(schema).to.have.nested.property("properties.schemaVersion");
  });
});
