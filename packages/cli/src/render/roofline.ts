import type { PassTransfers, Roofline, RooflineRow } from "@opcounter/counters";
import { counted, OpcounterError, shortBytes } from "@opcounter/ir";
import { type DataColumn, type DataTable, tableForTerminal } from "./data-table.ts";
import { fold, type Paint } from "./lines.ts";
import { markdownText, tableInMarkdown } from "./markdown.ts";
import { milliseconds, percent, rate } from "./numbers.ts";
import type { Found } from "./output-format.ts";

/** The ops that lose most time; if none was measured or predicted, those that take longest. */
export function renderRoofline(roofline: Roofline, width: number, paint: Paint): string {
  const { slowest, total } = roofline;
  return [
    paint.bold("roofline") +
      paint.dim(fold(`roofline  ${roofOf(roofline)}`, width).slice("roofline".length)),
    "",
    tableForTerminal(
      tableOf([...slowest, { ...total, scope: "" }], titleOf(roofline)),
      width,
      paint,
    ),
    "",
    ...sentences(roofline).map((sentence) => fold(sentence, width)),
  ].join("\n");
}

/** The same for a pull request. */
export function rooflineInMarkdown(roofline: Roofline): string {
  const { slowest, total } = roofline;
  const rows = [...slowest, { ...total, scope: "" }];
  return [
    `#### Roofline of ${markdownText(roofOf(roofline))}`,
    tableInMarkdown(tableOf(rows, titleOf(roofline))),
    ...sentences(roofline).map(markdownText),
  ].join("\n\n");
}

/**
 * Every op or scope against its roof, for programs: in order, or with `top` those that lose most.
 *
 * @throws OpcounterError "options-conflict" where other rows, columns or another order are asked for.
 */
export function rooflineTable(
  { report, rows: { by, depth, top, sort, columns } }: Pick<Found, "report" | "rows">,
  { ops, scopes }: Roofline,
): DataTable<RooflineRow> {
  if ((by !== "scope" && by !== "op") || sort !== undefined || columns !== undefined) {
    throw new OpcounterError("options-conflict", "A roofline has rows and columns of its own", {
      remedy: 'choose { by: "scope" } or { by: "op" }, and leave out what orders or chooses others',
    });
  }
  const depths = new Map(report.byScope.map((row) => [row.scope, row.depth]));
  const rows = by === "op" ? ops : scopes.filter(({ scope }) => (depths.get(scope) ?? 0) <= depth);
  const rank = ({ lostMs, leastMs }: RooflineRow) => lostMs ?? leastMs;
  const ordered = top === undefined ? rows : rows.toSorted((a, b) => rank(b) - rank(a));
  return tableOf(ordered.slice(0, top), by);
}

/** `NVIDIA H100: 61.90 TFLOP/s, 2.410 TB/s, ridge at 25.7 FLOP/B` */
function roofOf({ spec, ridge }: Roofline): string {
  return `${spec.name}: ${rate(spec.flops, "FLOP/s")}, ${rate(spec.bandwidth, "B/s")}, ridge at ${ridge.toFixed(1)} FLOP/B`;
}

function titleOf({ total }: Roofline): string {
  return total.lostMs === null ? "longest at least" : "most time lost";
}

const SCOPE: DataColumn<RooflineRow> = {
  ...{ title: "scope", align: "left", rank: 6.5, value: ({ scope }) => scope },
};

/** The columns of rows; times are in milliseconds for programs. */
function tableOf(rows: readonly RooflineRow[], first: string): DataTable<RooflineRow> {
  const time = (value: number | null) => (value === null ? "" : milliseconds(value));
  return {
    columns: [
      { title: first, align: "left", rank: 10, value: ({ name }) => name },
      ...(first === "scope" ? [] : [SCOPE]),
      {
        ...{ title: "FLOP/B", align: "right", rank: 2, value: ({ intensity }) => intensity },
        text: ({ intensity }) => intensity?.toFixed(2) ?? "",
      },
      { title: "bound by", align: "left", rank: 4, value: ({ bound }) => bound },
      {
        ...{ title: "at least", valueTitle: "at least in ms", align: "right", rank: 7 },
        value: ({ leastMs }) => leastMs,
        text: ({ leastMs }) => milliseconds(leastMs),
      },
      {
        ...{ title: "expected", valueTitle: "expected in ms", align: "right", rank: 8 },
        value: ({ expected }) => expected?.ms ?? null,
        text: ({ expected }) => (expected === null ? "" : spread(expected)),
      },
      {
        ...{ title: "took", valueTitle: "took in ms", align: "right", rank: 9 },
        value: ({ measuredMs }) => measuredMs,
        text: ({ measuredMs }) => time(measuredMs),
      },
      {
        ...{ title: "lost", valueTitle: "lost in ms", align: "right", rank: 6 },
        value: ({ lostMs }) => lostMs,
        text: ({ lostMs }) => time(lostMs),
      },
      {
        ...{ title: "of the limit", align: "right", rank: 3, value: ({ share }) => share },
        text: ({ measuredMs, leastMs }) =>
          measuredMs === null ? "" : percent(leastMs, measuredMs),
      },
    ],
    rows,
  };
}

/** What the whole model takes at least, what it is expected to take, and what it took. */
function sentences(roofline: Roofline): string[] {
  const { spec, total, expectedIdle, transfers } = roofline;
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
  if (expectedIdle !== null) {
    lines.push(
      `${spread(expectedIdle)} where the device has lowered its clock, as one does that works seldom`,
    );
  }
  lines.push(
    ...transferred(transfers.uploads, "upload", "of results of the host"),
    ...transferred(transfers.readbacks, "readback", "in mid-pass"),
  );
  return [...lines, ...idling(roofline)];
}

/** Why the device is taken to idle, where it is. */
function idling({ spec, host, shortestMs, idles }: Roofline): string[] {
  if (!idles || spec.idle === undefined) return [];
  if (shortestMs !== null) {
    return [
      `the device had lowered its clock, as one does that idles between ops: its shortest dispatch took ${milliseconds(shortestMs)}, not ${milliseconds((spec.launchNs ?? 0) / 1e6)}`,
    ];
  }
  const reckoned = host.isMeasured ? "" : " by their bytes";
  return [
    `the device idles between ops, so each takes longer: ${counted(host.ops, "op")} on the host take ${milliseconds(host.ms)}${reckoned}`,
  ];
}

/** What a pass moves besides, where it moves anything and the time of that is known. */
function transferred({ count, bytes, ms }: PassTransfers, what: string, which: string): string[] {
  if (count === 0 || ms === null) return [];
  return [
    `besides, ${counted(count, what)} ${which}, ${shortBytes(bytes)}: expected ${milliseconds(ms)} where each is waited for`,
  ];
}

function spread({ ms, lowMs, highMs }: NonNullable<RooflineRow["expected"]>): string {
  return `${milliseconds(ms)} (${milliseconds(lowMs)} to ${milliseconds(highMs)})`;
}
