import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { opcounter, temporaryFolder } from "./command-line.ts";
import { SMALL_TRANSFORMER } from "./small-transformer.ts";

const MODEL = `export const inputs = ["1x40x40x3"];
export default (tf) => tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [40, 40, 3], filters: 8, kernelSize: 3, name: "conv" }),
  tf.layers.reLU({ name: "relu" }),
] });`;

/** Its programs SwiftShader compiles in a tenth of the time of the other's. */
const QUICK_MODEL = `export const inputs = ["1x40x40x3"];
export default (tf) => tf.sequential({ layers: [
  tf.layers.depthwiseConv2d({ inputShape: [40, 40, 3], kernelSize: 3, name: "conv" }),
  tf.layers.reLU({ name: "relu" }),
] });`;

const SPEC = { name: "a card", flops: 1e12, bandwidth: 1e11 };

describe("the device layer on the command line", function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const run = (...args: string[]) =>
    opcounter(args, folder.path, { XDG_CACHE_HOME: join(folder.path, "cache") });
  const profile = (...args: string[]) => run("profile", "model.ts", ...args);
  const onSoftware = (...args: string[]) =>
    run("profile", "quick.ts", "--device", "software", ...args);

  before(() => {
    folder.write("model.ts", MODEL);
    folder.write("quick.ts", QUICK_MODEL);
    folder.write("card.json", JSON.stringify(SPEC));
  });
  after(folder.remove);

  it("lists dispatches, with what each launches beside what its op is", () => {
    const { stdout } = profile("--dispatches");
    expect(stdout).to.match(/^%1 Relu +relu +UnaryOp\w+ +\d+×1×1 +\d+×1×1 +11,\d+ +11.55 K/m);
    const { ops, recorded } = JSON.parse(profile("-f", "json").stdout);
    expect(ops[0].dispatches[0]).to.include.keys("program", "shader", "buffers", "uniforms");
    expect(recorded.uploads.count).to.be.greaterThan(1);
    expect(recorded.times).to.equal(null);
  });

  it("tells without a GPU which ops run on the host, and what they have uploaded", () => {
    const { stdout } = run("profile", "vit_b_16", "--by", "op");
    expect(stdout).to.match(/^%988 Tile +encoder\/ln .* 0 +yes$/m);
    expect(stdout).to.match(/^ops on host +51 +28\.86 MiB of their results uploaded each pass$/m);
    expect(stdout).to.include("note: 51 ops run on the host (Tile ×51), and 28.86 MiB of their");
    expect(profile().stdout).to.not.include("on host");
  });

  it("writes the shaders that ran, by their hashes", () => {
    const { stdout } = run("trace", "model.ts", "--shaders", "shaders");
    const files = readdirSync(join(folder.path, "shaders"));
    expect(files.length).to.be.greaterThan(1);
    for (const file of files) {
      expect(stdout).to.include(file.replace(".wgsl", ""));
      expect(readFileSync(join(folder.path, "shaders", file), "utf8")).to.include("@compute");
    }
  });

  it("says where shaders cannot be written", () => {
    const { status, stderr } = run("trace", "model.ts", "--shaders", "model.ts");
    expect(status).to.equal(2);
    expect(stderr).to.match(/^opcounter: Shaders cannot be written to model.ts: .*EEXIST/);
  });

  it("says what a device with WebGPU's default limits, or yours, would refuse", () => {
    expect(profile("--limits", "default").stdout).to.not.include("refused");
    const { stdout, status } = profile("--limits", "maxBufferSize=16KiB");
    expect(status).to.equal(0);
    expect(stdout).to.match(
      /^refused: %0 FusedConv2D in conv needs 46,208 bytes \(45\.13 KiB\), and maxBufferSize is 16,384 bytes \(16\.00 KiB\); /m,
    );
    const wrong = profile("--limits", "maxBufferSize=lots");
    expect(wrong.status).to.equal(2);
    expect(wrong.stderr).to.include("cannot be read");
    expect(profile("--limits", "__proto__=1").stderr).to.include('cannot be read at "__proto__=1"');
    expect(profile("--limits", "default", "--device", "software").stderr).to.include(
      "only --device virtual takes others",
    );
  });

  it("measures time on the software device, and nowhere that computes nothing @linux", () => {
    const { stdout, status } = onSoftware("--runs", "3");
    expect(status).to.equal(0);
    expect(stdout).to.match(/GPU time +wall time +of wall time$/m);
    expect(stdout).to.match(
      /^timed in 3 runs, medians: a pass takes [\d.]+ m?s; its dispatches run for/m,
    );
    folder.write(
      "slow.ts",
      `export const inputs = ["x=2000"];
       let pauseMs = 600;
       export default () => async (x) => {
         await new Promise((done) => setTimeout(done, pauseMs));
         pauseMs = 0;
         return x.add(1);
       };`,
    );
    expect(run("profile", "slow.ts", "--device", "software", "--runs", "2").progress).to.equal(
      "Running slow.ts on the software device, then 1 time to warm up and 2 times to time it …\n",
    );
    const refused = profile("--device", "virtual", "--time");
    expect(refused.status).to.equal(2);
    expect(refused.stderr).to.include("--device-spec");
  });

  it("predicts from a device's specification, without a GPU and says so", () => {
    const { stdout } = profile("--device-spec", "card.json");
    expect(stdout).to.include("a card: 1.00 TFLOP/s, 100.0 GB/s, ridge at 10.0 FLOP/B");
    expect(stdout).to.include("predicted only: nothing was measured");
    expect(stdout).to.match(/^longest at least +scope/m);
    const { roofline } = JSON.parse(profile("--device-spec", "card.json", "-f", "json").stdout);
    const conv = roofline.ops[0];
    expect(conv.leastMs).to.be.closeTo(Math.max(conv.flops / 1e9, conv.bytes / 1e8), 1e-9);
  });

  it("predicts times with their spread from a device that ships, by its name", () => {
    const { stdout } = profile("--device-spec", "h100");
    expect(stdout).to.match(/^roofline +NVIDIA H100 80GB: 61.9 TFLOP\/s/m);
    expect(stdout).to.match(
      /^most time lost +scope +FLOP\/B +bound by +at least +expected +lost$/m,
    );
    expect(stdout).to.match(/^expected [\d.]+ µs \([\d.]+ µs to [\d.]+ µs\) on the device$/m);
    const { roofline } = JSON.parse(profile("--device-spec", "h100", "-f", "json").stdout);
    const [conv, relu] = roofline.ops;
    expect(relu).to.include({ bound: "launch", leastMs: 0.0086 });
    expect(conv.expected.ms).to.be.within(conv.leastMs, 0.1);
    expect(roofline.total.expected.ms).to.be.closeTo(conv.expected.ms + relu.expected.ms, 1e-9);
    // A maker's figures tell least times, and nothing of how near TensorFlow.js comes to them.
    const phone = profile("--device-spec", "mali-g78").stdout;
    expect(phone).to.match(/^longest at least +scope/m);
    expect(phone).to.match(
      /^no time is expected: the specification of Arm Mali-G78 MP20, .* launch$/m,
    );
  });

  it("lists the devices that ship, and says which there are where a name is none of them", () => {
    expect(run("devices").stdout).to.match(
      /^h100 +NVIDIA H100 80GB: 61.9 TFLOP\/s.* times\n +measured/m,
    );
    const specs = JSON.parse(run("devices", "-f", "json").stdout);
    expect(specs["apple-m1"]).to.include.keys("name", "source", "flops", "bandwidth");
    // What is printed is a specification, which a file may hold.
    folder.write("own.json", JSON.stringify(specs.h100));
    const [shipped, own] = ["h100", "own.json"].map(
      (spec) => profile("--device-spec", spec).stdout,
    );
    expect(own).to.equal(shipped);
    expect(profile("--device-spec", "h10").stderr).to.equal(
      'opcounter: There is no device and no file "h10". Did you mean "h100"? There are h100, rtx-3060, iris-xe, apple-m1, mali-g78.\n',
    );
  });

  it("holds a model to the operations that run, whatever the convention counts", () => {
    folder.write(
      "product.ts",
      'export const inputs = ["a=1024x1024"]; export default () => (a) => a.matMul(a);',
    );
    // To thop a product of two computed values is a function call, which it does not see.
    const args = ["product.ts", "--device-spec", "card.json", "--convention", "thop@head"];
    const note =
      "The roofline is by the convention native, which counts the operations that run; thop@head counts others.";
    const { stdout } = run("profile", ...args);
    expect(stdout)
      .to.match(/^%0 \w+ +\d+\.\d+ +compute +\d/m)
      .and.to.include(`note: ${note}\n`);
    const { totals, roofline, warnings } = JSON.parse(run("profile", ...args, "-f", "json").stdout);
    expect(totals).to.include({ macs: 0, flops: null });
    expect(roofline.total).to.include({ flops: 2 * 1024 ** 3, bound: "compute" });
    expect(warnings).to.deep.equal([note]);
  });

  it("names what is wrong with a specification, and where none is", () => {
    folder.write("bad.json", JSON.stringify({ ...SPEC, flops: -1 }));
    folder.write("worse.json", "{");
    folder.write("half.json", JSON.stringify({ ...SPEC, programs: {} }));
    folder.write("slow.json", JSON.stringify({ ...SPEC, idle: { launchNs: 1, slowdown: 0 } }));
    expect(profile("--device-spec", "half.json").stderr).to.include("go together");
    expect(profile("--device-spec", "slow.json").stderr).to.include("at idle.slowdown");
    expect(profile("--device-spec", "bad.json").stderr).to.include("at flops");
    expect(profile("--device-spec", "worse.json").stderr).to.include("cannot be read as JSON");
    expect(profile("--device-spec", "none.json").stderr).to.equal(
      "opcounter: There is no file none.json.\n",
    );
    expect(profile("--roofline", "--device", "virtual").stderr).to.match(
      /device "virtual" is not known, since it computes nothing; give a device of `opcounter devices`, or a file with/,
    );
  });

  it("calibrates a device, keeps that, and holds models to it @linux", function () {
    this.timeout(180_000);
    const { stdout, status } = run("calibrate", "--device", "software", "--model", "quick.ts");
    expect(status).to.equal(0);
    expect(stdout).to.match(/^matrix product \(tfjs\) +[\d.]+ [kMGT]FLOP\/s/m);
    expect(stdout).to.match(/^exponentials +[\d.]+ [kMGT]op\/s/m);
    expect(stdout).to.match(/^copy +[\d.]+ [kMGT]B\/s/m);
    expect(stdout).to.match(/^product of 1 workgroup +[\d.]+ [kMGT]FLOP\/s$/m);
    expect(stdout).to.match(/^launch +[\d.]+ [mµ]s$/m);
    expect(stdout).to.match(/^upload of 16.00 MiB +[\d.]+ m?s$/m);
    expect(stdout).to.match(/^UnaryOpProgram +[<\d.]+ % +of its limit$/m);
    const kept = join(folder.path, "cache/opcounter/calibration");
    const [file = ""] = readdirSync(kept);
    const calibration = JSON.parse(readFileSync(join(kept, file), "utf8"));
    const figures = ["flops", "bandwidth", "transcendentals", "integers", "workgroupFlops"];
    for (const figure of [...figures, "launchNs"]) {
      expect(calibration[figure], figure).to.be.greaterThan(0);
    }
    const { idle, launchNs, uploads, readbacks, programs } = calibration;
    expect(idle.launchNs).to.be.at.least(launchNs);
    expect(idle.slowdown).to.be.at.least(1);
    for (const { bytes, ms } of [...uploads, ...readbacks]) expect(ms, bytes).to.be.greaterThan(0);
    expect(programs.UnaryOpProgram.efficiency).to.be.greaterThan(0);
    const held = onSoftware("--roofline", "--runs", "2");
    expect(held.stdout).to.match(/of its limit$/m);
    expect(held.stdout).to.match(/^most time lost +scope/m);
    // The file is a specification on every machine, with times that are expected.
    const spec = join(kept, file);
    const args = ["quick.ts", "--device", "virtual", "--device-spec", spec];
    const predicted = run("profile", ...args).stdout;
    expect(predicted).to.match(
      /^expected [\d.]+ m?s \([\d.]+ [mµ]?s to [\d.]+ m?s\) on the device$/m,
    );
    expect(predicted).to.not.include("besides");
    folder.write("host.ts", SMALL_TRANSFORMER);
    expect(run("profile", "host.ts", "--device-spec", spec).stdout.replace(/\s+/g, " ")).to.match(
      /besides, 6 uploads of results of the host, 24\.00 KiB: expected [\d.]+ (?:µs|ms) of the host's time/,
    );
  });
});
