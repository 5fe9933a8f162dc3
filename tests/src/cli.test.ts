import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { grouped, parse } from "@opcounter/ir";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { BUNDLE, modelFiles, opcounter, temporaryFolder } from "./command-line.ts";

/** Checks that a run ended with status 2 and one sentence on stderr; returns the sentence. */
function complaint(args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr } = opcounter(args, cwd);
  expect(stdout).to.equal("");
  expect(status).to.equal(2);
  expect(stderr).to.not.match(/\n\s+at /, "a stack trace");
  const lines = stderr.trim().split("\n");
  expect(lines).to.have.length(1);
  return lines[0] ?? "";
}

function json(args: readonly string[], cwd?: string) {
  const { status, stdout, stderr } = opcounter([...args, "--format", "json"], cwd);
  expect(stderr).to.equal("");
  expect(status).to.equal(0);
  return JSON.parse(stdout);
}

describe("command line", () => {
  const folder = temporaryFolder();
  let model: { json: string; bin: Uint8Array };

  before(async () => {
    await tf.setBackend("cpu");
    const layers = [
      tf.layers.conv2d({ name: "conv", inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ name: "fc", units: 5 }),
    ];
    model = await modelFiles(tf.sequential({ name: "small", layers }));
    folder.write("model.json", model.json);
    folder.write("weights.bin", model.bin);
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

    it("colours nothing that is no terminal, though the environment would have it", () => {
      const { stdout } = opcounter(["profile", "alexnet"], undefined, {
        CI: "1",
        FORCE_COLOR: "1",
      });
      expect(stdout).to.not.include("\u001b");
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

  describe("shows", () => {
    // Of a size that TensorFlow.js does not compute on the CPU.
    const nested = `export const inputs = ["x=1x2000"];
      export default (tf) => (x) => tf.tidy("a scope of a long name, so that a line has to be folded", () => x.add(1));`;

    it("every column and unfolded lines in a pipe or file, and less where COLUMNS says so", () => {
      const module = folder.write("nested.ts", nested);
      const args = ["profile", module, "--limits", "maxBufferSize=8"];
      const file = join(folder.path, "table.txt");
      const piped = opcounter(args).stdout;
      expect(piped).to.match(/^scope +ops +params +MACs +flops +bytes +dispatches$/m);
      expect(piped).to.match(/^refused: .* does not run it\.$/m);
      opcounter([...args, "-o", file]);
      expect(readFileSync(file, "utf8")).to.equal(piped);
      const narrow = opcounter(args, undefined, { COLUMNS: "60" }).stdout;
      expect(narrow).to.match(/^scope +params +MACs +flops +bytes +dispatches$/m);
      expect(narrow).to.match(/^refused: %0 Add in a scope of a long name,.*\n {2}\S.*\n {2}\S/m);
      expect(narrow).to.match(/^peak memory +[\d,]+ {2}\S.*\n {18,}\S/m);
      for (const line of narrow.split("\n")) expect(line.length).to.be.at.most(60);
    });

    it("long advice and explanations folded, below where they begin", () => {
      const narrow = { COLUMNS: "60" };
      const { stdout: advice } = opcounter(["advise", "densenet121"], undefined, narrow);
      expect(advice)
        .to.match(/^1\. Fold batch norms.*\n {3}\S/)
        .and.to.match(/^ {3}- .*\n {5}\S/m);
      const { stdout: why } = opcounter(["explain", "bert_base", "-c", "torch"], undefined, narrow);
      expect(why).to.match(/^ {20}native: .*\n {22}\S/m);
      const wide = opcounter(["explain", "bert_base", "-c", "torch"]).stdout;
      expect(why.replaceAll(/\s+/g, " ")).to.equal(wide.replaceAll(/\s+/g, " "));
    });

    it("formulas without terms that are 0", () => {
      const dense = folder.write(
        "dense.ts",
        `import * as tf from "@tensorflow/tfjs";
         export default tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4], useBias: false })] });`,
      );
      const { stdout } = opcounter(["profile", dense, "--by", "op", "--verbose"]);
      expect(stdout).to.match(/^ {4}macs = 3·4; flops = 2·3·4$/m);
      const product = json(["profile", dense]).ops.find(
        ({ kernel }: { kernel: string }) => kernel === "_FusedMatMul",
      );
      expect(product.formula.flops.numbers).to.equal("2·3·4 + 0·3 + 0·3");
    });

    it("names on one line, with control characters escaped", () => {
      const module = folder.write(
        "names.ts",
        `export const inputs = ["x=1x2000"];
         export default (tf) => (x) => tf.tidy("a\\nb\\r\\u0000\\u001b[31m", () => x.add(1));`,
      );
      const { stdout } = opcounter(["profile", module, "--limits", "maxBufferSize=8"]);
      expect(stdout).to.match(/^a\\nb\\r\\u0000\\u001b\[31m +1 /m);
      expect(stdout).to.include("in a\\nb\\r\\u0000\\u001b[31m needs 8,000 bytes (7.813 KiB)");
      expect(stdout).to.match(/ alive, at a\\nb/);
    });

    it("that no zeros could be counted where they are asked for", () => {
      const module = folder.write("nested.ts", nested);
      expect(opcounter(["profile", module, "--sparsity"]).stdout).to.match(
        /^note: No zeros were counted: the target has no parameters, or none whose/m,
      );
    });
  });

  describe("ends in order", () => {
    it("where whoever reads its output has read enough", async () => {
      for (const args of [
        ["trace", "densenet121"],
        ["ops", "-f", "json"],
      ]) {
        const child = spawn(process.execPath, [BUNDLE, ...args]);
        let stderr = "";
        child.stderr.on("data", (chunk) => {
          stderr += String(chunk);
        });
        child.stdout.once("data", () => child.stdout.destroy());
        const [status] = await once(child, "close");
        expect(stderr).to.not.include("EPIPE");
        expect(status).to.equal(0);
      }
    });

    it("where its output cannot be written", function () {
      if (!existsSync("/dev/full")) this.skip();
      for (const args of [["--help"], ["ops"]]) {
        const { status, stderr } = spawnSync(process.execPath, [BUNDLE, ...args], {
          encoding: "utf8",
          stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
        });
        expect(stderr).to.match(
          /^opcounter: The result cannot be written to stdout: ENOSPC.*\.\n$/,
        );
        expect(status).to.equal(2);
      }
    });

    const endings: Readonly<Record<string, [code: string, message: string]>> = {
      "waits for ever": [
        "export default () => new Promise(() => {});",
        "waits for a promise that is never settled",
      ],
      "waits for ever while it is loaded": [
        "await new Promise(() => {}); export default {};",
        "waits for a promise that is never settled",
      ],
      "rejects a promise that nothing awaits": [
        "export default (tf) => { Promise.reject({ lost: 1 }); return tf.ones([2]).add(1); };",
        'threw where nothing catches it, as in a timer or a promise that is not awaited: {"lost":1}',
      ],
      "throws in a timer": [
        'setTimeout(() => { throw new Error("too\\nlate"); }); await new Promise((done) => setTimeout(done, 50)); export default {};',
        "threw where nothing catches it, as in a timer or a promise that is not awaited: too late",
      ],
      "ends the process": [
        "export default () => process.exit(0);",
        "ended the process before it was counted; take its process.exit() out.",
      ],
    };
    for (const [what, [code, message]] of Object.entries(endings)) {
      it(`where a module or plugin ${what}, and leaves no files behind`, () => {
        const temporary = temporaryFolder();
        const module = folder.write("ending.ts", code);
        const cases = [
          ["profile", module],
          ["trace", module, "-o", join(folder.path, "x.ir")],
        ];
        if (!code.includes("=>")) cases.push(["profile", folder.path, "--plugin", module]);
        for (const args of cases) {
          const run = opcounter(args, undefined, { TMPDIR: temporary.path });
          expect(run.stdout).to.equal("");
          expect(run.stderr)
            .to.match(/^opcounter: .*\n$/)
            .and.to.include(`${module} ${message}`);
          expect(run.status).to.equal(2);
        }
        expect(readdirSync(temporary.path)).to.deep.equal([]);
        temporary.remove();
      });
    }
  });

  it("prints on stderr what a module prints, so that stdout is the result alone", () => {
    const module = folder.write(
      "printing.ts",
      `console.log("loaded");
       export const inputs = ["x=4"];
       export default (tf) => (x) => { console.info("run"); return x.add(1); };`,
    );
    const { stdout, stderr } = opcounter(["profile", module, "--format", "json"]);
    expect(JSON.parse(stdout).totals.flops).to.equal(4);
    expect(stderr).to.equal("loaded\nrun\n");
  });

  it("runs modules that read files beside them", () => {
    folder.write("size.txt", "5");
    const module = folder.write(
      "beside.ts",
      `import { readFileSync } from "node:fs";
       const size = Number(readFileSync(new URL("size.txt", import.meta.url), "utf8"));
       export default (tf) => tf.ones([size]).add(1);`,
    );
    expect(json(["profile", module]).totals.flops).to.equal(5);
  });

  describe("trace", () => {
    it("writes a graph that profile reads back, in both forms", () => {
      const direct = json(["profile", folder.path]);
      for (const name of ["graph.json", "graph.ir"]) {
        const file = join(folder.path, name);
        expect(opcounter(["trace", folder.path, "-o", file]).status).to.equal(0);
        // Some editors put a byte order mark before a text.
        writeFileSync(file, `\ufeff${readFileSync(file, "utf8")}`);
        const again = json(["profile", file]);
        // What tfjs held, and did beside dispatches, is known of a recording only.
        expect(direct.memory.recordedUsedBytes).to.be.greaterThan(0);
        expect(again.memory.recordedUsedBytes).to.equal(null);
        expect(again.recorded).to.equal(null);
        const unrecorded = { memory: null, recorded: null };
        expect({ ...again, ...unrecorded }).to.deep.equal({ ...direct, ...unrecorded });
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
        'pass "mine" failed: oh',
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
        expect(failed.stderr).to.include('opcounter: after pass "mine", graph ');
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
    const [first] = JSON.parse(opcounter(["advise", "densenet121", "-f", "json"]).stdout);
    expect(first).to.deep.include({ rule: "foldable-batch-norm" });
    expect(first.saves.bytes).to.be.greaterThan(0);
  });

  it("explains itself", () => {
    const { stdout, status } = opcounter(["--help"]);
    expect(status).to.equal(0);
    expect(stdout).to.include("profile").and.to.include("Exit status");
    expect(opcounter(["zoo"]).stdout).to.include("densenet121");
  });

  describe("says in one sentence, with status 2, that", () => {
    it("a target does not exist", () => {
      expect(complaint(["profile", "densenet12"])).to.include('Did you mean "densenet121"?');
      expect(complaint(["profile", "./missing/model.json"])).to.equal(
        "opcounter: There is no file or folder ./missing/model.json.",
      );
      expect(complaint(["profile", "npm:nobody/model.json"])).to.include("install the package");
    });

    it("a model.json is cut in half", () => {
      const half = folder.write("half.json", model.json.slice(0, model.json.length / 2));
      expect(complaint(["profile", half])).to.include("half.json is not valid JSON");
    });

    it("a JSON file is no model", () => {
      const other = folder.write("other.json", "[1, 2]");
      expect(complaint(["profile", other])).to.include("is not a TensorFlow.js model.json");
    });

    it("a saved graph is malformed, and where", () => {
      const bad = folder.write("bad.json", '{"schemaVersion": 1, "ops": []}');
      expect(complaint(["profile", bad])).to.match(/bad\.json: the graph's JSON is wrong at name/);
      const text = folder.write(
        "bad.ir",
        'graph "x" device=virtual {\n  %0 = Relu(x=%1) : f32[2]\n}\n',
      );
      expect(opcounter(["profile", text]).stderr).to.include(
        "bad.ir:2:15: %1 is not defined above",
      );
    });

    it("a saved graph's types contradict its ops", () => {
      const text = folder.write(
        "types.ir",
        'graph "x" device=virtual {\n  %0 = input "x" : f32[2]\n  %1 = Relu(x=%0) : f32[3]\n  return %1\n}\n',
      );
      expect(complaint(["profile", text])).to.match(
        /types\.ir: graph "x" is not valid: op 0 \(Relu\) at line 3: .*f32\[2\]$/,
      );
    });

    it("an option asks for a run of a saved graph", () => {
      const saved = folder.write("saved.ir", 'graph "x" device=virtual {\n}\n');
      const asked = ["--time", "--runs=3", "--device=virtual", "--input=1x2", "--symbolic=batch"];
      for (const option of [...asked, "--training", "--sparsity", "--limits=default"]) {
        const [name] = option.split("=");
        expect(complaint(["profile", saved, option])).to.include(`${name} needs a run, and `);
      }
      expect(complaint(["trace", saved, "--shaders", folder.path])).to.include("needs a run");
    });

    it("a weight file is short, long or missing", () => {
      const broken = temporaryFolder();
      broken.write("model.json", model.json);
      expect(complaint(["profile", broken.path])).to.include("weights.bin cannot be read");
      broken.write("weights.bin", model.bin.slice(0, -100));
      expect(complaint(["profile", broken.path])).to.include("a difference of 100");
      broken.write("weights.bin", new Uint8Array(model.bin.length + 4));
      expect(complaint(["profile", broken.path])).to.include("hold too much");
      const manifest = (paths: string[]) =>
        broken.write(
          "model.json",
          JSON.stringify({
            ...JSON.parse(model.json),
            weightsManifest: [{ ...JSON.parse(model.json).weightsManifest[0], paths }],
          }),
        );
      manifest([]);
      expect(complaint(["profile", broken.path])).to.match(
        /: no file is named and the manifest declares 3,348, a difference of 3,348; /,
      );
      manifest(["a\u0000b"]);
      expect(complaint(["profile", broken.path])).to.match(
        /a\\u0000b cannot be read: no file name has such characters\.$/,
      );
      broken.remove();
    });

    it("a graph model is not whole", () => {
      const dimensions = (size: string) => ({ shape: { shape: { dim: [{ size }] } } });
      const x = { name: "x", op: "Placeholder", attr: dimensions("4") };
      const relu = (name: string, input: string) => ({ name, op: "Relu", input: [input] });
      const profiled = (node: readonly object[], more: object = {}) =>
        complaint([
          "profile",
          folder.write(
            "graph-model.json",
            JSON.stringify({ format: "graph-model", modelTopology: { node }, ...more }),
          ),
        ]);
      expect(profiled([x, relu("a", "b"), relu("b", "a:0")])).to.match(
        /graph-model\.json is not a whole graph model: its nodes "a", "b" take each other's results in a circle\.$/,
      );
      expect(profiled([x, relu("a", "a")])).to.include('"a" takes its own result');
      expect(profiled([x, relu("a", "y")])).to.include('"a" takes "y", which is none of its nodes');
      expect(profiled([])).to.include("it has no nodes");
      const signature = { outputs: { y: { name: "y:0" } } };
      expect(profiled([x, relu("a", "x")], { signature })).to.include('its output "y:0" is none');
      expect(profiled([{ ...x, attr: dimensions("abc") }])).to.include(
        "a size is no whole number at modelTopology.node.0.attr.shape.shape.dim.0.size",
      );
    });

    it("an input does not fit", () => {
      expect(complaint(["profile", "alexnet", "--input", "1x224x224x4"])).to.equal(
        'opcounter: Input "image" must be f32[?,?,?,3], and the tensor given is f32[1,224,224,4].',
      );
      for (const dtype of ["string", "c64"]) {
        expect(complaint(["profile", "alexnet", "--input", `1x224x224x3:${dtype}`])).to.include(
          `Input "image" must be f32[?,?,?,3], and the tensor given is ${dtype}[1,224,224,3].`,
        );
      }
      expect(complaint(["profile", "alexnet", "--input", "photo=1x2"])).to.include(
        'no input "photo"',
      );
      expect(complaint(["profile", "alexnet", "--input", "big"])).to.include("cannot be read");
    });

    it("an input is named twice, or is none of those that a module lists", () => {
      const module = folder.write(
        "product.ts",
        `export const inputs = ["a=2x3", "b=3x4"];
         export default (tf) => (a, b) => a.matMul(b);`,
      );
      const macs = (...inputs: string[]) =>
        json(["profile", module, ...inputs.flatMap((input) => ["--input", input])]).totals.macs;
      expect(macs("a=5x3")).to.equal(5 * 3 * 4);
      expect(macs("1x2", "2x1")).to.equal(2);
      expect(complaint(["profile", module, "--input", "c=2x3"])).to.equal(
        'opcounter: The module lists no input "c"; its inputs are a, b.',
      );
      expect(complaint(["profile", module, "--input", "a=2x3", "--input", "a=4x3"])).to.equal(
        'opcounter: Input "a" is given twice; give each input once.',
      );
      const twice = ["--input", "image=1x224x224x3", "--input", "1x32x32x3"];
      expect(complaint(["profile", "alexnet", ...twice])).to.include('"image" is given twice');
    });

    it("a module got no inputs, where it fails for that", () => {
      const profiled = (code: string) =>
        complaint(["profile", folder.write("lonely.ts", `export default ${code};`)]);
      const hint =
        'it was given no inputs: if it takes any, list them in an export such as inputs = ["x=1x8"], or by --input';
      expect(profiled("(tf) => (x) => x.add(1)")).to.include(hint);
      expect(profiled("(tf) => ({ a, b }) => a.add(b)")).to.include(hint);
      expect(profiled("(x) => x.add(1)")).to.include(
        "it is called with tf and no inputs, which go",
      );
    });

    it("a module or plugin throws when it is looked at, or what is no error", () => {
      const proxy =
        'new Proxy({}, { has() { throw new Error("g"); }, ownKeys() { throw new Error("g"); } })';
      const file = folder.write("proxy.ts", `export default ${proxy};`);
      expect(complaint(["profile", file])).to.match(/What .*proxy\.ts exports threw: g$/);
      expect(complaint(["profile", folder.path, "--plugin", file])).to.include(
        "exports no plugin by default: it throws where it is read: g",
      );
      const odd = folder.write("odd.ts", 'throw { code: 7, text: "a\\nb" };');
      expect(complaint(["profile", odd])).to.include('failed while it was loaded: {"code":7,');
      const lines = folder.write(
        "lines.ts",
        'export default () => { throw new Error("a\\n  b"); };',
      );
      expect(complaint(["profile", lines])).to.include("threw: a b");
      const later = folder.write("later.ts", "export default () => () => { throw { code: 7 }; };");
      expect(complaint(["profile", later])).to.include('threw while it ran: {"code":7}');
    });

    it("a plugin's pass returns a broken graph", () => {
      const pass = folder.write(
        "breaking.ts",
        'export default { passes: [{ name: "p", summary: "", run: (g) => ({ ...g, results: [9999] }) }] };',
      );
      expect(complaint(["profile", folder.path, "--plugin", pass, "-p", "p"])).to.match(
        /after pass "p", graph .* is not valid: the graph returns value 9999, which does not exist$/,
      );
    });

    it("a dimension is named twice", () => {
      expect(complaint(["profile", "alexnet", "--symbolic", "batch,height,batch"])).to.equal(
        "opcounter: --symbolic names batch twice; name each dimension once.",
      );
    });

    it("a rule throws, or returns what is no count", () => {
      const cases = {
        'throw new Error("no idea")': "threw: no idea",
        "throw { code: 7 }": 'threw: {"code":7}',
        "return { macs: NaN }": "returned macs = NaN",
        "return { flops: -1 }": "returned flops = -1",
        "return { macs: 1.5 }": "returned macs = 1.5",
        "return 12": "returned 12",
        "return { mac: 1 }": 'returned "mac"',
      };
      for (const [body, message] of Object.entries(cases)) {
        const file = folder.write(
          "rule.ts",
          `export default { counters: { kernels: { FusedConv2D: () => { ${body} } } } };`,
        );
        const sentence = complaint(["profile", folder.path, "--plugin", file]);
        expect(sentence).to.include(message);
        expect(sentence).to.include('for kernel FusedConv2D at op 0 (FusedConv2D) in scope "conv"');
      }
    });

    it("a module or plugin does not compile, throws, or exports nothing useful", () => {
      const broken = folder.write("broken.ts", "export default (tf => ;");
      expect(complaint(["profile", broken]))
        .to.include("cannot be compiled")
        .and.to.include(":1:");
      const throwing = folder.write("throwing.ts", 'throw new Error("not today");');
      expect(complaint(["profile", throwing])).to.include("not today");
      const failing = folder.write(
        "failing.ts",
        'export default () => () => { throw new Error("bad luck"); };',
      );
      expect(complaint(["profile", failing])).to.include("failing threw while it ran: bad luck");
      const empty = folder.write("empty.ts", "export const x = 1;");
      expect(complaint(["profile", empty])).to.include("must export by default");
      expect(complaint(["profile", "alexnet", "--plugin", empty])).to.include("exports no plugin");
    });

    it("an option is wrong", () => {
      expect(opcounter(["profile", "alexnet", "--depth", "0"]).status).to.equal(2);
      expect(opcounter(["profile", "alexnet", "--devise", "gpu"]).stderr).to.include("--device");
      expect(opcounter(["profile"]).status).to.equal(2);
      expect(opcounter(["profiel", "alexnet"]).stderr).to.include("profile");
      expect(complaint(["profile", "alexnet", "--convention", "thop"])).to.include(
        'Did you mean "thop@head"?',
      );
      expect(complaint(["trace", "alexnet", "-o", "graph.txt"])).to.include(".ir");
      expect(complaint(["profile", "alexnet", "-o", "/nowhere/at/all"])).to.include(
        "cannot be written",
      );
    });

    it("a program reads values that are not wanted, and follows those that are", () => {
      const file = folder.write(
        "reading.ts",
        `export const inputs = ["x=2000"];
         export default () => async (x) => ((await x.add(1).data())[0] > 0 ? x.relu() : x);`,
      );
      const refused = complaint(["profile", file, "--device", "virtual", "--values", "none"]);
      expect(refused).to.include("--device software").and.to.include("--values on-demand");
      for (const device of ["virtual", "software"]) {
        const { totals, recorded, warnings } = json(["profile", file, "--device", device]);
        expect(totals.ops).to.equal(2);
        expect(recorded.reads).to.deep.equal([{ op: 0, kernel: "Add", scope: "" }]);
        expect(warnings[0]).to.include("The program reads 1 value back in mid-pass");
      }
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
