import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { BUNDLE, temporaryFolder } from "../command-line.ts";
import { PAGE_FILES } from "../script-tag/page-files.ts";
import { opcounterBeside, within } from "./beside.ts";
import { locateChromium, SOFTWARE_FLAGS } from "./chromium.ts";
import { type Files, servePage } from "./server.ts";

/** A page that runs a model again and again; with `#both` also something without a model. */
const MODEL = `
(async () => {
  await tf.setBackend(location.hash === "#cpu" ? "cpu" : "webgpu");
  const layer = tf.layers.conv2d({ name: "conv", inputShape: [16, 16, 3], filters: 8, kernelSize: 3 });
  const model = tf.sequential({ name: "small", layers: [layer] });
  const image = tf.ones([1, 16, 16, 3]);
  setInterval(() => tf.dispose(model.predict(image)), 100);
  if (location.hash === "#both") setTimeout(() => tf.tidy(() => image.matMul(image, false, true)), 50);
  if (location.hash === "#lost") setTimeout(() => tf.backend().device.destroy(), 300);
})();`;

/** A page that runs a model once, as soon as it has loaded TensorFlow.js. */
const ONCE = `
tf.setBackend("cpu");
const layer = tf.layers.conv2d({ name: "conv", inputShape: [16, 16, 3], filters: 8, kernelSize: 3 });
tf.sequential({ name: "once", layers: [layer] }).predict(tf.ones([1, 16, 16, 3])).dispose();`;

/** A worker that always has the next image in its queue. */
const BUSY = `
importScripts("/tf.min.js");
tf.setBackend("cpu");
const layer = tf.layers.conv2d({ name: "conv", inputShape: [16, 16, 3], filters: 8, kernelSize: 3 });
const model = tf.sequential({ name: "busy", layers: [layer] });
const image = tf.ones([1, 16, 16, 3]);
onmessage = () => tf.dispose(model.predict(image));`;

const html = (...scripts: readonly string[]) =>
  `<!doctype html><link rel="icon" href="data:,">${scripts.map((script) => `<script src="/${script}"></script>`).join("")}`;

const MACS = 14 * 14 * 8 * 27;

