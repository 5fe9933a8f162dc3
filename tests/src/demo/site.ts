import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { locateChromium } from "../browser/chromium.ts";
import { servePage } from "../browser/server.ts";
import { temporaryFolder } from "../command-line.ts";

const SCRIPT = join(import.meta.dirname, "../../../scripts/demo.mjs");

/** The demo site, built as `npm run demo -- --out` builds it, below a path of a server. */
export interface Site {
  /** The folder that it was built into. */
  readonly folder: string;
  /** Opens the site at an address such as `?model=gru`. */
  readonly open: (address?: string, width?: number) => Promise<OpenSite>;
  readonly close: () => Promise<void>;
}

export interface OpenSite {
  readonly page: Page;
  /** What the console was told, and errors that nothing caught. */
  readonly said: readonly string[];
  /** The files of the site that were asked for, in order. */
  readonly files: readonly string[];
}

/** @param host what the browser takes for the name of this machine. */
export async function openSite(flags: readonly string[] = [], host = "127.0.0.1"): Promise<Site> {
  const root = temporaryFolder();
  const folder = join(root.path, "deployed/here");
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, "--out", folder], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the demo cannot be built: ${stderr}`);
  const { port, close } = await servePage(root.path);
  const base = `http://${host}:${port}/deployed/here/`;
  const { program, environment } = locateChromium();
  const browser: Browser = await chromium.launch({
    executablePath: program,
    args: ["--no-sandbox", ...flags],
    env: { ...process.env, ...environment },
  });
  return {
    folder,
    open: async (address = "", width = 1440) => {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        permissions: host === "127.0.0.1" ? ["clipboard-read", "clipboard-write"] : [],
      });
      const page = await context.newPage();
      const [said, files]: [string[], string[]] = [[], []];
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (url.href.startsWith(base))
          files.push(url.pathname.slice(new URL(base).pathname.length));
      });
      await page.goto(`${base}index.html${address}`);
      await page.locator("h1").waitFor();
      return { page, said, files };
    },
    close: async () => {
      await browser.close();
      close();
      root.remove();
    },
  };
}

/** Waits for the report, or throws what the page says went wrong. */
export async function reportOn(page: Page): Promise<void> {
  const shown = page.locator(".report .tile").first();
  const failed = page.getByRole("alert");
  await shown.or(failed).first().waitFor({ timeout: 60_000 });
  if (await failed.isVisible()) throw new Error(String(await failed.textContent()));
}

/** A total of the report, as it is in the document. */
export async function totalOn(page: Page, quantity: string): Promise<number> {
  const tile = page.locator(`.report .tile[data-quantity="${quantity}"]`);
  return Number(await tile.getAttribute("data-total"));
}
