import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Comparison } from "@opcounter/counters";
import type axe from "axe-core";
import { expect } from "chai";
import { json, opcounter, temporaryFolder } from "../command-line.ts";
import { graphOf, HOSTILE_NAMES, OBEYED } from "../hostile-names.ts";
import { AXE, type OpenReport, openReports, type Reports } from "./report-page.ts";

declare global {
  interface Window {
    axe: typeof axe;
  }
}

const VIEWS = ["scopes", "ops", "totals"];
const PASSES = ["densenet121", "--passes", "fold-batchnorm,fuse"];

describe("opcounter compare --format html @linux", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  let reports: Reports;
  before(async () => {
    reports = await openReports();
  });
  after(async () => {
    await reports.close();
    folder.remove();
  });

  /** The page that the command writes. */
  function html(...args: readonly string[]): string {
    const file = join(folder.path, "comparison.html");
    opcounter(["compare", ...args, "--format", "html", "-o", file], folder.path);
    return readFileSync(file, "utf8");
  }

  /** The changes of one quantity that rows have, in the page's order. */
  async function deltas({ page }: OpenReport, rows: string): Promise<number[]> {
    const cells = page.locator(`${rows} .shown[data-delta]`);
    return cells.evaluateAll((all) => all.map((cell) => Number(cell.getAttribute("data-delta"))));
  }

  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

  it("shows what was added, whose changes add up to the totals'", async () => {
    const { totals }: Comparison = json(["compare", "resnet50", "resnet101"]);
    const report = await reports.open(html("resnet50", "resnet101"));
    const { page } = report;
    expect(await page.title()).to.equal("resnet50 → resnet101 – opcounter");
    for (const quantity of ["macs", "flops", "bytesRead", "dispatches"]) {
      const total = totals.find((each) => each.quantity === quantity)?.delta;
      const tile = page.locator(`.tile[data-quantity="${quantity}"]`);
      await tile.click();
      expect(await tile.getAttribute("data-delta"), quantity).to.equal(String(total));
      await page.locator('[data-tab="scopes"]').click();
      const [layer3 = 0, ...blocks] = await deltas(report, "[data-scope]");
      expect(layer3, quantity).to.equal(total);
      expect(blocks).to.have.length(17);
      expect(sum(blocks), quantity).to.equal(total);
      await page.locator('[data-tab="ops"]').click();
      expect(sum(await deltas(report, "[data-kind]")), quantity).to.equal(total);
    }
    expect(report.said).to.deep.equal([]);
    expect(report.requests).to.deep.equal([]);
  });

  it("folds scopes, opens kinds of ops, searches, and shows one kind of change", async () => {
    const report = await reports.open(html("resnet50", "resnet101"), "#quantity=flops");
    const { page } = report;
    const rows = page.locator("[data-scope]");
    expect(await rows.count()).to.equal(18);
    await page.getByRole("button", { name: "What is inside layer3/6" }).click();
    expect(await rows.count()).to.be.above(18);
    await page.getByRole("button", { name: "What is inside layer3", exact: true }).click();
    expect(await rows.count()).to.equal(1);
    await page.locator('[data-only="changed"]').click();
    expect(await rows.count()).to.equal(1);
    await page.locator('[data-only="all"]').click();
    await page.getByRole("searchbox").fill("layer3/22");
    expect(await rows.first().getAttribute("data-scope")).to.match(/^layer3\/22/);
    expect(page.url()).to.include("quantity=flops");
    await page.locator('[data-tab="ops"]').click();
    expect(page.url()).to.include("view=ops");
    const kind = page.locator('[data-kind="added FusedConv2D"]');
    expect(await kind.textContent()).to.include("3 FusedConv2D");
    await kind.getByRole("button").click();
    expect(await page.locator("[data-op]").first().textContent()).to.include("layer3/22");
    await page.getByRole("searchbox").fill("no such op");
    expect(await page.locator("[data-view]").textContent()).to.include("No op has all");
  });

  it("says what each pass changed, and why each op differs", async () => {
    const { passes } = json(["compare", ...PASSES]);
    const { page } = await reports.open(html(...PASSES), "#view=totals");
    const row = page.locator('[data-total="bytesWritten"]');
    const cells = (await row.locator("td").allTextContents()).map((text) =>
      Number(text.replace("−", "-").replaceAll(/[^-\d.]/g, "")),
    );
    const [before = 0, fold = 0, fuse = 0, after] = cells;
    expect(before + fold + fuse).to.equal(after);
    expect([fold, fuse]).to.deep.equal(
      passes.map(
        (pass: Pick<Comparison, "totals">) =>
          pass.totals.find(({ quantity }) => quantity === "bytesWritten")?.delta,
      ),
    );
    await page.locator('[data-tab="ops"]').click();
    expect(await page.locator('[data-kind="removed FusedBatchNorm"]').textContent()).to.include(
      "59 FusedBatchNorm",
    );
    await page.locator('[data-kind="changed FusedConv2D"] button').first().click();
    expect(await page.locator("[data-op]").first().textContent()).to.include(
      "operand bias none → f32[64]",
    );
  });

  it("says that nothing differs", async () => {
    const { page } = await reports.open(html("squeezenet1_1", "squeezenet1_1"));
    expect(await page.locator("[data-view]").textContent()).to.include("Nothing differs: 67 ops");
  });

  it("takes hostile names for text", async () => {
    const name = HOSTILE_NAMES.join("");
    folder.write("a.ir", graphOf(name));
    folder.write("b.ir", graphOf(`${name}</script><script>alert(1)</script>`));
    const { page, said } = await reports.open(html("a.ir", "b.ir"));
    for (const view of VIEWS) {
      await page.locator(`[data-tab="${view}"]`).click();
      expect(await page.locator(".app").textContent()).to.not.match(OBEYED);
    }
    expect(said).to.deep.equal([]);
  });

  for (const [width, theme] of [
    [1440, "light"],
    [390, "dark"],
  ] as const) {
    it(`leaves axe-core nothing serious to say: ${width} pixels, ${theme}`, async () => {
      const { page } = await reports.open(html("resnet50", "vgg11_bn"), "", width);
      await page.addScriptTag({ path: AXE });
      await page.getByRole("button", { name: theme, exact: true }).click();
      for (const view of VIEWS) {
        await page.locator(`[data-tab="${view}"]`).click();
        const { violations } = await page.evaluate(() =>
          window.axe.run({ resultTypes: ["violations"] }),
        );
        const serious = violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => `${view}: ${id} at ${nodes[0]?.html}`);
        expect(serious).to.deep.equal([]);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      expect(overflow).to.equal(false);
    });
  }
});