describe("profile --url @linux", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const temporary = join(folder.path, "tmp");
  const { program, environment } = locateChromium();
  const browser = [
    `--device=browser:${program}`,
    ...["--no-sandbox", ...SOFTWARE_FLAGS].map((flag) => `--browser-flag=${flag}`),
  ];
  let close = () => {};
  let address = "";

  before(async () => {
    mkdirSync(temporary);
    const files: Files = {
      ...PAGE_FILES,
      "model.js": MODEL,
      "index.html": html("tf.min.js", "tf-backend-webgpu.min.js", "model.js"),
      "empty.html": html(),
      "idle.html": html("tf.min.js"),
      "hangs.html": `${html("tf.min.js")}<script>setTimeout(() => { for (;;); }, 500);</script>`,
      "worker.js": `importScripts("/tf.min.js");${MODEL.replace('location.hash === "#cpu" ? "cpu" : "webgpu"', '"cpu"')}`,
      "start-worker.js": 'new Worker("/worker.js");',
      // As an idle thread of wasm waits: nothing that a debugger sends gets there.
      "waits.js":
        "Atomics.wait(new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer), 0, 0);",
      "start-waiting.js": 'new Worker("/waits.js");',
      "waits.html": html("tf.min.js", "start-waiting.js", "model.js"),
      "only-waits.html": html("start-waiting.js"),
      "busy.js": BUSY,
      "start-busy.js":
        'const worker = new Worker("/busy.js"); for (let i = 0; i < 9; i++) worker.postMessage(i);',
      "busy.html": html("start-busy.js"),
      "once.js": ONCE,
      "once.html": html("tf.min.js", "once.js"),
      "once-worker.js": `importScripts("/tf.min.js");${ONCE}`,
      "start-once.js": 'new Worker("/once-worker.js");',
      "once-in-worker.html": html("start-once.js"),
      "once-in-frame.html":
        '<!doctype html><link rel="icon" href="data:,"><iframe src="/once.html"></iframe>',
      "worker.html": html("start-worker.js"),
      "frame.html": '<!doctype html><link rel="icon" href="data:,"><iframe src="/#cpu"></iframe>',
    };
    const server = await servePage(files);
    ({ close } = server);
    address = `http://127.0.0.1:${server.port}/`;
  });
  after(() => {
    close();
    folder.remove();
  });
  afterEach(() => expect(readdirSync(temporary)).to.deep.equal([]));

  function run(command: string, path: string, ...args: string[]) {
    const parts = [BUNDLE, command, "--url", `${address}${path}`, ...args, ...browser];
    return opcounterBeside(parts, { ...process.env, ...environment, TMPDIR: temporary });
  }

  it("reports the pass that a page runs by itself, on its own device", () =>
    within(2, async (seconds) => {
      const { stdout } = await run("profile", "", "--seconds", seconds, "-f", "json");
      const report = JSON.parse(stdout);
      expect(report.model).to.equal("small_model");
      expect(report.device).to.match(/^webgpu in Chrom\w+ \d+$/);
      expect(report.totals).to.include({ macs: MACS, params: 27 * 8 + 8 });
      expect(report.totals.dispatches).to.be.greaterThan(0);
    }));

  it("has a row for each kind of pass, of which one is chosen", () =>
    within(2, async (seconds) => {
      const { stdout } = await run("profile", "#both", "--seconds", seconds);
      expect(stdout).to.match(/^\d: small_model, \d+ runs, [\d.]+ ms on host .* 42\.34 K /m);
      expect(stdout).to.match(/^\d: page, 1 run, [\d.]+ ms on host /m);
      const number = /^(\d): page,/m.exec(stdout)?.[1] ?? "";
      const { stdout: graph } = await run("trace", "#both", "--seconds", seconds, "--pass", number);
      expect(graph).to.match(/^graph "page" /);
      expect((await run("trace", "#both", "--seconds", seconds)).said).to.match(
        /^opcounter: The page ran \d kinds of passes, and a graph is of one; choose it by --pass; /,
      );
      expect((await run("trace", "", "--seconds", seconds, "--pass", "9")).said).to.match(
        /^opcounter: There is no pass 9: the page ran 1 kind of passes; /,
      );
    }));

  it("records a page on any backend", () =>
    within(2, async (seconds) => {
      const { stdout } = await run("profile", "#cpu", "--seconds", seconds, "-f", "json");
      expect(JSON.parse(stdout).device).to.match(/^cpu in Chrom/);
      expect(JSON.parse(stdout).totals.macs).to.equal(MACS);
    }));

  const elsewhere = {
    ...{ "worker.html": "small_model", "frame.html": "small_model" },
    // These run one pass, at once.
    ...{ "once.html": "once_model", "once-in-worker.html": "once_model" },
    ...{ "once-in-frame.html": "once_model" },
  };
  for (const [path, model] of Object.entries(elsewhere)) {
    it(`records what runs in ${path}`, () =>
      within(2, async (seconds) => {
        const { stdout, said } = await run("profile", path, "--seconds", seconds, "-f", "json");
        expect(said).to.equal("");
        const report = JSON.parse(stdout);
        expect(report.model).to.equal(model);
        expect(report.totals.macs).to.equal(MACS);
      }));
  }

  it("tells the passes of a worker apart that is never idle", () =>
    within(2, async (seconds) => {
      const { stdout } = await run("profile", "busy.html", "--seconds", seconds, "-f", "json");
      const report = JSON.parse(stdout);
      expect(report.model).to.equal("busy_model");
      expect(report.totals.macs).to.equal(MACS);
    }));

  it("records a page whose worker waits for ever, and says so", async () => {
    const note = "note: 1 worker or frame of the page gave no answer within 2 seconds: ";
    await within(1, async (seconds) => {
      const args = ["--seconds", seconds, "--timeout", "2"];
      const { stdout } = await run("profile", "waits.html#cpu", ...args);
      expect(stdout).to.match(/^MACs +42,336 /m);
      expect(stdout).to.include(note);
    });
    const args = ["--seconds", "1", "--timeout", "2"];
    expect((await run("profile", "only-waits.html", ...args)).said).to.match(
      /^opcounter: The page does not answer within 2 seconds; /,
    );
  });

  it("reports what ran before the page lost its device", () =>
    within(2, async (seconds) => {
      const { stdout } = await run("profile", "#lost", "--seconds", seconds);
      expect(stdout).to.match(/^MACs +42,336 /m);
    }));

  it("says so where a page hangs", async () => {
    const { said } = await run("profile", "hangs.html", "--seconds", "1", "--timeout", "2");
    expect(said).to.match(/^opcounter: The page does not answer within 2 seconds; /);
  });

  it("says in one sentence what a page lacks", async () => {
    expect((await run("profile", "empty.html", "--seconds", "1")).said).to.match(
      /^opcounter: http:.*empty\.html loads no TensorFlow\.js within 1 second; /,
    );
    await within(1, async (seconds) => {
      expect((await run("profile", "idle.html", "--seconds", seconds)).said).to.match(
        /^opcounter: http:.*idle\.html ran nothing on TensorFlow\.js within \d+ seconds?; /,
      );
    });
    const { port } = new URL(address);
    close();
    expect((await run("profile", "", "--seconds", "1")).said).to.equal(
      `opcounter: http://127.0.0.1:${port}/ cannot be opened: net::ERR_CONNECTION_REFUSED.\n`,
    );
  });
});
