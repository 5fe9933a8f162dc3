import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { usualPlaces } from "../../../packages/cli/src/browser/find-browser.ts";
import { BUNDLE, modelFiles, opcounter, temporaryFolder } from "../command-line.ts";
import { locateChromium, SOFTWARE_FLAGS } from "./chromium.ts";

/** A typed function that reads a value, in a module that prints. */
const READING = `
import * as tf from "@tensorflow/tfjs";
export const inputs = ["x=1x8"];
const w = tf.variable(tf.ones([8, 4]), true, "w");
export default () => async (x: tf.Tensor2D) => {
  console.log("printed by the module");
  const product = x.matMul(w);
  const [first] = await product.data();
  return first === 0 ? product.relu() : product.neg();
};`;

/** A model that takes images of any size. */
const ESRGAN = ["npm:@upscalerjs/esrgan-slim/models/x2/model.json", "--size", "8"];

/** Limits of SwiftShader that TensorFlow.js's shaders depend on. */
const LIMITS = "maxComputeWorkgroupSizeX=256,maxComputeInvocationsPerWorkgroup=256";

describe("--device browser @linux", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const temporary = join(folder.path, "tmp");
  const { program, environment } = locateChromium();
  const software = ["--no-sandbox", ...SOFTWARE_FLAGS].map((flag) => `--browser-flag=${flag}`);
  const browser = [`--device=browser:${program}`, ...software];
  const variables = { ...environment, TMPDIR: temporary, XDG_CACHE_HOME: folder.path };
  const run = (...args: string[]) => opcounter(args, folder.path, variables);

  before(async () => {
    mkdirSync(temporary);
    folder.write("reading.ts", READING);
    const layers = [
      tf.layers.conv2d({ inputShape: [null, null, 3], filters: 8, kernelSize: 3, name: "conv" }),
      tf.layers.globalAveragePooling2d({ name: "pool" }),
      tf.layers.dense({ units: 4, activation: "softmax", name: "fc" }),
    ];
    const model = await modelFiles(tf.sequential({ layers }));
    folder.write("model.json", model.json);
    folder.write("weights.bin", model.bin);
  });
  after(folder.remove);
  afterEach("no profile and no process is left", () => {
    expect(readdirSync(temporary)).to.deep.equal([]);
    expect(processesWith(temporary)).to.deep.equal([]);
  });

  /** A graph as text, without its device, and without what only a device that computes records. */
  function graphOf(...args: string[]): string {
    const { status, stdout, stderr } = run("trace", ...args);
    expect(status, stderr).to.equal(0);
    const lines = stdout.replace(/ device=(".*?"|\S+)/, "").split("\n");
    return lines.filter((line) => !/^ {2}(recording|note) /.test(line)).join("\n");
  }

  for (const [what, target] of Object.entries({
    "a model of the zoo": ["shufflenet_v2_x0_5"],
    "a LayersModel on disk, with random inputs": ["model.json", "--input", "1x32x32x3:f32:0..9"],
    "a function of a module, which reads": ["reading.ts"],
  })) {
    it(`gives the graph of the virtual device for ${what}`, () => {
      const found = graphOf(...target, ...browser);
      expect(found).to.match(/^graph /);
      expect(found).to.equal(graphOf(...target, "--limits", LIMITS));
    });
  }

  it("gives the graph of the virtual device for a model of a package", () => {
    const trace = (...options: string[]) =>
      opcounter(["trace", ...ESRGAN, ...options], undefined, variables).stdout;
    const ops = (text: string) => text.split("\n").filter((line) => /^ {2}%\d/.test(line));
    const found = ops(trace(...browser));
    expect(found).to.have.length.greaterThan(20);
    expect(found).to.deep.equal(ops(trace("--limits", LIMITS)));
  });

  it("measures times, and says where", () => {
    const { status, stdout, stderr } = run(
      ...["profile", "model.json", "--size", "32", "--time", "--runs", "3", "-f", "json"],
      ...browser,
    );
    expect(status, stderr).to.equal(0);
    const { device, totals, recorded } = JSON.parse(stdout);
    expect(device).to.match(/^software in Chrom\w+ \d+$/);
    expect(totals.gpuTimeMs).to.be.greaterThan(0);
    expect(recorded.times).to.include({ runs: 3, clockStepNs: null });
  });

  it("says which lines of a module's source cost what, and prints what the module prints", () => {
    const { stdout, stderr } = run("profile", "reading.ts", "--by", "line", ...browser);
    expect(stdout).to.match(/^reading.ts:7 +const product = x.matMul\(w\);/m);
    expect(stderr).to.equal("printed by the module\n");
  });

  it("loads a plugin's layers into the page", () => {
    folder.write(
      "twice.ts",
      `import * as tf from "@tensorflow/tfjs";
       class Twice extends tf.layers.Layer {
         static className = "Twice";
         call(inputs) { return tf.mul(inputs[0] ?? inputs, 2); }
       }
       tf.serialization.registerClass(Twice);
       export default {};`,
    );
    const config = { name: "twice", batch_input_shape: [null, 4], dtype: "float32" };
    const modelTopology = {
      class_name: "Sequential",
      config: { name: "own", layers: [{ class_name: "Twice", config }] },
    };
    const model = { format: "layers-model", modelTopology, weightsManifest: [] };
    folder.write("own.json", JSON.stringify(model));
    const { stdout, stderr } = run("profile", "own.json", "--plugin", "twice.ts", ...browser);
    expect(stderr).to.equal("");
    expect(stdout).to.match(/^twice +Twice /m);
  });

  describe("says in one sentence", () => {
    /** What is said of a run that ends with status 2, without the line of progress. */
    function complaintOf(...args: string[]): string {
      const { status, stdout, stderr } = run(...args);
      expect(status).to.equal(2);
      expect(stdout).to.equal("");
      return stderr.replace(/^opcounter: /, "").trimEnd();
    }

    it("that there is no browser, or none at a path", () => {
      const found = opcounter(["trace", "lstm", "--device", "browser"], folder.path, { PATH: "" });
      expect(found.stderr).to.equal(
        "opcounter: No Chrome, Chromium or Edge is where they usually are; install one, or name its program, as in --device browser:/path/to/chrome.\n",
      );
      expect(complaintOf("trace", "lstm", "--device", "browser:/no/such")).to.equal(
        "The browser /no/such is not there; name the program of a Chrome, Chromium or Edge.",
      );
      expect(complaintOf("trace", "lstm", "--device", "browser:model.json")).to.match(
        /^The browser model\.json is (no program|not there); /,
      );
    });

    it("that the program is no browser, or does not answer", () => {
      expect(complaintOf("trace", "lstm", `--device=browser:${process.execPath}`)).to.match(
        /^The browser node ended by itself \(status 9\)\.$/,
      );
      const silent = folder.write("silent", "#!/bin/sh\nexec sleep 60\n");
      chmodSync(silent, 0o755);
      expect(complaintOf("trace", "lstm", `--device=browser:${silent}`, "--timeout", "1")).to.equal(
        "The browser silent does not answer within 1 second; wait longer with --timeout 120.",
      );
    });

    it("that the browser has no adapter", () => {
      const none = [`--device=browser:${program}`, "--browser-flag=--no-sandbox"];
      expect(complaintOf("trace", "lstm", ...none, "--browser-flag=--disable-gpu")).to.match(
        /^Chrom\w+ \d+ gives its pages no WebGPU adapter; let it compute in software by/,
      );
    });

    it("what is wrong with a target, as it is said of the virtual device", () => {
      folder.write("throws.ts", 'export default () => () => { throw new Error("oh no"); };');
      folder.write("none.json", '{ "format": "layers-model" }');
      folder.write(
        "lost.json",
        readFileSync(join(folder.path, "model.json"), "utf8").replace(
          "weights.bin",
          "../weights.bin",
        ),
      );
      for (const target of ["throws.ts", "none.json", "lost.json", "squeezenet"]) {
        expect(complaintOf("trace", target, ...browser)).to.equal(complaintOf("trace", target));
      }
      const size = ["trace", "model.json"];
      expect(complaintOf(...size, ...browser)).to.equal(complaintOf(...size));
    });

    it("that a module needs Node, or throws where nothing catches it", () => {
      folder.write("node.ts", 'import fs from "node:fs"; export default () => () => fs;');
      expect(complaintOf("trace", "node.ts", ...browser)).to.match(
        /^node\.ts cannot be compiled: .* A browser has no modules of Node\.$/,
      );
      folder.write(
        "stray.ts",
        `export default () => async () => {
           setTimeout(() => { throw new Error("stray"); });
           await new Promise(() => {});
         };`,
      );
      expect(complaintOf("trace", "stray.ts", ...browser)).to.match(
        /^stray\.ts threw where nothing catches it, as in a timer .*: Error: stray$/,
      );
    });

    it("that a module was not done in time, while it is loaded and while it is traced", () => {
      const waits = "new Promise((done) => setTimeout(done, 30_000))";
      for (const program of [
        `export default async () => { await ${waits}; return () => 0; };`,
        `export default () => () => ${waits};`,
        "export default () => () => { for (;;); };",
      ]) {
        folder.write("late.ts", program);
        expect(complaintOf("trace", "late.ts", "--timeout", "3", ...browser)).to.match(
          /^The program was not done after 3 s; /,
        );
      }
    });

    it("that an option does not go with the device", () => {
      expect(complaintOf("trace", "lstm", "--limits", "default", ...browser)).to.match(
        /^A browser has the limits of its adapter; /,
      );
      expect(complaintOf("trace", "lstm", ...software)).to.match(/^--browser-flag is for --dev/);
    });
  });

  it("ends the browser, and says so, where it is killed or a signal ends the command", async () => {
    folder.write(
      "waits.ts",
      "export default () => () => new Promise((done) => setTimeout(done, 100_000));",
    );
    // As shells have it: 128 and the signal's number.
    for (const [signal, status] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      const command = spawn(process.execPath, [BUNDLE, "trace", "waits.ts", ...browser], {
        cwd: folder.path,
        env: { ...process.env, ...variables },
      });
      // It has printed what it is doing: the browser runs.
      await once(command.stderr, "data");
      expect(processesWith(temporary)).to.not.deep.equal([]);
      command.kill(signal);
      expect(await once(command, "exit")).to.deep.equal([status, null]);
      expect(readdirSync(temporary)).to.deep.equal([]);
    }
    const command = spawn(process.execPath, [BUNDLE, "trace", "waits.ts", ...browser], {
      cwd: folder.path,
      env: { ...process.env, ...variables },
    });
    await once(command.stderr, "data");
    let said = "";
    command.stderr.on("data", (text) => {
      said += text;
    });
    const [first] = processesWith(temporary);
    if (first === undefined) throw new Error("no browser runs");
    process.kill(first, "SIGKILL");
    expect(await once(command, "exit")).to.deep.equal([2, null]);
    expect(said).to.match(/^opcounter: The browser Chrom\w+ \d+ ended by itself \(SIGKILL\)/m);
  });

  it("knows the usual places of each system", () => {
    const places = (platform: NodeJS.Platform, environment: Record<string, string>) =>
      usualPlaces({ platform, environment, home: "/home/me" });
    expect(places("linux", { PATH: "/usr/bin:/bin" })).to.include.members([
      "/usr/bin/google-chrome",
      "/bin/chromium",
      "/usr/bin/microsoft-edge",
    ]);
    expect(places("darwin", {})[0]).to.equal(
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    );
    expect(places("win32", { ProgramFiles: "C:\\Program Files" })).to.include.members([
      "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
      "C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe",
    ]);
  });
});

/** The processes that have a text among their arguments; the first was started first. */
function processesWith(text: string): number[] {
  const ids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return ids.filter((id) => argumentsOf(id).includes(text)).sort((a, b) => a - b);
}

function argumentsOf(id: number): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}
