/// <reference types="chrome" />
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import {
  type BrowserContext,
  type CDPSession,
  chromium,
  type Page,
  type Worker,
} from "playwright-core";
import { type PageServer, servePage } from "../browser/server.ts";
import { temporaryFolder } from "../command-line.ts";
import { PAGE_FILES } from "../script-tag/page-files.ts";

/** The folder that a person loads unpacked. */
const EXTENSION = fileURLToPath(new URL("../../../packages/cli/dist/extension", import.meta.url));

/** A page that knows nothing of opcounter, under a policy that allows its own scripts alone. */
const html = (...scripts: readonly string[]) => `<!doctype html>
<html lang="en"><head><title>a page</title><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'">
</head><body>${scripts.map((script) => `<script src="/${script}"></script>`).join("")}</body></html>`;

const MODEL = `
  window.ready = tf.setBackend("cpu").then(() => {});
  window.run = () => tf.tidy(() => void tf.ones([40, 40]).matMul(tf.ones([40, 40])));
  window.state = () => ({
    globals: Object.getOwnPropertyNames(window).sort(),
    patched: Object.hasOwn(tf.engine(), "runKernel"),
    elements: document.querySelectorAll("*").length,
  });`;

declare global {
  interface Window {
    ready: Promise<void>;
    run: () => void;
    state: () => object;
  }
}

describe("the browser extension", () => {
  const profile = temporaryFolder();
  let context: BrowserContext;
  let extension: Worker;
  let session: CDPSession;
  let server: PageServer;
  before(async () => {
    const program = process.env["CHROMIUM"];
    if (program === undefined) throw new Error("run this by npm run test:extension");
    server = await servePage({
      ...PAGE_FILES,
      "model.js": MODEL,
      "index.html": html("tf.es2017.min.js", "model.js"),
      "plain.html": html(),
    });
    context = await chromium.launchPersistentContext(profile.path, {
      executablePath: program,
      headless: false,
      args: [
        "--headless=new",
        "--no-sandbox",
        `--disable-extensions-except=${EXTENSION}`,
        `--load-extension=${EXTENSION}`,
        "--disable-features=DisableLoadExtensionCommandLineSwitch",
        // Lets a test press the extension's button.
        "--enable-unsafe-extension-debugging",
      ],
    });
    extension = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
    const browser = context.browser();
    if (browser === null) throw new Error("the context has no browser");
    session = await browser.newBrowserCDPSession();
  });
  after(async () => {
    await context?.close();
    server.close();
    profile.remove();
  });

  async function open(path: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${server.port}/${path}`);
    await page.bringToFront();
    return page;
  }

  /** Presses the extension's button over a page, as a person does; the page is then its to change. */
  async function press(page: Page): Promise<void> {
    const filter = [{ type: "tab" }];
    const { targetInfos } = await session.send("Target.getTargets", { filter });
    const tab = targetInfos.find(({ url }) => url === page.url());
    if (tab === undefined) throw new Error(`there is no tab of ${page.url()}`);
    const id = new URL(extension.url()).host;
    await session.send("Extensions.triggerAction", { id, targetId: tab.targetId });
  }

  /** What the button says over a page: its badge, and its title. */
  const said = (page: Page) =>
    extension.evaluate(async (url) => {
      const [tab] = await chrome.tabs.query({ url });
      const { id: tabId = -1 } = tab ?? {};
      return [await chrome.action.getBadgeText({ tabId }), await chrome.action.getTitle({ tabId })];
    }, page.url());

  it("asks for the page it is pressed on, and for no other", () => {
    const { permissions, host_permissions, content_scripts } = JSON.parse(
      readFileSync(`${EXTENSION}/manifest.json`, "utf8"),
    );
    expect(permissions).to.deep.equal(["activeTab", "scripting"]);
    expect([host_permissions, content_scripts]).to.deep.equal([undefined, undefined]);
  });

  it("puts the panel on a page under a strict content security policy, and takes all of it away", async () => {
    const page = await open("");
    await page.evaluate(() => window.ready);
    const before = await page.evaluate(() => window.state());
    await press(page);
    const panel = page.locator("opcounter-panel");
    await panel.waitFor({ state: "attached" });
    await page.evaluate(() => window.run());
    const row = panel.locator("tbody tr").first();
    await row.waitFor();
    expect(await row.locator("td").nth(2).textContent()).to.equal("64.00 K");

    const popup = page.waitForEvent("popup");
    await panel.getByRole("button", { name: "Report" }).click();
    const report = await popup;
    await report.locator(".tile").first().waitFor();
    await report.close();

    await press(page);
    await panel.waitFor({ state: "detached" });
    expect(await page.evaluate(() => window.state())).to.deep.equal(before);
    await page.close();
  });

  it("says on its button what is missing where a page has no TensorFlow.js and no WebGPU", async () => {
    const page = await open("plain.html");
    await page.evaluate("delete Navigator.prototype.gpu");
    await press(page);
    const told = async () => (await said(page))[0] === "!";
    for (let tries = 0; tries < 50 && !(await told()); tries++) await page.waitForTimeout(100);
    const [badge, title] = await said(page);
    expect(badge).to.equal("!");
    expect(title).to.include("neither TensorFlow.js nor WebGPU");
    expect(await page.locator("opcounter-panel").count()).to.equal(0);
    await page.close();
  });
});
