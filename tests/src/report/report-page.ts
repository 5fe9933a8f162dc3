import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { locateChromium } from "../browser/chromium.ts";
import { temporaryFolder } from "../command-line.ts";

/** A report as a person has it open: from disk. */
export interface OpenReport {
  readonly page: Page;
  /** What the console was told, and errors that nothing caught. */
  readonly said: readonly string[];
  /** Every address that was asked for, besides the file itself. */
  readonly requests: readonly string[];
  /** Milliseconds from the start of loading to the first paint of the totals. */
  readonly shownAfter: number;
}

export interface Reports {
  /** Opens an HTML text as a file, at an address such as `#op=42`. */
  readonly open: (html: string, address?: string, width?: number) => Promise<OpenReport>;
  readonly close: () => Promise<void>;
}

/** A browser to open reports in. */
export async function openReports(): Promise<Reports> {
  const { program, environment } = locateChromium();
  const folder = temporaryFolder();
  const browser: Browser = await chromium.launch({
    executablePath: program,
    args: ["--no-sandbox"],
    env: { ...process.env, ...environment },
  });
  let files = 0;
  return {
    open: async (html, address = "", width = 1440) => {
      const file = pathToFileURL(folder.write(`${files++}.html`, html)).href;
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      const [said, requests]: [string[], string[]] = [[], []];
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      page.on("request", (request) => {
        if (!request.url().startsWith(file)) requests.push(request.url());
      });
      await page.goto(`${file}${address}`);
      await page.locator(".tile").first().waitFor();
      const shownAfter = await page.evaluate(
        () =>
          new Promise<number>((resolve) =>
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))),
          ),
      );
      return { page, said, requests, shownAfter };
    },
    close: async () => {
      await browser.close();
      folder.remove();
    },
  };
}

/** Where axe-core's script lies. */
export const AXE = join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js");
