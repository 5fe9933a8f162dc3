import type { Roofline, RooflineRow } from "@opcounter/counters";
import { type Cells, type Column, type Paint, renderColumns } from "./columns.ts";
import { fold } from "./lines.ts";
import { milliseconds, percent, rate } from "./numbers.ts";

const COLUMNS: readonly Column[] = [
  { title: "scope", align: "left", rank: 6 },
  { title: "FLOP/B", align: "right", rank: 4 },
  { title: "bound by", align: "left", rank: 5 },
  { title: "at least", align: "right", rank: 8 },
  { title: "took", align: "right", rank: 9 },
  { title: "reached", align: "right", rank: 3 },
  { title: "of the limit", align: "right", rank: 7 },
];

/** The ops that are farthest from their limit; if none was measured, those that take longest. */
export function renderRoofline(roofline: Roofline, width: number, paint: Paint): string {
  const { spec, ridge, total, farthest } = roofline;
  const roof = `${spec.name}: ${rate(spec.flops, "FLOP/s")}, ${rate(spec.bandwidth, "B/s")}, ridge at ${ridge.toFixed(1)} FLOP/B`;
  const first = total.measuredMs === null ? "longest at least" : "farthest from its limit";
  const columns: readonly Column[] = [{ title: first, align: "left", rank: 10 }, ...COLUMNS];
  const least = `at least ${milliseconds(total.predictedMs)}`;
  const whole =
    total.measuredMs === null
      ? `${least} by the whole model's operations and bytes; predicted only: nothing was measured`
      : `${least}, took ${milliseconds(total.measuredMs)} on the device: ${percent(total.predictedMs, total.measuredMs)} of its limit`;
  return [
    paint.bold("roofline") + paint.dim(fold(`roofline  ${roof}`, width).slice("roofline".length)),
    "",
    renderColumns(columns, [...farthest.map(cells), { ...cells(total), scope: "" }], width, paint),
    "",
    fold(whole, width),
  ].join("\n");
}

function cells(row: RooflineRow): Cells {
  const { name, scope, intensity, bound, predictedMs, measuredMs } = row;
  const reached =
    bound === "compute" ? [row.achievedFlops, "FLOP/s"] : [row.achievedBandwidth, "B/s"];
  const [amount, unit] = reached as [number | null, string];
  return {
    name,
    scope,
    "FLOP/B": intensity?.toFixed(2) ?? "",
    "bound by": bound,
    "at least": milliseconds(predictedMs),
    took: measuredMs === null ? "" : milliseconds(measuredMs),
    reached: amount === null ? "" : rate(amount, unit),
    "of the limit": measuredMs === null ? "" : percent(predictedMs, measuredMs),
  };
}
