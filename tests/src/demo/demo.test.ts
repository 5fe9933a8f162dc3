import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { servePage } from "../browser/server.ts";
import { opcounter, temporaryFolder } from "../command-line.ts";
import { AXE } from "../report/report-page.ts";
import { openSite, reportOn, type Site, totalOn } from "./site.ts";

const MACS = 14 * 14 * 8 * 27 + 14 * 14 * 8 * 4;
const BASIC_PITCH = dirname(
  createRequire(import.meta.url).resolve("@spotify/basic-pitch/model/model.json"),
);

/** The files of a small model, as TensorFlow.js saves it, by name. */
async function smallModel(): Promise<Readonly<Record<string, string | Uint8Array>>> {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "conv", inputShape: [16, 16, 3], filters: 8, kernelSize: 3 }),
      tf.layers.dense({ name: "fc", units: 4, activation: "softmax" }),
    ],
  });
  let files: Record<string, string | Uint8Array> = {};
  await model.save({
    save: async ({ modelTopology, weightSpecs: weights, weightData }) => {
      if (!(weightData instanceof ArrayBuffer)) throw new Error("the weights are one buffer");
      const paths = ["group1-shard1of2.bin", "group1-shard2of2.bin"];
      const bytes = new Uint8Array(weightData);
      files = {
        "model.json": JSON.stringify({ modelTopology, weightsManifest: [{ paths, weights }] }),
        "group1-shard1of2.bin": bytes.slice(0, 100),
        "group1-shard2of2.bin": bytes.slice(100),
      };
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
    },
  });
  model.dispose();
  return files;
}

const alertOn = (page: Page) => page.getByRole("alert").textContent({ timeout: 30_000 });
const profileButtons = (page: Page) => page.getByRole("button", { name: "Profile" });

