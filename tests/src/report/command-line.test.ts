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
