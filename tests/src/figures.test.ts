import { readFileSync, writeFileSync } from "node:fs";
import { CONVENTION_NAMES, type CostReport, count, reportToJson } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { type Device, loadModel, openDevice, trace } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ZOO } from "../../packages/cli/src/zoo/catalog.ts";
import { expectPairsExplained } from "./explained-pairs.ts";
import { zooGraph } from "./zoo-graph.ts";

/**
 * The totals of every model under every convention, as they were on 2026-11-26. A change of the code
 * may add figures; it changes none of these unless a figure was wrong, and then the commit says which
 * and why. `UPDATE_FIGURES=1 npm test -- tests/src/figures.test.ts` writes them anew.
 */
const FILE = new URL("../fixtures/figures.json", import.meta.url);

/** Model, convention, figure. Integers past 2^53 are texts, as JSON reports write them. */
type Figures = Record<string, Record<string, Record<string, unknown>>>;

/** Models that npm packages carry, and the shape of the input they are counted with. */
const PACKAGE_MODELS: Readonly<Record<string, readonly number[]>> = {
  "@spotify/basic-pitch/model/model.json": [1, 43844, 1],
  "@upscalerjs/esrgan-slim/models/x2/model.json": [1, 32, 32, 3],
  "@upscalerjs/esrgan-slim/models/x3/model.json": [1, 32, 32, 3],
  "@upscalerjs/esrgan-slim/models/x4/model.json": [1, 32, 32, 3],
  "@upscalerjs/esrgan-slim/models/x8/model.json": [1, 32, 32, 3],
};

const expected: Figures = JSON.parse(readFileSync(FILE, "utf8"));
const WRITES_THEM = "UPDATE_FIGURES=1 npm test -- tests/src/figures.test.ts writes them";
const isUpdating = process.env["UPDATE_FIGURES"] === "1";

describe("figures kept from before", () => {
  const actual: Figures = {};
  let device: Device;

  before(async () => {
    device = await openDevice("virtual");
  });
  after(() => {
    if (isUpdating) writeFileSync(FILE, `${JSON.stringify(actual, null, 1)}\n`);
  });

  const reportsOf = (graph: Graph) =>
    CONVENTION_NAMES.map((convention) => count(graph, { convention }));

  function compare(name: string, reports: readonly CostReport[]): void {
    const figures: Record<string, Record<string, unknown>> = {};
    for (const { convention, totals } of reports) {
      figures[convention] = JSON.parse(reportToJson(totals));
    }
    actual[name] = figures;
    if (isUpdating) return;
    const before = expected[name] ?? {};
    // A model or a convention that is new has to be kept too.
    const missing = CONVENTION_NAMES.filter((convention) => before[convention] === undefined);
    expect(missing, `conventions without figures of ${name}; ${WRITES_THEM}`).to.deep.equal([]);
    for (const [convention, kept] of Object.entries(before)) {
      expect(figures[convention], `${name} under ${convention}`).to.deep.include(kept);
    }
  }

  for (const name of Object.keys(ZOO)) {
    let reports: CostReport[] = [];
    it(name, async () => {
      reports = reportsOf(await zooGraph(name));
      compare(name, reports);
    });
    it(`${name}, which add up to the unit when each two conventions are explained`, () => {
      expect(reports).to.have.length(CONVENTION_NAMES.length);
      expectPairsExplained(reports);
      reports = [];
    });
  }

  for (const [path, shape] of Object.entries(PACKAGE_MODELS)) {
    it(path, async () => {
      const model = await loadModel(`node_modules/${path}`);
      const input = tf.zeros([...shape]);
      try {
        compare(path, reportsOf(await trace(model, [input], { device })));
      } finally {
        input.dispose();
        model.dispose();
      }
    });
  }
});