/** The file that a press on a button saves. */
async function savedBy(page: Page, button: string) {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  const file = await download;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

describe("the demo site @linux", () => {
  let site: Site;
  const model = temporaryFolder();
  let paths: string[];
  before(async () => {
    site = await openSite();
    paths = Object.entries(await smallModel()).map(([name, bytes]) => model.write(name, bytes));
  });
  after(async () => {
    await site.close();
    model.remove();
  });

  it("loads a few kB at first, and TensorFlow.js and the report when they are needed", async () => {
    const { page, files } = await site.open();
    await page.waitForLoadState("networkidle");
    const first = [...new Set(files)];
    const kB = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + gzipSync(readFileSync(join(site.folder, name))).length, 0) /
      1000;
    expect(kB(first)).to.be.below(18);
    await profileButtons(page).first().click();
    await reportOn(page);
    const all = [...new Set(files)];
    expect(all).to.include("worker.js");
    expect(all.some((name) => name.startsWith("mount"))).to.equal(true);
    // What reads a model.json, times passes and draws a saved report is not for this.
    expect(
      all.filter((name) => /^(model-json|read-weights|timing|html-file|report)/.test(name)),
    ).to.deep.equal([]);
    expect(kB(all)).to.be.within(300, 620);
    await page.context().close();
  });

  it("profiles a model of the zoo, and its address is a link to it", async () => {
    const { page, said } = await site.open();
    await page.getByLabel("A model of the zoo").selectOption("squeezenet1_1");
    await profileButtons(page).first().click();
    await reportOn(page);
    const { totals } = JSON.parse(
      opcounter(["profile", "squeezenet1_1", "--format", "json"]).stdout,
    );
    for (const quantity of ["params", "macs", "flops", "dispatches"]) {
      expect(await totalOn(page, quantity), quantity).to.equal(totals[quantity]);
    }
    expect(new URL(page.url()).search).to.equal("?model=squeezenet1_1");

    await page.getByLabel("Convention").selectOption("thop@head");
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByText("Copied.").waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const { page: other } = await site.open(link.slice(link.indexOf("?")));
    await reportOn(other);
    expect(await other.getByLabel("Convention").inputValue()).to.equal(
      await page.getByLabel("Convention").inputValue(),
    );
    expect(await totalOn(other, "macs")).to.equal(await totalOn(page, "macs"));
    expect(said).to.deep.equal([]);
    for (const each of [page, other]) await each.context().close();
  });

  it("goes back and forth between models, and keeps the convention", async () => {
    const { page } = await site.open("?model=gru&inputs=1x2x128#convention=thop@head");
    await reportOn(page);
    await page.getByLabel("A model of the zoo").selectOption("lstm");
    await profileButtons(page).first().click();
    await page.locator(".report h1", { hasText: "lstm" }).waitFor();
    expect(new URL(page.url()).hash).to.equal("#convention=thop@head");
    await page.goBack();
    await page.locator(".report h1", { hasText: "gru" }).waitFor();
    expect(await page.getByLabel("A model of the zoo").inputValue()).to.equal("gru");
    await page.context().close();
  });

  it("profiles model files that are dropped on it", async () => {
    const { page, said } = await site.open();
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await session.send("Input.dispatchDragEvent", { type, x: 700, y: 800, data });
    }
    await reportOn(page);
    expect(await totalOn(page, "macs")).to.equal(MACS);
    expect(new URL(page.url()).search).to.equal("");
    expect(await page.getByRole("button", { name: "Copy link" }).count()).to.equal(0);
    expect(said).to.deep.equal([]);
    await page.context().close();
  });

  it("profiles a folder that is dropped on it, and files that are chosen", async () => {
    const { page } = await site.open();
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [model.path], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await session.send("Input.dispatchDragEvent", { type, x: 700, y: 800, data });
    }
    await reportOn(page);
    expect(await totalOn(page, "macs")).to.equal(MACS);
    await page.getByLabel("Your own model").setInputFiles(paths);
    await reportOn(page);
    await page.getByLabel("Your own model").setInputFiles(paths.slice(1));
    expect(await alertOn(page)).to.match(/^There is no model.json among group1-shard/);
    await page.context().close();
  });

  it("profiles a model of an npm package", async () => {
    const { page } = await site.open();
    await page
      .context()
      .route("https://cdn.jsdelivr.net/npm/@spotify/basic-pitch/model/*", (route) =>
        route.fulfill({
          path: join(BASIC_PITCH, route.request().url().split("/").at(-1) ?? ""),
          headers: { "access-control-allow-origin": "*" },
        }),
      );
    await page.getByRole("button", { name: "basic-pitch" }).click();
    await profileButtons(page).nth(1).click();
    await reportOn(page);
    const { stdout } = opcounter([
      "profile",
      "npm:@spotify/basic-pitch/model/model.json",
      "--format",
      "json",
    ]);
    const { totals } = JSON.parse(stdout);
    for (const quantity of ["params", "macs", "flops"]) {
      expect(await totalOn(page, quantity), quantity).to.equal(totals[quantity]);
    }
    expect(new URL(page.url()).search).to.equal("?model=npm:@spotify/basic-pitch/model/model.json");
    // Its folder names it, too, as on the command line.
    const macs = await totalOn(page, "macs");
    await page.goto(page.url().replace("/model.json", ""));
    await reportOn(page);
    expect(await totalOn(page, "macs")).to.equal(macs);
    await page.context().close();
  });

  it("says in one sentence why an address cannot be read", async () => {
    const { port, close } = await servePage(model.path);
    const closed = await servePage({});
    closed.close();
    const sentences = {
      [`http://127.0.0.1:${port}/model.json`]: `http://127.0.0.1:${port}/model.json cannot be fetched: its server does not let pages of other sites read it (CORS); download the model and drop its files here, or name an npm package.`,
      [`http://127.0.0.1:${closed.port}/model.json`]: `http://127.0.0.1:${closed.port}/model.json cannot be fetched: no server answers there; check the address and the network.`,
      mobilenet_v3: 'The zoo has no model "mobilenet_v3". Did you mean "mobilenet_v3_large"?',
      "squeezenet1_1&inputs=1x8":
        'Input "image" must be f32[?,?,?,3], and the tensor given is f32[1,8].',
      "squeezenet1_1&inputs=big":
        "The shape big cannot be read; write it as 1x224x224x3, or as image=1x224x224x3.",
    };
    for (const [address, sentence] of Object.entries(sentences)) {
      const { page } = await site.open(`?model=${address}`);
      expect(await alertOn(page)).to.include(sentence);
      await page.context().close();
    }
    close();
  });

  it("saves the report as the command line's JSON, by the convention that is shown", async () => {
    const options = { gru: ["--input", "1x2x128"], squeezenet1_1: [] };
    for (const [name, input] of Object.entries(options)) {
      const shapes = input[1] === undefined ? "" : `&inputs=${input[1]}`;
      const { page } = await site.open(`?model=${name}${shapes}#convention=thop@head`);
      await reportOn(page);
      const file = await savedBy(page, "JSON");
      expect(file.name).to.equal(`${name}.json`);
      const args = ["profile", name, ...input, "--convention", "thop@head", "--format", "json"];
      expect(JSON.parse(file.text)).to.deep.equal(JSON.parse(opcounter(args).stdout));
      await page.context().close();
    }
  });

  it("saves the report as one HTML file", async () => {
    const { page } = await site.open("?model=gru&inputs=1x2x128");
    await reportOn(page);
    const file = await savedBy(page, "HTML file");
    expect(file.name).to.equal("gru.html");
    const other = await page.context().newPage();
    await other.setContent(file.text);
    await other.locator(".tile").first().waitFor();
    expect(await other.locator("h1").textContent()).to.equal("gru");
    await page.context().close();
  });

  it("stops what runs", async () => {
    const { page } = await site.open("?model=gpt2");
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("One pass of the model").waitFor();
    await page.getByLabel("Input shapes").fill("1x2x128");
    await page.getByLabel("A model of the zoo").selectOption("gru");
    await page.getByLabel("A model of the zoo").press("Tab");
    await page.keyboard.press("Enter");
    await reportOn(page);
    expect(await page.locator(".report h1").textContent()).to.equal("gru");
    await page.context().close();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [390, 1440]) {
      it(`is accessible and as wide as the window: ${colorScheme}, ${width} pixels`, async () => {
        const { page } = await site.open("", width);
        await page.emulateMedia({ colorScheme });
        // As a program of the browser's own: the page's policy forbids scripts of others.
        await page.evaluate(readFileSync(AXE, "utf8"));
        const check = async () => {
          const found = await page.evaluate(
            "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))",
          );
          expect(found).to.deep.equal([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).to.be.at.most(
            width,
          );
        };
        await check();
        await page.getByLabel("A model of the zoo").selectOption("squeezenet1_1");
        await profileButtons(page).first().click();
        await reportOn(page);
        await check();
        await page.context().close();
      });
    }
  }
});

