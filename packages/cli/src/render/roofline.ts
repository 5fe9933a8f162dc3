import type { Roofline, RooflineRow } from "@opcounter/counters";
import { counted } from "@opcounter/ir";
import { type Cells, type Column, type Paint, renderColumns } from "./columns.ts";
import { fold } from "./lines.ts";
import { milliseconds, percent, rate } from "./numbers.ts";

const COLUMNS: readonly Column[] = [
  { title: "scope", align: "left", rank: 6.5 },
  { title: "FLOP/B", align: "right", rank: 2 },
  { title: "bound by", align: "left", rank: 4 },
  { title: "at least", align: "right", rank: 7 },
  { title: "expected", align: "right", rank: 8 },
  { title: "took", align: "right", rank: 9 },
  { title: "lost", align: "right", rank: 6 },
  { title: "of the limit", align: "right", rank: 3 },
];

/** The ops that lose most time; if none was measured or predicted, those that take longest. */
export function renderRoofline(roofline: Roofline, width: number, paint: Paint): string {
  const { spec, ridge, total, slowest } = roofline;
  const roof = `${spec.name}: ${rate(spec.flops, "FLOP/s")}, ${rate(spec.bandwidth, "B/s")}, ridge at ${ridge.toFixed(1)} FLOP/B`;
  const first = total.lostMs === null ? "longest at least" : "most time lost";
  const columns: readonly Column[] = [{ title: first, align: "left", rank: 10 }, ...COLUMNS];
  return [
    paint.bold("roofline") + paint.dim(fold(`roofline  ${roof}`, width).slice("roofline".length)),
    "",
    renderColumns(columns, [...slowest.map(cells), { ...cells(total), scope: "" }], width, paint),
    "",
    ...sentences(roofline).map((sentence) => fold(sentence, width)),
  ].join("\n");
}

/** What the whole model takes at least, what it is expected to take, and what it took. */
function sentences({ spec, total, host, idles }: Roofline): string[] {
  const { leastMs, expected, measuredMs } = total;
  const took =
    measuredMs === null
      ? "; predicted only: nothing was measured"
      : `, took ${milliseconds(measuredMs)} on the device: ${percent(leastMs, measuredMs)} of its limit`;
  const lines = [`at least ${milliseconds(leastMs)}, op by op${took}`];
  if (expected === null) {
    const reason =
      spec.launchNs === undefined
        ? "the time of a launch"
        : "how near TensorFlow.js's programs come to its limits";
    lines.push(`no time is expected: the specification of ${spec.name} does not say ${reason}`);
  } else {
    lines.push(`expected ${spread(expected)} on the device`);
  }
  if (idles && spec.idle !== undefined) {
    const reckoned = host.isMeasured ? "" : " by their bytes";
    lines.push(
      `the device idles between ops, so each takes longer: ${counted(host.ops, "op")} on the host take ${milliseconds(host.ms)}${reckoned}`,
    );
  }
  return lines;
}

function spread({ ms, lowMs, highMs }: NonNullable<RooflineRow["expected"]>): string {
  return `${milliseconds(ms)} (${milliseconds(lowMs)} to ${milliseconds(highMs)})`;
}

function cells(row: RooflineRow): Cells {
  const { name, scope, intensity, bound, leastMs, expected, measuredMs, lostMs } = row;
  return {
    name,
    scope,
    "FLOP/B": intensity?.toFixed(2) ?? "",
    "bound by": bound,
    "at least": milliseconds(leastMs),
    expected: expected === null ? "" : spread(expected),
    took: measuredMs === null ? "" : milliseconds(measuredMs),
    lost: lostMs === null ? "" : milliseconds(lostMs),
    "of the limit": measuredMs === null ? "" : percent(leastMs, measuredMs),
  };
}
