import { expect } from "chai";
import { build } from "esbuild";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { locateChromium, openPage } from "../browser/chromium.ts";
import { type Files, servePage } from "../browser/server.ts";
import { BOOKMARKLET, PAGE_FILES, SHIPPED, TAGGED_FILES } from "./page-files.ts";

const MACS = 14 * 14 * 8 * 27 + 14 * 14 * 8 * 4;

/** Makes a model that `run()` runs once. */
const MODEL = `
  window.ready = (async () => {
    await tf.setBackend("cpu");
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ name: "conv", inputShape: [16, 16, 3], filters: 8, kernelSize: 3 }),
        tf.layers.dense({ name: "fc", units: 4, activation: "softmax" }),
      ],
    });
    const image = tf.ones([1, 16, 16, 3]);
    window.run = () => tf.dispose(model.predict(image));
    window.state = () => ({
      memory: tf.memory().numTensors,
      backend: tf.getBackend(),
      registry: Object.keys(tf.engine().registryFactory),
      globals: Object.getOwnPropertyNames(window).sort(),
      patched: Object.hasOwn(tf.engine(), "runKernel"),
      elements: document.querySelectorAll("*").length,
    });
  })();`;

const html = (...scripts: readonly string[]) => `<!doctype html>
<html lang="en"><head><title>a page</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css"></head>
<body>
${scripts.map((script) => `<script src="/${script}"></script>`).join("\n")}
</body></html>`;

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:";

/** What of the page's own functions a test calls. */
declare global {
  interface Window {
    ready: Promise<void>;
    run: () => void;
    state: () => object;
    opcounter: { attach(): Promise<() => void> };
    detach: () => void;
  }
}

