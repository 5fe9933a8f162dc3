import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import type mermaid from "mermaid";
import { type Browser, chromium, type Page } from "playwright-core";
import { complaint, opcounter, temporaryFolder } from "../command-line.ts";
import { graphOf, HOSTILE_NAMES } from "../hostile-names.ts";
import { locateChromium } from "./chromium.ts";

declare global {
  interface Window {
    mermaid: typeof mermaid;
  }
}

const { resolve } = createRequire(import.meta.url);
const MERMAID = join(dirname(resolve("mermaid")), "mermaid.min.js");
const SPEEDSCOPE = join(
  dirname(resolve("speedscope/dist/release/file-format-schema.json")),
  "index.html",
);

describe("the programs that read exports @linux", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  let browser: Browser;
  before(async () => {
    folder.write("g.ir", graphOf(HOSTILE_NAMES.join("")));
    const { program, environment } = locateChromium();
    browser = await chromium.launch({
      executablePath: program,
      args: ["--no-sandbox"],
      env: { ...process.env, ...environment },
    });
  });
  after(async () => {
    await browser.close();
    folder.remove();
  });

  function exported(...args: readonly string[]): string {
    const { stdout, status } = opcounter(["profile", ...args], folder.path);
    expect(status).to.equal(0);
    return stdout;
  }

  describe("Mermaid", () => {
    let page: Page;
    before(async () => {
      page = await browser.newPage();
      await page.addScriptTag({ path: MERMAID });
      await page.evaluate(() => window.mermaid.initialize({ startOnLoad: false }));
    });

    it("parses every graph", async () => {
      for (const args of [
        ["resnet50"],
        ["resnet18", "--by", "op"],
        ["gpt2"],
        ["g.ir", "--by", "op"],
      ]) {
        const text = exported(...args, "--format", "mermaid");
        const found = await page.evaluate((text) => window.mermaid.parse(text), text);
        expect(found, args.join(" "))
          .to.have.property("diagramType")
          .that.matches(/^flowchart/);
      }
    });

    it("is given no graph that it would not draw", () => {
      expect(complaint(["profile", "gpt2", "--by", "op", "--format", "mermaid"])).to.match(
        /Mermaid draws fewer than 500 edges .* this graph has [\d,]+ edges; choose .* --depth 1, or --format dot/,
      );
    });

    it("draws a node for each scope, with its name and its cost", async () => {
      const text = exported("resnet18", "--format", "mermaid");
      const labels = await page.evaluate(async (text) => {
        const { svg } = await window.mermaid.render("drawn", text);
        const drawn = new DOMParser().parseFromString(svg, "text/html");
        return [...drawn.querySelectorAll(".node")].map((node) => node.textContent?.trim());
      }, text);
      expect(labels).to.have.length([...text.matchAll(/^ +n\d+\[/gm)].length);
      expect(labels.join()).to.match(/conv1\s*118\.0 M macs/);
    });

    it("takes a hostile name for text", async () => {
      const text = exported("g.ir", "--by", "op", "--format", "mermaid");
      const elements = await page.evaluate(async (text) => {
        const { svg } = await window.mermaid.render("hostile", text);
        const drawn = new DOMParser().parseFromString(svg, "text/html");
        return [...drawn.querySelectorAll("script, a, img")].length;
      }, text);
      expect(elements).to.equal(0);
    });
  });

  describe("speedscope", () => {
    /** Opens an export in it as its command line does. */
    async function open(name: string, text: string): Promise<Page> {
      const data = Buffer.from(text).toString("base64");
      const script = folder.write(
        `${name}.js`,
        `speedscope.loadFileFromBase64(${JSON.stringify(name)}, ${JSON.stringify(data)});`,
      );
      const page = await browser.newPage();
      await page.goto(`${pathToFileURL(SPEEDSCOPE).href}#localProfilePath=${script}`);
      // Its name for "the order of the file", which it shows where it could read one.
      await page.getByText("Time Order").waitFor();
      return page;
    }

    it("shows a flame graph of costs, of predicted times, and a trace", async () => {
      const formats: [shown: string, ...args: string[]][] = [
        ["flops", "--format", "speedscope", "--sort", "flops"],
        ["GPU, predicted", "--format", "speedscope", "--device-spec", "h100"],
        ["GPU", "--format", "trace", "--device-spec", "h100"],
      ];
      for (const [i, [shown, ...args]] of formats.entries()) {
        for (const target of ["resnet18", "g.ir"]) {
          const page = await open(`${target}${i}`, exported(target, ...args));
          expect(await page.locator("body").textContent()).to.include(shown);
          await page.close();
        }
      }
    });
  });
});
