import { count, rooflineOf } from "@opcounter/counters";
import { type Graph, visible } from "@opcounter/ir";
import { parse } from "@opcounter/ir/read";
import { type ReportDocument, reportDocument } from "@opcounter/report";
import { expect } from "chai";
import { graphOf, HOSTILE_NAMES, OBEYED } from "../hostile-names.ts";
import { bigGraph, documentOf, htmlOf } from "./report-files.ts";
import { openReports, type Reports } from "./report-page.ts";

describe("the report of what is rare @linux", function () {
  this.timeout(120_000);
  let reports: Reports;
  before(async () => {
    reports = await openReports();
  });
  after(() => reports.close());

  /** Opens a report, goes through every view, and checks that nothing went wrong. */
  async function goThrough(document: ReportDocument, address = "") {
    const report = await reports.open(await htmlOf(document), address);
    const texts: Record<string, string> = {};
    for (const tab of await report.page.locator("[data-tab]").all()) {
      await tab.click();
      const view = (await tab.getAttribute("data-tab")) ?? "";
      texts[view] = (await report.page.locator("[data-view]").textContent()) ?? "";
    }
    expect(report.said).to.deep.equal([]);
    expect(report.requests).to.deep.equal([]);
    return { report, texts };
  }

  it("takes hostile names for text", async () => {
    for (const name of ["</script><script>alert(1)</script>", HOSTILE_NAMES.join("")]) {
      const html = await htmlOf(documentOf(parse(graphOf(name))));
      const markup = html.replace(/<script>[\s\S]*<\/script>/, "");
      for (const line of markup.split("\n")) expect(line).to.not.match(OBEYED);
      const { report } = await goThrough(documentOf(parse(graphOf(name))), "#op=0");
      expect(await report.page.locator("h1").textContent()).to.equal(visible(name));
      expect(await report.page.locator("script").count()).to.equal(2);
      const detail = await report.page.locator(".detail").textContent();
      expect(detail).to.include(visible(name)).and.not.match(OBEYED);
      await report.page.close();
    }
  });

  it("fits a screen of 390 pixels in every view, whatever the names are", async () => {
    const name = "name_without_a_space".repeat(10);
    const place = { rule: "r", scope: [name], finding: `the flag ${name}`, ops: [0] };
    const saves = {
      ...{ ops: 1, dispatches: 1, bytesRead: 4, bytesWritten: 4 },
      ...{ bytesUploaded: 0, hostOps: 0, waits: 0 },
    };
    const advice = { advice: [{ ...place, remedy: `Set ${name}`, saves }], findings: [place] };
    for (const graph of [bigGraph(80), parse(graphOf(name))]) {
      const html = await htmlOf(documentOf(graph, { advice }));
      const { page } = await reports.open(html, "#op=0&view=notes", 390);
      const shown = await page.locator('[data-tab="notes"]').boundingBox();
      expect((shown?.x ?? 0) + (shown?.width ?? 0), "the tab that is shown").to.be.at.most(390);
      for (const tab of await page.locator("[data-tab]").all()) {
        await tab.click();
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(width, String(await tab.textContent())).to.equal(390);
      }
      await page.close();
    }
  });

  it("says what is missing where there is little", async () => {
    const empty: Graph = { ...bigGraph(1), values: [], ops: [], inputs: [], results: [] };
    const { texts } = await goThrough(documentOf(empty));
    expect(texts["map"]).to.include("Nothing here has any");
    expect(texts["memory"]).to.include("No op ran");
    expect(texts["roofline"]).to.include("No op both computes and moves");
    expect(texts["advice"]).to.include("Nothing to advise");
    const { texts: one } = await goThrough(documentOf(bigGraph(1)));
    expect(one["ops"]).to.include("BatchMatMul");
  });

  it("shows times, and an account whose parts add up", async () => {
    const document = documentOf(bigGraph(80));
    const gpuMs = document.ops.kernel.map((_, op) => (op % 3 === 0 ? null : op / 100));
    const parts = [
      { name: "dispatches", ms: 6, note: "on the device" },
      { name: "waiting", ms: 1.5, note: "" },
      { name: "the rest", ms: 0.5, note: "" },
    ];
    const { report, texts } = await goThrough({
      ...document,
      ops: { ...document.ops, gpuMs, hostMs: gpuMs },
      times: { runs: 10, wallMs: 8, gpuMs: 6, cpuMs: 2, readbackMs: 0 },
      account: { totalMs: 8, parts },
    });
    expect(texts["time"]).to.include("8.000 ms a pass").and.include("Medians over 10 timed runs");
    expect(texts["roofline"]).to.include("Filled points were timed");
    await report.page.locator('[data-tab="time"]').click();
    expect(
      await report.page.locator("[data-account-sum]").getAttribute("data-account-sum"),
    ).to.equal("8");
    await report.page.locator('.tile[data-quantity="gpu"]').click();
    const cells = report.page.locator('.cell[data-depth="1"]');
    const values = await cells.evaluateAll((all) =>
      all.map((cell) => Number(cell.getAttribute("data-value"))),
    );
    const total = gpuMs.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
    expect(values.reduce((sum, value) => sum + value, 0)).to.be.closeTo(total, 1e-9);
  });

  it("shows costs of the user's own, which add up or are a maximum", async () => {
    const graph = bigGraph(80);
    const cost = { unit: "pJ", description: "", op: "0.5 * flops" };
    const costs = [
      { ...cost, name: "energy", total: "sum" as const },
      { ...cost, name: "worst", total: "max" as const },
      // Ops' amounts are no integers, and together they are past 2^53.
      { ...cost, name: "heat", total: "sum" as const, op: "flops * 700000000000 / 3" },
    ];
    const report = count(graph, { costs });
    const { report: shown, texts } = await goThrough(
      reportDocument({ graph, reports: [report] }),
      "#quantity=cost%3Aworst",
    );
    expect(texts["map"]).to.include("worst of a whole is the most that a part has");
    await shown.page.locator('[data-tab="map"]').click();
    await shown.page.locator('[name="quantity"]').selectOption("cost:energy");
    const cells = shown.page.locator('.cell[data-depth="1"]');
    await cells.first().waitFor();
    const [value] = await cells.evaluateAll((all) =>
      all.map((cell) => Number(cell.getAttribute("data-value"))),
    );
    expect(value).to.equal(report.totals.costs["energy"]);
    await shown.page.locator('[data-tab="ops"]').click();
    const sum = shown.page.locator('[data-sum="cost:heat"]');
    const heat = Number(await sum.getAttribute("data-value"));
    expect(heat / Number(report.totals.costs["heat"])).to.be.closeTo(1, 1e-12);
  });

  it("goes by arrows through the ops and the layers that are counted as a whole", async () => {
    const graph = parse(graphOf("Dense"));
    const report = count(graph, { counters: { layers: { Dense: () => ({ macs: 100 }) } } });
    const document = reportDocument({ graph, reports: [report] });
    const { page } = await reports.open(await htmlOf(document), "#view=ops");
    await page.locator('[data-sort="macs"]').click();
    await page.locator(".table-frame").focus();
    const gone: (string | null)[] = [];
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp"]) {
      await page.keyboard.press(key);
      gone.push(await page.locator("tr.selected").getAttribute("data-row"));
    }
    expect(gone).to.deep.equal(["whole0", "op0", "op1", "op0", "whole0"]);
  });

  it("prints the first rows of the table, without what only a screen needs", async () => {
    const { page } = await reports.open(await htmlOf(documentOf(bigGraph(3_000))), "#view=ops");
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMedia({ media: "print" });
    await page.locator('[data-row="op499"]').waitFor();
    expect(await page.locator(".themes").isVisible()).to.equal(false);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await page.locator('[data-row="op499"]').waitFor({ state: "detached" });
    expect(await page.locator("tr[data-row]").count()).to.be.below(100);
    const pages = (await page.pdf()).toString("latin1").match(/\/Type \/Page\b/g) ?? [];
    expect(pages).to.have.length.below(40);
  });

  it("fits the paper: what is drawn as wide as the screen, and tables with all their columns", async () => {
    const spec = { name: "d", flops: 1e12, bandwidth: 1e11, launchNs: 500 };
    const graph = bigGraph(80);
    const roofline = rooflineOf(count(graph), spec);
    const { page } = await reports.open(await htmlOf(documentOf(graph, { roofline })));
    await page.emulateMedia({ media: "print" });
    for (const view of ["map", "flame", "memory", "roofline", "graph"]) {
      await page.locator(`[data-tab="${view}"]`).dispatchEvent("click");
      const drawn = page.locator(".cell, .flame-bar, .chart, .graph");
      await drawn.first().waitFor();
      // Paper is narrower from one moment to the next: no observer of sizes is told.
      const widest = await page.locator("[data-view]").evaluate((section: HTMLElement) => {
        dispatchEvent(new Event("beforeprint"));
        section.style.width = "600px";
        const { left } = section.getBoundingClientRect();
        const inside = [...section.querySelectorAll(".cell, .flame-bar, .chart, .graph")];
        const ends = inside.map((each) => each.getBoundingClientRect().right - left);
        section.style.width = "";
        dispatchEvent(new Event("afterprint"));
        return Math.max(...ends);
      });
      expect(widest, view).to.be.within(500, 601);
    }
    await page.setViewportSize({ width: 718, height: 1000 });
    for (const view of ["ops", "layers"]) {
      await page.locator(`[data-tab="${view}"]`).dispatchEvent("click");
      await page.locator(`[data-view="${view}"] table`).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth), view).to.equal(718);
    }
  });
});
