import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { complaint, json, opcounter, temporaryFolder } from "../command-line.ts";
import { openReports, type Reports } from "./report-page.ts";

describe("opcounter profile --format html", () => {
  const folder = temporaryFolder();
  after(folder.remove);

  /** Runs the command without complaint; returns the HTML. */
  function html(...args: readonly string[]): string {
    const file = join(folder.path, "report.html");
    const { status, stderr } = opcounter(["profile", ...args, "--format", "html", "-o", file]);
    expect(stderr).to.equal("");
    expect(status).to.equal(0);
    return readFileSync(file, "utf8");
  }

  it("says that it has no place for formulas", () => {
    const args = ["profile", "resnet50", "--format", "html", "--symbolic", "batch"];
    expect(complaint(args)).to.include("--symbolic prints formulas, which --format html has no");
  });

  it("is printed where no file is named", () => {
    const { stdout } = opcounter(["profile", "squeezenet1_1", "--format", "html"]);
    expect(stdout)
      .to.match(/^<!doctype html>/)
      .and.match(/<\/html>\n$/);
  });

  it("holds the licenses of the libraries that draw it, since it is passed on alone", () => {
    const text = html("squeezenet1_1");
    for (const name of ["preact 11", "d3-hierarchy 3", "@dagrejs/dagre 3", "Mike Bostock"]) {
      expect(text).to.include(name);
    }
  });

  describe("in a browser @linux", () => {
    let reports: Reports;
    before(async () => {
      reports = await openReports();
    });
    after(() => reports.close());

    it("shows the totals that --format json prints, and the convention that was asked for", async () => {
      const args = ["squeezenet1_1", "--convention", "thop@head", "--passes", "canonicalize,fuse"];
      const { totals } = json(["profile", ...args]);
      const { page, said } = await reports.open(html(...args));
      const tile = page.locator('.tile[data-quantity="macs"]');
      expect(await tile.getAttribute("data-total")).to.equal(String(totals.macs));
      expect(await page.locator('[name="convention"] option').first().textContent()).to.equal(
        "thop@head",
      );
      expect(await page.locator(".header").textContent()).to.include("canonicalize,fuse");
      expect(said).to.deep.equal([]);
    });

    it("tells of what is not needed or left over, and what TensorFlow.js held", async () => {
      const program = folder.write(
        "program.mjs",
        `export const inputs = ["x=1x8x8x3"];
        export default (tf) => (x) => { tf.neg(x); return tf.relu(x); };`,
      );
      const { page } = await reports.open(html(program), "#view=notes");
      const notes = (await page.locator("[data-view]").textContent()) ?? "";
      expect(notes).to.include("Neg result that is not used");
      expect(notes).to.include("Neg 1 tensor768 B");
      await page.locator('[data-tab="memory"]').click();
      const { memory } = json(["profile", program]);
      const held = page.locator("[data-held]");
      expect(await held.getAttribute("data-held")).to.equal(String(memory.recordedUsedBytes));
      const table = page.locator("[data-differences]");
      expect(await table.getAttribute("data-differences")).to.equal(
        String(memory.differences.length),
      );
    });

    it("tells of zeros among the weights", async () => {
      const model = folder.write(
        "model.mjs",
        `export default (tf) => tf.sequential({ layers: [
          tf.layers.dense({ units: 3, inputShape: [5], kernelInitializer: "zeros" }),
        ] });`,
      );
      const { page } = await reports.open(html(model, "--sparsity"), "#view=notes");
      const notes = (await page.locator("[data-view]").textContent()) ?? "";
      expect(notes).to.include("18 of 18 weights are 0").and.include("0 of 15 MACs");
    });

    it("compares backward with forward, and says what a device takes", async () => {
      const args = ["squeezenet1_1", "--training", "--device-spec", "h100"];
      const { page } = await reports.open(html(...args), "#view=notes");
      const notes = (await page.locator("[data-view]").textContent()) ?? "";
      expect(notes).to.match(/Forward has [\d,]+ MACs, backward [\d,]+: [\d.]+ times as many/);
      await page.locator('[data-tab="roofline"]').click();
      expect(await page.locator(".reading").textContent()).to.match(/^At least .*expected .* to /);
      expect(await page.locator(".point title").first().textContent()).to.match(
        /at least .*, bound by \w+, expected /,
      );
      await page.locator('.tile[data-quantity="expected"]').click();
      await page.locator('.cell[data-depth="1"]').first().waitFor();
    });

    it("has a plugin's conventions and costs, and says where a convention cannot have a cost", async () => {
      const plugin = folder.write(
        "plugin.mjs",
        `export default {
          costs: [{ name: "energy", unit: "pJ", description: "", total: "sum", op: "4.6 * macs" }],
          conventions: [{ name: "mine", description: "", unit: "macs", kernels: { Relu: "1" } }],
        };`,
      );
      const { page } = await reports.open(html("squeezenet1_1", "--plugin", plugin));
      expect(await page.locator('.tile[data-quantity="cost:energy"]').count()).to.equal(1);
      await page.locator('[name="convention"]').selectOption({ label: "mine" });
      await page.locator('[name="convention"]').selectOption({ label: "torch" });
      await page.locator('.tile[data-quantity="cost:energy"]').waitFor({ state: "detached" });
      await page.locator('[data-tab="notes"]').click();
      expect(await page.locator("[data-view]").textContent()).to.include(
        "The cost energy uses macs, which the convention torch does not count",
      );
    });
  });
});
