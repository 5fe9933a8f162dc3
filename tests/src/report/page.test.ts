import { count, rooflineOf } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import type { ReportDocument } from "@opcounter/report";
import { closeDevices, type Device, loadModel, openDevice, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import type axe from "axe-core";
import { expect } from "chai";
import { traceZoo } from "../zoo-graph.ts";
import { bigGraph, documentOf, htmlOf } from "./report-files.ts";
import { AXE, type OpenReport, openReports, type Reports } from "./report-page.ts";

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/** The document of a graph on a device with limits. */
function documentOfLimited(graph: Graph): ReportDocument {
  const spec = { name: "a card", flops: 1e12, bandwidth: 1e11 };
  return documentOf(graph, { roofline: rooflineOf(count(graph), spec) });
}

const VIEWS = ["map", "flame", "ops", "layers", "graph", "memory", "roofline", "advice", "notes"];

/** The values that elements of the page have in an attribute, as numbers. */
function numbers({ page }: OpenReport, selector: string, attribute: string): Promise<number[]> {
  return page
    .locator(selector)
    .evaluateAll((elements, name) => elements.map((e) => Number(e.getAttribute(name))), attribute);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe("the report in a browser @linux", function () {
  this.timeout(240_000);
  let reports: Reports;
  let device: Device;

  before(async () => {
    device = await openDevice("virtual");
    reports = await openReports();
  });
  after(async () => {
    await reports.close();
    await closeDevices();
  });

  async function graphModel(): Promise<Graph> {
    const model = await loadModel("node_modules/@spotify/basic-pitch/model/model.json");
    const input = tf.zeros([1, 43844, 1]);
    return trace(model, [input], { device }).finally(() => tf.dispose(input));
  }

  const GRAPHS: Readonly<Record<string, () => Promise<Graph> | Graph>> = {
    resnet50: () => traceZoo(device, "resnet50"),
    "basic-pitch": graphModel,
    gpt2: () => traceZoo(device, "gpt2"),
    "30,000 ops": () => bigGraph(30_000),
  };

  for (const [name, make] of Object.entries(GRAPHS)) {
    describe(name, () => {
      let document: ReportDocument;
      let html: string;
      before(async () => {
        document = documentOfLimited(await make());
        html = await htmlOf(document);
      });

      it("opens from disk, asks for nothing, and every view shows without a word", async () => {
        const report = await reports.open(html);
        for (const view of VIEWS) {
          await report.page.locator(`[data-tab="${view}"]`).click();
          await report.page.locator(`[data-view="${view}"] > *`).first().waitFor();
        }
        expect(report.said).to.deep.equal([]);
        expect(report.requests).to.deep.equal([]);
        if (name !== "30,000 ops") expect(html.length).to.be.below(2 ** 20);
        await report.page.close();
      });

      it("has areas, bars and a sum of the table that are the JSON's totals", async () => {
        const report = await reports.open(html);
        for (const index of [0, 3, 5]) {
          const counts = document.conventions[index];
          await report.page.locator('[name="convention"]').selectOption(String(index));
          const total = Number(counts?.macs.total);
          await report.page.locator('[data-tab="map"]').click();
          const boxes = report.page.locator('.cell[data-depth="1"]');
          const values = await numbers(report, '.cell[data-depth="1"]', "data-value");
          expect(sum(values), counts?.name).to.equal(total);
          const areas = await boxes.evaluateAll((cells) =>
            cells.map((cell) => {
              const { width, height } = cell.getBoundingClientRect();
              return width * height;
            }),
          );
          areas.forEach((area, cell) => {
            const share = (values[cell] ?? 0) / total;
            expect(area / sum(areas)).to.be.closeTo(share, 2e-3);
          });
          // A part drawn larger than it is would hide its neighbour.
          const excess = await report.page.locator(".cell").evaluateAll((cells) =>
            cells.map((cell) => {
              if (!(cell instanceof HTMLElement)) return Number.NaN;
              const { width, height } = cell.getBoundingClientRect();
              const { style, parentElement } = cell;
              const whole = parentElement?.clientWidth ?? Number.NaN;
              const part = (parseFloat(style.width) / 100) * whole;
              return Math.max(width - part, height - parseFloat(style.height));
            }),
          );
          // Its border is 2 pixels at most.
          expect(Math.max(...excess)).to.be.lessThan(2.1);
          await report.page.locator('[data-tab="flame"]').click();
          expect(await numbers(report, '.flame-bar[data-depth="0"]', "data-value")).to.deep.equal([
            total,
          ]);
          await report.page.locator('[data-tab="ops"]').click();
          expect(await numbers(report, '[data-sum="macs"]', "data-value")).to.deep.equal([total]);
          await report.page.locator('[data-tab="layers"]').click();
          expect(await numbers(report, '[data-owner-sum="macs"]', "data-value")).to.deep.equal([
            total,
          ]);
          const tile = report.page.locator('.tile[data-quantity="macs"]');
          expect(Number(await tile.getAttribute("data-total"))).to.equal(total);
        }
        await report.page.close();
      });

      // Of many ops these views alone have as much to go through as all views of a model.
      const checked = name === "30,000 ops" ? ["ops", "graph"] : VIEWS;
      it("leaves axe-core nothing serious to say, light or dark, wide or narrow", async () => {
        const { width, theme } =
          name === "basic-pitch" ? { width: 390, theme: "dark" } : { width: 1440, theme: "light" };
        const report = await reports.open(html, "#op=5", width);
        await report.page.addScriptTag({ path: AXE });
        await report.page.getByRole("button", { name: theme, exact: true }).click();
        for (const view of checked) {
          await report.page.locator(`[data-tab="${view}"]`).click();
          const { violations } = await report.page.evaluate(() =>
            window.axe.run({ resultTypes: ["violations"] }),
          );
          const serious = violations
            .filter(({ impact }) => impact === "serious" || impact === "critical")
            .map(({ id, nodes }) => `${view}: ${id} at ${nodes[0]?.html}`);
          expect(serious).to.deep.equal([]);
        }
        await report.page.close();
      });
    });
  }

  describe("of 30,000 ops", () => {
    let report: OpenReport;
    before(async () => {
      report = await reports.open(await htmlOf(documentOf(bigGraph(30_000))));
    });

    it("is painted, and its table sorted, in about a second", async () => {
      const { page, shownAfter } = report;
      await page.locator('[data-tab="ops"]').click();
      const sorting = await page.locator('[data-sort="flops"]').evaluate(
        (button) =>
          new Promise<number>((resolve) => {
            const start = performance.now();
            if (button instanceof HTMLElement) button.click();
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
          }),
      );
      console.log(
        `      first paint after ${Math.round(shownAfter)} ms, a sort takes ${Math.round(sorting)} ms`,
      );
      // Three times what is wanted: the machine may be busy.
      expect(shownAfter).to.be.below(3_000);
      expect(sorting).to.be.below(3_000);
      const rows = await page.locator("tr[data-row]").count();
      expect(rows).to.be.within(10, 60);
    });

    it("shows the rows that one scrolls to", async () => {
      const { page } = report;
      await page.locator('[data-sort="order"]').click();
      await page.locator(".table-frame").evaluate((frame) => frame.scrollTo(0, 15_000 * 44));
      await page.locator('[data-row="op15000"]').waitFor();
    });
  });

  describe("as one uses it", () => {
    let report: OpenReport;
    before(async () => {
      const graph = await traceZoo(device, "resnet50");
      report = await reports.open(await htmlOf(documentOf(graph)));
    });
    after(() => expect(report.said).to.deep.equal([]));

    const view = (name: string) => report.page.locator(`[data-tab="${name}"]`).click();

    it("sorts by a column, down and up", async () => {
      await view("ops");
      const shown = async () => {
        const rows = report.page.locator("tr[data-row]");
        return rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-row")));
      };
      const executed = await shown();
      await report.page.locator('[data-sort="flops"]').click();
      const falling = await shown();
      expect(falling[0]).to.not.equal(executed[0]);
      const sorted = report.page.locator('th[aria-sort="descending"]');
      expect(await sorted.textContent()).to.include("FLOPs");
      await report.page.locator('[data-sort="flops"]').click();
      expect(await report.page.locator('th[aria-sort="ascending"]').count()).to.equal(1);
      await report.page.locator('[data-sort="order"]').click();
      expect(await shown()).to.deep.equal(executed);
    });

    it("searches by kernel, scope and shape, and sums what it found", async () => {
      await view("ops");
      const search = report.page.getByRole("searchbox");
      await search.fill("MaxPool 1,56,56,64");
      expect(await report.page.locator("tr[data-row]").count()).to.equal(1);
      await search.fill("layer4/0 fusedconv2d");
      expect(await report.page.locator("tr[data-row]").count()).to.equal(4);
      await search.fill("no such op");
      expect(await report.page.locator("tr[data-row]").count()).to.equal(0);
      await search.fill("");
    });

    it("goes into a scope and climbs out of it", async () => {
      await view("map");
      await report.page
        .locator('.cell[data-depth="1"]', { hasText: "layer3" })
        .first()
        .click({ position: { x: 9, y: 9 } });
      expect(report.page.url()).to.include("scope=layer3");
      const path = report.page.locator(".view .path");
      expect(await path.textContent()).to.equal("resnet50/layer3");
      await path.getByRole("button", { name: "resnet50" }).click();
      expect(report.page.url()).to.not.include("scope=");
    });

    it("folds and unfolds the graph, pans and zooms it", async () => {
      await view("graph");
      const boxes = () => report.page.locator("[data-fold]").count();
      const before = await boxes();
      const toggle = report.page.locator('[aria-label^="Unfold"]').first();
      await toggle.focus();
      await report.page.keyboard.press("Enter");
      expect(await boxes()).to.be.above(before);
      await report.page.getByRole("button", { name: "Fold all" }).click();
      expect(await boxes()).to.equal(before);
      const moved = () => report.page.locator("[data-content]").getAttribute("transform");
      const first = await moved();
      await report.page.getByRole("button", { name: "Zoom in" }).click();
      const zoomed = await moved();
      expect(zoomed).to.not.equal(first);
      await report.page.locator("svg.graph").focus();
      await report.page.keyboard.press("ArrowDown");
      expect(await moved()).to.not.equal(zoomed);
    });

    it("tells all about an op, which a link addresses", async () => {
      const address = report.page.url().replace(/#.*|$/, "#op=42");
      await report.page.goto(address);
      const detail = report.page.locator('[data-selected="op 42"]');
      await detail.waitFor();
      const text = await detail.textContent();
      for (const told of ["FusedConv2D", "2·56·56·64·(3·3·64)", "filter", "strides", "Conv2DMM"]) {
        expect(text).to.include(told);
      }
      await detail.getByRole("button", { name: "layer1", exact: true }).click();
      await report.page.locator('[data-selected^="scope"]').waitFor();
      await report.page.keyboard.press("Escape");
      expect(await report.page.locator(".detail").count()).to.equal(0);
    });

    it("is light or dark as its switch says, or else as the system is", async () => {
      const background = () =>
        report.page.locator(".app").evaluate((app) => getComputedStyle(app).backgroundColor);
      await report.page.emulateMedia({ colorScheme: "dark" });
      const dark = await background();
      await report.page.getByRole("button", { name: "light", exact: true }).click();
      const light = await background();
      expect(light).to.not.equal(dark);
      await report.page.emulateMedia({ colorScheme: "light" });
      await report.page.getByRole("button", { name: "dark", exact: true }).click();
      expect(await background()).to.equal(dark);
      await report.page.getByRole("button", { name: "auto", exact: true }).click();
      expect(await background()).to.equal(light);
    });

    it("is used by keyboard: tabs by arrows, rows by arrows", async () => {
      await view("ops");
      await report.page.keyboard.press("ArrowRight");
      expect(await report.page.locator("[data-view]").getAttribute("data-view")).to.equal("layers");
      await report.page.keyboard.press("ArrowLeft");
      await report.page.locator(".table-frame").focus();
      await report.page.keyboard.press("ArrowDown");
      await report.page.keyboard.press("ArrowDown");
      await report.page.locator('[data-selected="op 1"]').waitFor();
    });

    it("keeps the place of a keyboard where what it pressed is gone", async () => {
      await view("map");
      /** What has the focus, in the report's shadow root. */
      const focused = () =>
        report.page.locator(".app").evaluate((app) => {
          const root = app.getRootNode();
          return root instanceof ShadowRoot ? root.activeElement?.className : undefined;
        });
      await report.page.locator(".cell.group").first().focus();
      await report.page.keyboard.press("Enter");
      await report.page.locator(".path .link").nth(1).waitFor();
      expect(await focused()).to.include("cell");
      await report.page.locator(".close").press("Enter");
      expect(await focused()).to.equal("view");
      await report.page.locator(".path .link").first().click();
    });

    it("has a row for each layer, sorted by the quantity that is pressed", async () => {
      await view("layers");
      const first = () => report.page.locator("[data-owner]").first().getAttribute("data-owner");
      expect(await first()).to.equal("0");
      await report.page.getByRole("button", { name: "Parameters" }).last().click();
      const [most] = await numbers(report, ".shown[data-amount]", "data-amount");
      // The last block's convolution of 3×3, and its like before it.
      expect(most).to.equal(3 * 3 * 512 * 512);
      await report.page.locator('.tile[data-quantity="macs"]').click();
      await view("map");
    });

    it("draws the roof of limits that are typed in", async () => {
      await view("roofline");
      expect(await report.page.locator(".roof").count()).to.equal(0);
      await report.page.locator('[name="flops"]').fill("1000");
      await report.page.locator('[name="bandwidth"]').fill("100");
      expect(await report.page.locator(".roof").count()).to.equal(1);
    });
  });
});