describe("the overlay @linux", () => {
  let browser: Browser;
  let context: BrowserContext;
  const closers: (() => void)[] = [];
  before(async () => {
    const { program, environment } = locateChromium();
    browser = await chromium.launch({
      executablePath: program,
      args: ["--no-sandbox"],
      env: { ...process.env, ...environment },
    });
    context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  });
  after(async () => {
    for (const close of closers) close();
    await browser.close();
  });

  /** Opens a page; what its console was told, and errors that nothing caught, come beside. */
  async function open(files: Exclude<Files, string>, policy?: string) {
    const { port, close } = await servePage(files);
    closers.push(close);
    const page = await context.newPage();
    const said: string[] = [];
    // Of tabs that the page opens, too.
    context.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    if (policy !== undefined) {
      await page.route("**/", async (route) => {
        const response = await route.fetch();
        const headers = { ...response.headers(), "content-security-policy": policy };
        await route.fulfill({ response, headers });
      });
    }
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.evaluate(() => window.ready);
    return { page, said };
  }

  const byTags = (...scripts: readonly string[]) => ({
    ...PAGE_FILES,
    "model.js": MODEL,
    "page.css": "button, td { font-size: 40px !important; display: none }",
    "index.html": html("tf.es2017.min.js", "tf-backend-webgpu.min.js", ...scripts, "model.js"),
  });

  /** The texts of the panel's rows. */
  const rows = (page: Page) =>
    page
      .locator("opcounter-panel tbody tr")
      .evaluateAll((lines) =>
        lines.map((line) => [...line.querySelectorAll("td")].map((cell) => cell.textContent)),
      );

  async function attachAndRun(page: Page): Promise<void> {
    await page.evaluate(async () => {
      window.detach = await window.opcounter.attach();
      window.run();
    });
    await page.locator("opcounter-panel tbody tr").first().waitFor();
  }

  /** As a person opens a bookmark: the browser runs it, and not the page. */
  async function pressBookmark(page: Page): Promise<void> {
    const session = await context.newCDPSession(page);
    await session.send("Page.navigate", { url: BOOKMARKLET, transitionType: "auto_bookmark" });
    await session.detach();
  }

  for (const [name, policy] of [
    ["no content security policy", undefined],
    ["a strict content security policy", POLICY],
  ] as const) {
    it(`lists passes, opens their report, copies them and leaves nothing, under ${name}`, async () => {
      const { page, said } = await open(byTags("opcounter.min.js"), policy);
      const before = await page.evaluate(() => window.state());
      await attachAndRun(page);
      const [row = []] = await rows(page);
      expect(row.slice(0, 5)).to.deep.equal(["1", row[1], "48.61 K", "–", row[4]]);
      // The page's styles do not reach the panel.
      const button = page.locator("opcounter-panel").getByRole("button", { name: "Report" });
      expect(await button.evaluate((element) => getComputedStyle(element).fontSize)).to.equal(
        "13px",
      );

      const popup = page.waitForEvent("popup");
      await button.click();
      const report = await popup;
      await report.locator(".tile").first().waitFor();
      expect(await report.locator("h1").textContent()).to.equal(row[1]);
      expect(
        await report
          .locator(".tile")
          .first()
          .evaluate((tile) => getComputedStyle(tile).display),
      ).to.not.equal("inline");
      await report.close();

      await page.locator("opcounter-panel").getByRole("button", { name: "Copy JSON" }).click();
      await page.locator("opcounter-panel").getByText("Copied.").waitFor();
      const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
      expect(copied.report.totals.macs).to.equal(MACS);

      await page.evaluate(() => {
        window.detach();
        Reflect.deleteProperty(window, "detach");
      });
      expect(await page.evaluate(() => window.state())).to.deep.equal(before);
      expect(said).to.deep.equal([]);
      await page.close();
    });
  }

  it("has the buttons of a row in sight, also on a phone", async () => {
    const { page } = await open(byTags("opcounter.min.js"));
    await attachAndRun(page);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 800 });
      const copy = page.locator("opcounter-panel").getByRole("button", { name: "Copy JSON" });
      const { x, width: wide } = (await copy.boundingBox()) ?? { x: width, width: 0 };
      // The panel ends 12 pixels before the page.
      expect(x + wide).to.be.at.most(width - 12);
    }
    await page.close();
  });

  it("has the dispatches and the ops on the host of a page that runs on WebGPU", async () => {
    const script = `
      await tf.setBackend("webgpu");
      const turn = () => new Promise((resolve) => setTimeout(resolve, 50));
      const [x, y] = [tf.ones([40, 40]), tf.ones([4])];
      const detach = await opcounter.attach();
      const product = x.matMul(x).relu();
      await turn();
      // What is small and on the host, tfjs computes there.
      y.add(1);
      await turn();
      const lines = document.querySelector("opcounter-panel").shadowRoot.querySelectorAll("tbody tr");
      const counts = [...lines].map(({ children }) =>
        [...children].slice(2, 5).map(({ textContent }) => textContent));
      detach();
      const [value] = await product.data();
      const patched = Object.getOwnPropertyNames(tf.backend().device);
      await fetch("/result", { method: "POST", body: JSON.stringify({ counts, value, patched }) });`;
    const found = await openPage({ files: { ...TAGGED_FILES, "page.js": script } });
    expect(found).to.deep.equal({
      counts: [
        ["0", "0", "1"],
        ["64.00 K", "2", "0"],
      ],
      value: 40,
      patched: [],
    });
  });

  it("records one pass, and no more", async () => {
    const { page } = await open(byTags("opcounter.min.js"));
    await page.evaluate(() => window.opcounter.attach());
    await page.locator("opcounter-panel").getByRole("button", { name: "Record one pass" }).click();
    for (let pass = 0; pass < 3; pass++) {
      await page.evaluate(() => window.run());
      await page.waitForTimeout(50);
    }
    expect(await rows(page)).to.have.lengthOf(1);
    await page.locator("opcounter-panel").getByText("Paused.").waitFor();
    await page.locator("opcounter-panel").getByRole("button", { name: "Close" }).click();
    expect(await page.locator("opcounter-panel").count()).to.equal(0);
    await page.close();
  });

  const PASSES = {
    alike: "run()",
    "all different": "tf.tidy(() => void tf.ones([4, (at = at + 1)]).relu().sum().neg())",
  };
  for (const [name, pass] of Object.entries(PASSES)) {
    it(`keeps 50 passes, and the heap flat over 100 more: ${name}`, async () => {
      const { page } = await open(byTags("opcounter.min.js"));
      await attachAndRun(page);
      await page.evaluate("globalThis.at = 0");
      const session = await context.newCDPSession(page);
      const heapAfter = async (passes: number) => {
        for (let ran = 0; ran < passes; ran++) {
          await page.evaluate(`${pass}; new Promise((resolve) => setTimeout(resolve, 2))`);
        }
        await session.send("HeapProfiler.collectGarbage");
        return (await session.send("Runtime.getHeapUsage")).usedSize;
      };
      const warm = await heapAfter(100);
      expect((await heapAfter(100)) - warm).to.be.below(300_000);
      expect(await rows(page)).to.have.lengthOf(50);
      await page.close();
    });
  }

  it("keeps the heap flat over 100 passes of a page that runs on WebGPU", async () => {
    const script = `
      await tf.setBackend("webgpu");
      const detach = await opcounter.attach();
      const heapAfter = async (passes) => {
        for (let ran = 0; ran < passes; ran++) {
          tf.tidy(() => void tf.ones([40, 40]).matMul(tf.ones([40, 40])).relu());
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        await tf.backend().queue.onSubmittedWorkDone();
        gc();
        return performance.memory.usedJSHeapSize;
      };
      const warm = await heapAfter(200);
      const more = (await heapAfter(100)) - warm;
      const rows = document.querySelector("opcounter-panel").shadowRoot.querySelectorAll("tbody tr");
      const result = { more, rows: rows.length, dispatches: rows[0].children[3].textContent };
      detach();
      await fetch("/result", { method: "POST", body: JSON.stringify(result) });`;
    const found = await openPage({
      files: { ...TAGGED_FILES, "page.js": script },
      flags: ["--js-flags=--expose-gc", "--enable-precise-memory-info"],
    });
    const { more, ...others } = Object(found);
    expect(more).to.be.below(300_000);
    expect(others.rows).to.equal(50);
    expect(Number(others.dispatches)).to.be.above(1);
  });

  describe("as a bookmarklet", () => {
    const policies = {
      "no policy": undefined,
      "a policy of the page's own scripts": POLICY,
      "a policy of trusted types": `${POLICY}; require-trusted-types-for 'script'; trusted-types 'none'`,
    };
    for (const [name, policy] of Object.entries(policies)) {
      it(`lists passes and leaves nothing, under ${name}`, async () => {
        const { page, said } = await open(byTags(), policy);
        const before = await page.evaluate(() => window.state());
        await pressBookmark(page);
        const panel = page.locator("opcounter-panel");
        await panel.waitFor({ state: "attached" });
        // Another press puts a fresh panel there.
        await pressBookmark(page);
        await page.evaluate(() => window.run());
        await panel.locator("tbody tr").first().waitFor();
        const [row = []] = await rows(page);
        expect(row.slice(2, 3)).to.deep.equal(["48.61 K"]);
        await panel.getByRole("button", { name: "Close" }).click();
        expect(await page.evaluate(() => window.state())).to.deep.equal(before);
        expect(said).to.deep.equal([]);
        await page.close();
      });
    }

    it("says what is missing on a page without TensorFlow.js and WebGPU", async () => {
      const { page } = await open({ "index.html": html() });
      // A page has no WebGPU where its address is not secure.
      await page.evaluate("delete Navigator.prototype.gpu");
      const dialog = page.waitForEvent("dialog");
      const pressed = pressBookmark(page);
      const shown = await dialog;
      expect(shown.message()).to.include("neither TensorFlow.js nor WebGPU");
      await shown.dismiss();
      await pressed;
      await page.close();
    });

    it("fits into the address that a browser takes", () => {
      // Firefox takes 1 MiB, Chromium 2.
      expect(BOOKMARKLET.length).to.be.below(2 ** 20);
      expect(BOOKMARKLET).to.not.match(/[\r\n\t]/);
    });
  });

  it("closes the details of a report in a tab by Escape pressed there", async () => {
    const { page } = await open(byTags("opcounter.min.js"));
    await attachAndRun(page);
    const popup = page.waitForEvent("popup");
    await page.locator("opcounter-panel").getByRole("button", { name: "Report" }).click();
    const report = await popup;
    await report.getByRole("tab", { name: "Ops" }).click();
    await report.locator("tbody tr:not(.space)").first().click();
    await report.locator(".detail").waitFor();
    await page.keyboard.press("Escape");
    expect(await report.locator(".detail").count()).to.equal(1);
    await report.keyboard.press("Escape");
    await report.locator(".detail").waitFor({ state: "detached" });
    await page.close();
  });

  it("attaches to a page whose tfjs is bundled and which did not build it in", async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import * as tf from "@tensorflow/tfjs"; ${MODEL}`,
        resolveDir: import.meta.dirname,
      },
      ...{ bundle: true, write: false, format: "iife", logLevel: "error" },
    });
    const bundled = outputFiles[0]?.text ?? "";
    const { page, said } = await open({
      "app.js": bundled,
      "page.css": "",
      "index.html": html("app.js"),
    });
    await pressBookmark(page);
    await page.evaluate(() => window.run());
    await page.locator("opcounter-panel tbody tr").first().waitFor();
    const [row = []] = await rows(page);
    expect(row.slice(0, 3)).to.deep.equal(["1", "page", "48.61 K"]);
    expect(said).to.deep.equal([]);
    await page.close();
  });

  it("is a snippet of the developer tools where a policy forbids its script", async () => {
    const { "opcounter.overlay.min.js": overlay, ...files } = byTags();
    const policy = `${POLICY}; require-trusted-types-for 'script'; trusted-types 'none'`;
    const { page } = await open(files, policy);
    await page.evaluate(String(overlay));
    await page.evaluate("opcounterOverlay.attach(); run();");
    await page.locator("opcounter-panel tbody tr").first().waitFor();
    await page.close();
  });

  it("says what is missing on a page without TensorFlow.js and WebGPU", async () => {
    const files = { ...SHIPPED, "index.html": html("opcounter.min.js") };
    const { page } = await open(files);
    await page.evaluate("delete Navigator.prototype.gpu");
    const error = await page.evaluate(() => window.opcounter.attach().catch(String));
    expect(error).to.include("neither TensorFlow.js nor WebGPU");
    expect(await page.locator("opcounter-panel").count()).to.equal(0);
    await page.close();
  });
});

describe("the overlay's script", () => {
  it("has no eval, which a content security policy may forbid", () => {
    expect(String(SHIPPED["opcounter.overlay.min.js"])).to.not.match(/\beval\(|new Function\(/);
  });
});
