import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { BUNDLE, json, opcounter, temporaryFolder } from "../command-line.ts";
import { type ModelFiles, writeSmallModel } from "./small-model.ts";

describe("the command line", () => {
  const folder = temporaryFolder();
  let model: ModelFiles;

  before(async () => {
    model = await writeSmallModel(folder);
  });
  after(folder.remove);

  describe("profile", () => {
    it("prints the contract's JSON for a zoo model", () => {
      const report = json(["profile", "mobilenet_v2"]);
      expect(report).to.include({
        schemaVersion: 1,
        model: "mobilenet_v2",
        device: "virtual",
        convention: "native",
      });
      expect(report.inputs).to.deep.equal([
        { name: "image", dtype: "float32", shape: [1, 224, 224, 3] },
      ]);
      expect(report.totals).to.include({
        params: 3_504_872,
        trainableParams: 3_504_872,
        macs: 300_774_272,
        gpuTimeMs: null,
        ops: report.ops.length,
      });
      const convolution = report.ops.find((op: { kernel: string }) => op.kernel === "FusedConv2D");
      expect(convolution).to.have.keys(
        "id",
        "kernel",
        "scope",
        "placement",
        "inputs",
        "attrs",
        "outputs",
        "cost",
        "formula",
        "dispatches",
        "cpuTimeMs",
      );
      expect(report.uncounted).to.deep.equal([]);
      const sum = (rows: { macs: number }[]) => rows.reduce((total, row) => total + row.macs, 0);
      expect(sum(report.byKernel)).to.equal(report.totals.macs);
      expect(sum(report.ops.map((op: { cost: { macs: number } }) => op.cost))).to.equal(
        report.totals.macs,
      );
      const outermost = report.byScope.filter((row: { depth: number }) => row.depth === 1);
      expect(sum(outermost)).to.equal(report.totals.macs);
    });

    it("reads a model from a file, a folder and an address", async () => {
      const expected = 36 * 27 * 4 + 144 * 5;
      expect(json(["profile", "model.json"], folder.path).totals.macs).to.equal(expected);
      expect(json(["profile", folder.path]).totals.macs).to.equal(expected);
      const server = createServer((request, response) => {
        const name = request.url?.slice(1) ?? "";
        response.end(name === "model.json" ? model.json : model.bin);
      }).listen(0, "127.0.0.1");
      try {
        await new Promise((resolve) => server.once("listening", resolve));
        const { port } = server.address() as AddressInfo;
        const report = await profileAsync(`http://127.0.0.1:${port}/model.json`);
        expect(report.totals.macs).to.equal(expected);
      } finally {
        server.close();
      }
    });

    it("counts basic-pitch and esrgan-slim with nothing uncounted", () => {
      const tests = join(import.meta.dirname, "..");
      const pitch = json(
        ["profile", "npm:@spotify/basic-pitch/model/model.json", "--strict"],
        tests,
      );
      expect(pitch.totals.macs).to.equal(524_079_648);
      expect(pitch.totals.params).to.equal(185_598);
      const slim = json(
        ["profile", "npm:@upscalerjs/esrgan-slim/models/x2/model.json", "--input", "LR=1x1x1x3"],
        tests,
      );
      expect(slim.totals.macs).to.equal(222_544);
      expect(slim.totals.params).to.equal(222_075);
      expect(slim.uncounted).to.deep.equal([]);
    });

    it("runs .ts modules: a model, a function of tf, a program; with inputs", () => {
      folder.write(
        "model.ts",
        `import * as tf from "@tensorflow/tfjs";
         const units: number = 3;
         export default tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [4] })] });`,
      );
      expect(json(["profile", "model.ts"], folder.path).totals.macs).to.equal(12);
      folder.write(
        "attention.ts",
        `export const inputs = ["q=1x4x8", "k=1x4x8"];
         export default (tf) => (q, k) => tf.tidy("scores", () => tf.softmax(q.matMul(k, false, true)));`,
      );
      folder.write(
        "texts.ts",
        `export const inputs = ["x=3:string"];
         export default (tf) => (x) => x.reshape([3, 1]);`,
      );
      expect(json(["profile", "texts.ts"], folder.path).totals.ops).to.equal(1);
      const attention = json(["profile", "attention.ts"], folder.path);
      expect(attention.totals.macs).to.equal(4 * 8 * 4);
      expect(attention.byScope[0].scope).to.equal("scores");
      folder.write(
        "program.js",
        "export default async (tf) => tf.ones([4, 4]).matMul(tf.ones([4, 4]));",
      );
      expect(json(["profile", "program.js"], folder.path).totals.macs).to.equal(64);
    });

    it("runs CommonJS modules, with the inputs that they export", () => {
      const inputs = 'inputs = ["x=1x4"];';
      folder.write(
        "plain.js",
        `module.exports = (tf) => (x) => x.matMul(tf.ones([4, 2])); module.exports.${inputs}`,
      );
      folder.write(
        "compiled.js",
        `Object.defineProperty(exports, "__esModule", { value: true });
         exports.${inputs} exports.default = (tf) => (x) => x.matMul(tf.ones([4, 2]));`,
      );
      for (const module of ["plain.js", "compiled.js"]) {
        expect(json(["profile", module], folder.path).totals.macs).to.equal(8);
      }
    });

    it("applies rules from a plugin by kernel, layer class and scope", () => {
      folder.write(
        "rules.ts",
        `export default { counters: {
           kernels: { Reshape: () => ({ flops: 1 }) },
           layers: { Dense: ({ inputs, results }) => ({ macs: 7, flops: 14 }) },
           scopes: { "con?": ({ results }) => ({ macs: 10n }) },
         } };`,
      );
      const report = json(["profile", "model.json", "--plugin", "rules.ts"], folder.path);
      expect(report.totals.macs).to.equal(17);
      expect(report.totals.flops).to.equal(15);
      expect(report.layers).to.have.length(1);
    });

    it("counts a training step in its three phases", () => {
      const { stdout, status } = opcounter(["profile", "alexnet", "--training", "--strict"]);
      expect(status).to.equal(0);
      expect(stdout).to.match(/^training: backward has 2\.000 times.* it holds everywhere\.$/m);
      const { byScope, training } = json(["profile", folder.path, "--training"]);
      expect(training).to.deep.include({ exceptions: [] });
      const phases = byScope.filter(({ depth }: { depth: number }) => depth === 1);
      expect(phases.map(({ scope }: { scope: string }) => scope)).to.deep.equal([
        "forward",
        "backward",
        "update",
      ]);
    });

    it("leaves scopes out, and says so", () => {
      const report = json(["profile", folder.path, "--ignore", "fc"]);
      expect(report.totals.macs).to.equal(36 * 27 * 4);
      expect(report.warnings[0]).to.match(/^\d of \d ops were left out/);
    });

    it("colours a pipe where FORCE_COLOR asks for it, and nothing where NO_COLOR is set", () => {
      const isPainted = (environment: Record<string, string>, ...args: string[]) => {
        const unset = { CI: "1", NO_COLOR: "", FORCE_COLOR: "" };
        const options = { ...unset, ...environment };
        return opcounter(["profile", folder.path, ...args], undefined, options).stdout.includes(
          "\u001b",
        );
      };
      expect(isPainted({})).to.equal(false);
      expect(isPainted({ FORCE_COLOR: "0" })).to.equal(true);
      expect(isPainted({ FORCE_COLOR: "1", NO_COLOR: "0" })).to.equal(false);
      expect(isPainted({ FORCE_COLOR: "1" }, "-f", "json")).to.equal(false);
      const file = join(folder.path, "plain.txt");
      isPainted({ FORCE_COLOR: "1" }, "-o", file);
      expect(readFileSync(file, "utf8")).to.not.include("\u001b");
    });

    it("shows the columns asked for, every digit, and bars that the terminal has", () => {
      const shown = (args: readonly string[], environment = {}) =>
        opcounter(["profile", folder.path, ...args], undefined, environment);
      const columns = ["--columns", "memory,class,share,macs", "--units", "full"];
      const narrow = { COLUMNS: "55", LC_ALL: "C" };
      expect(shown(columns, narrow).stdout).to.match(
        /^scope +memory +class +share +MACs\n.* [\d,]+ +Conv2D +[\d.]+ % +#{1,8} +3,888$/m,
      );
      expect(shown(columns, { COLUMNS: "90", LC_ALL: "C.UTF-8" }).stdout).to.match(/ % +█/);
      expect(shown(columns).stdout).to.match(/ % +3,888$/m);
      expect(shown(["--columns", "memry"]).stderr).to.equal(
        'opcounter: Rows by scope have no column "memry". Did you mean "memory"? There are class, output, share, calls, ops, params, shared, macs, flops, transcendentals, bytes, bytesRead, bytesWritten, memory, activations, dispatches, hostOps, hostBytesUploaded, invocations, time, wallTime.\n',
      );
      expect(shown(["--by", "op", "--sort", "params"]).stderr).to.equal(
        "opcounter: Rows by op have no params here; use --by scope or --by owner.\n",
      );
      expect(shown(["--sort", "time"]).stderr).to.equal(
        "opcounter: Rows by scope have no time here; give --time, which measures it on a GPU.\n",
      );
    });

    it("prints a row per layer with its shapes, as torchinfo, and refuses what that ignores", () => {
      const args = ["profile", folder.path, "--format", "summary"];
      const [, table = ""] = opcounter(args).stdout.split("\n\n");
      expect(table.split("\n").map((line) => line.split(/ {2,}/))).to.deep.equal([
        ["layer", "class", "kernel", "stride", "input", "output", "params", "mult-adds"],
        ["conv", "Conv2D", "3×3", "1×1", "1×8×8×3", "1×6×6×4", "112", "3,888"],
        ["flatten", "Flatten", "1×6×6×4", "1×144", "0", "0"],
        ["fc", "Dense", "1×144", "1×5", "725", "720"],
      ]);
      expect(opcounter([...args, "--top", "2"]).stderr).to.equal(
        "opcounter: --format summary has no place for --top; leave one of the two out.\n",
      );
    });

    it("prints a table that fits 80 columns, and writes files", () => {
      for (const by of ["scope", "kernel", "op"]) {
        const { stdout, status } = opcounter(
          ["profile", "densenet121", "--by", by, "--top", "5"],
          undefined,
          { COLUMNS: "80" },
        );
        expect(status).to.equal(0);
        expect(stdout).to.include("2,834,161,664").and.to.include("more rows");
        for (const line of stdout.split("\n")) expect(line.length).to.be.at.most(80);
      }
      const file = join(folder.path, "report.json");
      const { stdout } = opcounter(["profile", folder.path, "-f", "json", "-o", file]);
      expect(stdout).to.equal("");
      expect(JSON.parse(readFileSync(file, "utf8")).model).to.equal(folder.path.split("/").at(-1));
    });
  });
});

/** As `json`, without blocking this process, which serves the file. */
async function profileAsync(target: string) {
  const child = spawn(process.execPath, [BUNDLE, "profile", target, "--format", "json"]);
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
  });
  await new Promise((resolve) => child.once("close", resolve));
  return JSON.parse(stdout);
}
