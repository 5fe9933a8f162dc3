import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { openPage } from "../browser/chromium.ts";
import { makeProject, type Project } from "./project.ts";

/** What a program writes: a graph, its report, and one HTML file of both. */
const WRITE = `
import { writeFileSync } from "node:fs";
import { count, parse, render } from "opcounter";
import { reportDocument, reportHtml } from "@opcounter/report";
import { script } from "@opcounter/report/script";
const graph = await parse(\`graph "tiny" device=virtual {
  %x = input "x" : f32[1,8]
  %0 = Relu(x=%x) : f32[1,8]  @layer
  return %0
}\`);
const document = reportDocument({ graph, reports: [count(graph)] });
writeFileSync("document.json", JSON.stringify(document));
writeFileSync("report.html", await reportHtml(document, script));
writeFileSync("rendered.html", await render(count(graph), { format: "html", graph }));
`;

/** A page that mounts the document with the packed module, and posts what it shows. */
const MOUNT = `
import { mount } from "./mount.js";
const element = document.createElement("div");
document.body.append(element);
const takeAway = mount(element, await (await fetch("/document.json")).json());
const shown = () => element.shadowRoot.textContent;
const before = shown();
takeAway();
await fetch("/result", { method: "POST", body: JSON.stringify({ before, after: shown() }) });
`;

describe("the packed report @linux", function () {
  this.timeout(300_000);
  let project: Project;
  before(() => {
    project = makeProject([]);
    project.write("write.js", WRITE);
    project.run("node", "write.js");
  });
  after(() => project.remove());
  const read = (path: string) => readFileSync(join(project.path, path), "utf8");

  it("has scripts of the sizes that the documentation says", () => {
    const root = new URL("../../../", import.meta.url);
    const said = (page: string, text: RegExp) =>
      Number(text.exec(readFileSync(new URL(page, root), "utf8"))?.[1]);
    const bytes = (file: string) => readFileSync(join(project.path, "node_modules", file));
    const zipped = (file: string) => gzipSync(bytes(file)).length;
    const script = "opcounter/dist/opcounter.min.js";
    const overlay = "opcounter/dist/opcounter.overlay.min.js";
    const bookmarklet = bytes("opcounter/dist/opcounter.bookmarklet.txt").length;
    const page = zipped("@opcounter/report/dist/page/mount.js");
    for (const [size, where, text] of [
      [zipped(script), "docs/browser.md", /`dist\/opcounter\.min\.js` .* (\d+) kB gzipped/],
      [zipped(overlay), "docs/browser.md", /`opcounter\.overlay\.min\.js` \((\d+) kB gzipped/],
      [bookmarklet, "docs/browser.md", /`opcounter\.bookmarklet\.txt` \((\d+) kB\)/],
      [page, "packages/report/README.md", /one module, (\d+) kB gzipped/],
    ] as const) {
      const kB = size / 1000;
      expect(said(where, text), `${where} ${text}`).to.be.closeTo(kB, 0.03 * kB);
    }
  });

  it("makes a file, without a package that its page is made with", () => {
    const installed = readdirSync(join(project.path, "node_modules"));
    expect(installed.join()).to.not.match(/preact|d3|dagre/);
    for (const file of ["report.html", "rendered.html"]) {
      expect(read(file), file).to.include("<title>tiny – opcounter</title>");
    }
  });

  it("is mounted in a page, and taken away", async () => {
    const found = await openPage({
      files: {
        "script.js": MOUNT,
        "mount.js": read("node_modules/@opcounter/report/dist/page/mount.js"),
        "document.json": read("document.json"),
      },
      webGpu: "no adapter",
    });
    expect(found).to.have.property("before").that.includes("tiny").and.includes("FLOPs");
    expect(found).to.have.property("after").that.equals("");
  });
});
