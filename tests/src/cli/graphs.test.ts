import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { grouped } from "@opcounter/ir";
import { parse } from "@opcounter/ir/read";
import { expect } from "chai";
import { complaint, json, opcounter, temporaryFolder } from "../command-line.ts";
import { writeSmallModel } from "./small-model.ts";

describe("the command line", () => {
  const folder = temporaryFolder();

  before(async () => {
    await writeSmallModel(folder);
  });
  after(folder.remove);

  describe("trace", () => {
    it("writes a graph that profile reads back, in both forms", () => {
      const direct = json(["profile", folder.path]);
      for (const name of ["graph.json", "graph.ir"]) {
        const file = join(folder.path, name);
        expect(opcounter(["trace", folder.path, "-o", file]).status).to.equal(0);
        // Some editors put a byte order mark before a text.
        writeFileSync(file, `\ufeff${readFileSync(file, "utf8")}`);
        const again = json(["profile", file]);
        expect(direct.memory.recordedUsedBytes).to.be.greaterThan(0);
        expect(again).to.deep.equal(direct);
      }
    });
  });

  describe("opt", () => {
    it("runs a pipeline, writes both forms, and tells of each pass on stderr", () => {
      const file = join(folder.path, "fused.json");
      const analyses = "liveness,dispatch-summary,count";
      const run = opcounter(
        ["opt", folder.path, "-p", `canonicalize,shapes,fuse,${analyses}`, "--verify"].concat([
          "--timing",
          "--print-after",
          "fuse",
          "-o",
          file,
        ]),
      );
      expect(run.status).to.equal(0);
      expect(run.stdout).to.equal("");
      expect(run.stderr).to.include("count (native): ");
      const { memory, totals } = json(["profile", file]);
      const [peak, planned] = [memory.peakBytes, memory.plannedBytes].map((n) => grouped(n));
      expect(run.stderr).to.match(new RegExp(`^liveness: ${peak} bytes .*alive at most, at `, "m"));
      expect(run.stderr).to.match(new RegExp(`^ {2}planned: ${planned} bytes .*, with `, "m"));
      expect(run.stderr).to.include(`dispatch-summary: ${totals.dispatches} dispatches of `);
      const [printed = ""] = /^# after fuse\n[\s\S]*?^\}\n/m.exec(run.stderr) ?? [];
      expect(parse(printed).ops).to.have.length(totals.ops);
      expect(run.stderr).to.match(/^canonicalize +\d+\.\d+ +\d+ +0$/m);
      const direct = json(["profile", folder.path]).totals;
      expect(totals).to.include({ macs: direct.macs, flops: direct.flops });
    });

    it("runs passes of a plugin, and is clear about what is wrong", () => {
      const pass = (body: string) =>
        folder.write(
          "pass.ts",
          `export default { passes: [{ name: "mine", summary: "Mine.", run(graph) { ${body} } }] };`,
        );
      const args = ["opt", folder.path, "-p", "mine", "--plugin"];
      expect(opcounter([...args, pass("return graph;")]).stdout).to.include("graph ");
      expect(complaint([...args, pass('throw new Error("oh");')])).to.include(
        'Pass "mine" failed: oh',
      );
      expect(complaint([...args, pass("return 3;")])).to.include("returned no graph");
      expect(complaint(["opt", folder.path, "-p", "fuze"])).to.include("fuse");
      expect(complaint(["opt", folder.path, "-p", "count{convetion=native}"])).to.include(
        "convention",
      );
      expect(complaint(["opt", folder.path, "-p", "fuse", "--print-after", "x"])).to.include(
        "no pass",
      );
      // What fails --verify is a check's failure; what is not valid anyway is a plugin's mistake.
      const results = pass("return { ...graph, results: [9999] };");
      expect(complaint([...args, results])).to.include("which does not exist");
      const types = pass(
        `return { ...graph, ops: graph.ops.map((op) => ({ ...op, kernel: "Relu" })) };`,
      );
      expect(opcounter([...args, types]).status).to.equal(2);
      for (const file of [results, types]) {
        const failed = opcounter([...args, file, "--verify"]);
        expect(failed.stderr).to.include('opcounter: After pass "mine", graph ');
        expect(failed.status).to.equal(1);
      }
      const broken = folder.write(
        "broken.ir",
        'graph "x" device=virtual {\n  %0 = Relu(x=%1) : f32[2]\n}\n',
      );
      expect(opcounter(["opt", broken, "-p", "fuse"]).stderr).to.include("2:");
    });
  });

  it("advises", () => {
    const { stdout, status } = opcounter(["advise", "densenet121", "--top", "1"]);
    expect(status).to.equal(0);
    expect(stdout).to.include("features/norm0").and.to.include("58 more places");
    const { advice, findings } = JSON.parse(
      opcounter(["advise", "densenet121", "-f", "json"]).stdout,
    );
    expect(advice[0]).to.deep.include({ rule: "foldable-batch-norm" });
    expect(advice[0].saves.bytesRead).to.be.greaterThan(0);
    expect(findings).to.be.an("array");
  });

  it("explains itself", () => {
    const { stdout, status } = opcounter(["--help"]);
    expect(status).to.equal(0);
    expect(stdout).to.include("profile").and.to.include("Exit status");
    expect(opcounter(["zoo"]).stdout).to.include("densenet121");
  });
});
