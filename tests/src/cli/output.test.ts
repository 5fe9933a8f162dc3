import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { BUNDLE, json, opcounter, temporaryFolder } from "../command-line.ts";
import { writeSmallModel } from "./small-model.ts";

describe("the command line", () => {
  const folder = temporaryFolder();

  before(async () => {
    await writeSmallModel(folder);
  });
  after(folder.remove);

  describe("shows", () => {
    // Of a size that TensorFlow.js does not compute on the CPU.
    const nested = `export const inputs = ["x=1x2000"];
      export default (tf) => (x) => tf.tidy("a scope of a long name, so that a line has to be folded", () => x.add(1));`;

    it("every column and unfolded lines in a pipe or file, and less where COLUMNS says so", () => {
      const module = folder.write("nested.ts", nested);
      const args = ["profile", module, "--limits", "maxBufferSize=8"];
      const file = join(folder.path, "table.txt");
      const piped = opcounter(args).stdout;
      expect(piped).to.match(/^scope +ops +params +MACs +flops +bytes +activations +dispatches$/m);
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
        .to.match(/^1\. Fold the batch norm.*\n {3}\S/)
        .and.to.match(/^ {3}- .*\n {5}\S/m);
      const { stdout: why } = opcounter(["explain", "bert_base", "-c", "torch"], undefined, narrow);
      expect(why).to.match(/^ {20}native: .*\n {22}\S/m);
      const wide = opcounter(["explain", "bert_base", "-c", "torch"]).stdout;
      expect(why.replaceAll(/\s+/g, " ")).to.equal(wide.replaceAll(/\s+/g, " "));
    });

    it("the lists of the zoo, of kernels and of devices in the width that there is", () => {
      const holds = { zoo: /^gpt2_xl /m, ops: /^ +macs = M·\(K·Ci\)$/m, devices: /^h100 /m };
      for (const [command, expected] of Object.entries(holds)) {
        for (const width of [60, 80]) {
          const { stdout } = opcounter([command], undefined, { COLUMNS: String(width) });
          for (const line of stdout.split("\n")) expect(line.length).to.be.at.most(width);
          expect(stdout).to.match(expected);
        }
      }
    });

    it("nothing on stderr with --quiet, neither progress nor what a module prints", () => {
      const module = folder.write(
        "slow.ts",
        `console.log("loaded");
         await new Promise((done) => setTimeout(done, 700));
         export const inputs = ["x=4"];
         export default (tf) => (x) => x.add(1);`,
      );
      const loud = opcounter(["profile", module]);
      expect(loud.stderr).to.equal("loaded\n");
      expect(loud.progress).to.match(/^Running /);
      const quiet = opcounter(["profile", module, "--quiet"]);
      expect([quiet.stderr, quiet.progress]).to.deep.equal(["", ""]);
      expect(quiet.stdout).to.equal(loud.stdout);
      expect(opcounter(["--quiet", "profile", "nothing"]).stderr).to.match(/^opcounter: /);
    });

    it("wrong usage as every other error, without a control character", () => {
      const { stderr, status } = opcounter(["profile", "alexnet", "--top", "a\u001b[31m"]);
      expect(status).to.equal(2);
      expect(stderr).to.match(
        /^opcounter: option '--top <n>' argument 'a\\u001b\[31m' is invalid\./,
      );
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
      const program = folder.write(
        "recorded.ts",
        `const device = await (await navigator.gpu.requestAdapter()).requestDevice();
         const encoder = device.createCommandEncoder();
         const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_DST });
         encoder.clearBuffer(buffer);
         device.queue.submit([encoder.finish()]);`,
      );
      for (const args of [["--help"], ["ops"], ["--quiet", "record", program]]) {
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

  it("ends with its result, whatever a module has left running", () => {
    const module = folder.write(
      "leaving.ts",
      `import { Worker } from "node:worker_threads";
       export const inputs = ["x=4"];
       export default (tf) => {
         setInterval(() => {}, 1000);
         new Worker("setInterval(() => {}, 1000)", { eval: true });
         return (x) => x.add(1);
       };`,
    );
    const args = [BUNDLE, "profile", module, "--format", "json"];
    const limits = { encoding: "utf8", timeout: 30_000 } as const;
    const { stdout, status } = spawnSync(process.execPath, args, limits);
    expect(JSON.parse(stdout).totals.flops).to.equal(4);
    expect(status).to.equal(0);
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
});