describe("the demo site on WebGPU @linux", () => {
  let site: Site;
  before(async () => {
    site = await openSite([
      "--enable-unsafe-webgpu",
      "--use-webgpu-adapter=swiftshader",
      "--enable-features=Vulkan",
      "--use-vulkan=swiftshader",
    ]);
  });
  after(() => site.close());

  it("runs and times a model on the page's GPU", async () => {
    const { page } = await site.open("?model=gru&inputs=1x2x128");
    await reportOn(page);
    const macs = await totalOn(page, "macs");
    await page.getByLabel("This browser's GPU").check();
    await profileButtons(page).first().click();
    await page.locator(".report .facts", { hasText: "software" }).waitFor({ timeout: 60_000 });
    expect(await totalOn(page, "macs")).to.equal(macs);
    await page.getByRole("tab", { name: "Time" }).waitFor();
    expect(new URL(page.url()).search).to.equal("?model=gru&device=gpu&inputs=1x2x128");
    await page.context().close();
  });
});

describe("the demo site where WebGPU is absent @linux", () => {
  let site: Site;
  before(async () => {
    // What is not served securely has no WebGPU, and no clipboard.
    site = await openSite(["--host-resolver-rules=MAP insecure.test 127.0.0.1"], "insecure.test");
  });
  after(() => site.close());

  it("counts on the virtual device, and says that there is no GPU to choose", async () => {
    const { page, said } = await site.open("?model=gru&inputs=1x2x128");
    await reportOn(page);
    expect(await totalOn(page, "macs")).to.be.above(0);
    const gpu = page.getByLabel("This browser's GPU");
    expect(await gpu.isDisabled()).to.equal(true);
    await page.getByText("needs WebGPU, which it lacks").waitFor();
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByText("The browser does not let this page copy.").waitFor();
    expect(said).to.deep.equal([]);
    await page.context().close();
  });

  it("says in a sentence that a link asks for a GPU that is not there", async () => {
    const { page } = await site.open("?model=gru&device=gpu");
    expect(await alertOn(page)).to.equal(
      "No GPU answers this page's WebGPU; choose the virtual device, which needs none.",
    );
    await page.context().close();
  });
});
