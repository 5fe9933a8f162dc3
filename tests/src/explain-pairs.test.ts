import { CONVENTION_NAMES, type CostReport, count } from "@opcounter/counters";
import { closeDevices, type Device, openDevice } from "@opcounter/tracer";
import { expect } from "chai";
import { ZOO } from "../../packages/cli/src/zoo/catalog.ts";
import { explainReports } from "../../packages/counters/src/explain.ts";
import { traceZoo } from "./zoo-graph.ts";

/** A report's total of the figure that is compared. */
function totalOf(report: CostReport, figure: "macs" | "flops"): bigint {
  return BigInt(report[figure] ?? -1);
}

describe("explaining every pair of conventions", () => {
  let device: Device;
  before(async () => {
    device = await openDevice("virtual");
  });
  after(closeDevices);

  for (const name of Object.keys(ZOO)) {
    it(`adds up to the unit for ${name}`, async () => {
      const graph = await traceZoo(device, name);
      const reports = CONVENTION_NAMES.map((convention) => count(graph, { convention }));
      for (const [i, left] of reports.entries()) {
        // The other way around, every difference has the other sign.
        for (const right of reports.slice(i)) {
          const explanation = explainReports(left, right);
          const { total, againstTotal, figure, againstFigure, rows, agreeing } = explanation;
          const pair = `${left.convention} against ${right.convention}`;
          // The two totals are those of the reports, and the rows make up what is between them.
          expect(BigInt(total), pair).to.equal(totalOf(left, figure));
          expect(BigInt(againstTotal), pair).to.equal(totalOf(right, againstFigure));
          const sum = rows.reduce((sum, { difference }) => sum + BigInt(difference), 0n);
          expect(sum, pair).to.equal(BigInt(total) - BigInt(againstTotal));
          expect(BigInt(explanation.difference), pair).to.equal(sum);
          const ofRows = rows.reduce((sum, row) => sum + BigInt(row.total), 0n);
          expect(ofRows + BigInt(agreeing.total), pair).to.equal(BigInt(total));
        }
      }
    });
  }
});
