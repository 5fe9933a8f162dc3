import { readFileSync } from "node:fs";
import { CONVENTION_NAMES, explain, explainPublished } from "@opcounter/counters";
import { type Graph, KERNEL_NAMES } from "@opcounter/ir";
import { closeDevices, openDevice } from "@opcounter/tracer";
import { expect } from "chai";
import { opcounter } from "./command-line.ts";
import { traceZoo } from "./zoo-graph.ts";

/** The article's figure for DenseNet-121: thop of 2019, which added layers up in float32. */
const PUBLISHED = 2_914_598_912n;

describe("explaining", () => {
  let graph: Graph;

  before(async () => {
    graph = await traceZoo(await openDevice("virtual"), "densenet121");
  });
  after(closeDevices);

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
      exact: 2_914_600_728,
      float32Rounding: -1_816,
      residue: 0,
      unseen: [
        { scope: "relu", className: "FunctionCall" },
        { scope: "adaptive_avg_pool2d", className: "FunctionCall" },
      ],
    });
    expect(explainPublished(graph, "thop@head", PUBLISHED).residue).to.not.equal(0);
  });

  it("is a command, which takes a figure or a name", () => {
    const args = ["explain", "densenet121", "--convention", "thop@2019-07", "--against"];
    const figure = opcounter([...args, "2,914,598,912"]);
    expect(figure.status).to.equal(0);
    expect(figure.stdout).to.include("+0  unexplained").and.to.include("−1,816");
    const named = JSON.parse(opcounter([...args, "torch", "--format", "json"]).stdout);
    expect(named).to.include({ figure: "macs", againstFigure: "flops" });
    expect(opcounter([...args, "thop"]).stderr).to.match(/Did you mean "thop@(2\.1|head)"\?/);
  });

  it("lists every kernel's formula, as the documentation has it", () => {
    const kernels = JSON.parse(opcounter(["ops", "--format", "json"]).stdout);
    expect(kernels.map(({ kernel }: { kernel: string }) => kernel)).to.deep.equal(
      [...KERNEL_NAMES].sort(),
    );
    const page = readFileSync(new URL("../../docs/formulas.md", import.meta.url), "utf8");
    const cells = (line: string) => line.split("|").map((cell) => cell.trim());
    const rows = (text: string) => text.split("\n").filter((line) => /^\| [^-]/.test(line));
    const printed = opcounter(["ops", "--format", "md"]).stdout;
    expect(rows(page).map(cells)).to.deep.equal(rows(printed).map(cells));
  });

  it("prints a JSON Schema", () => {
    const schema = JSON.parse(opcounter(["schema"]).stdout);
    expect(schema).to.have.nested.property("properties.schemaVersion");
  });
});
