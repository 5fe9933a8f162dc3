import type { CostReport } from "@opcounter/counters";
import { expect } from "chai";
import { explainReports } from "../../packages/counters/src/explain.ts";

/** Checks that what explains each two reports of a graph adds up to the unit. */
export function expectPairsExplained(reports: readonly CostReport[]): void {
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
}

/** A report's total of the figure that is compared. */
function totalOf(report: CostReport, figure: "macs" | "flops"): bigint {
  return BigInt(report[figure] ?? -1);
}
