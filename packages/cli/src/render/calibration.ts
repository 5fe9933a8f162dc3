import { reportToJson } from "@opcounter/counters";
import { counted, shortBytes } from "@opcounter/ir";
import type { FittedCalibration } from "../device-spec.ts";
import { tableInCsv } from "./csv.ts";
import { type DataTable, tableForTerminal } from "./data-table.ts";
import { tableInLatex } from "./latex.ts";
import { fold, type Style } from "./lines.ts";
import { markdownText, tableInMarkdown } from "./markdown.ts";
import { milliseconds, percent, rate } from "./numbers.ts";
import { withVisibleTexts } from "./visible.ts";

/** How a calibration is printed; `file` is the one that it is kept in. */
type CalibrationFormat = (found: FittedCalibration, file: string, style: Style) => string;

/** The formats of `calibrate`. */
export const CALIBRATION_FORMATS = {
  text: forTerminal,
  md: inMarkdown,
  csv: (found) => tableInCsv(tableOf(found)),
  latex: (found) => tableInLatex(tableOf(found)),
  json: (found) => reportToJson(found),
} satisfies Readonly<Record<string, CalibrationFormat>>;
export type CalibrationFormatName = keyof typeof CALIBRATION_FORMATS;

function forTerminal(found: FittedCalibration, file: string, { width, paint }: Style): string {
  const calibration = withVisibleTexts(found);
  return [
    paint.bold(calibration.name),
    tableForTerminal(tableOf(calibration), width, paint),
    [...sentences(calibration), `kept in ${file}`].map((line) => fold(line, width)).join("\n"),
  ].join("\n\n");
}

function inMarkdown(calibration: FittedCalibration): string {
  return [
    `### ${markdownText(calibration.name)}`,
    tableInMarkdown(tableOf(calibration)),
    ...sentences(calibration),
  ].join("\n\n");
}

/** Something that was measured: of several runs the median and the quartiles, or one figure. */
interface Row {
  readonly what: string;
  /** Per second, a time in milliseconds, or a share of the limit. */
  readonly unit: "FLOP/s" | "op/s" | "B/s" | "ms" | "of its limit";
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

function rowsOf(calibration: FittedCalibration): Row[] {
  const { rates, byWorkgroups, launchNs, idle, uploads, readbacks, programs = {} } = calibration;
  const one = (what: string, unit: Row["unit"], value: number): Row => {
    return { what, unit, value, low: null, high: null };
  };
  return [
    ...rates.map(({ name, median, ...row }) => ({ ...row, what: name, value: median })),
    ...byWorkgroups.map(({ workgroups, flops }) =>
      one(`product of ${counted(workgroups, "workgroup")}`, "FLOP/s", flops),
    ),
    one("launch", "ms", launchNs / 1e6),
    one("launch after idling", "ms", idle.launchNs / 1e6),
    ...uploads.map(({ bytes, ms }) => one(`upload of ${shortBytes(bytes)}`, "ms", ms)),
    ...readbacks.map(({ bytes, ms }) => one(`readback of ${shortBytes(bytes)}`, "ms", ms)),
    ...Object.entries(programs).map(([program, { efficiency }]) =>
      one(program, "of its limit", efficiency),
    ),
  ];
}

function tableOf(calibration: FittedCalibration): DataTable<Row> {
  return {
    columns: [
      { title: "measured", align: "left", rank: 10, value: ({ what }) => what },
      {
        ...{ title: "median", align: "right", rank: 9, value: ({ value }) => value },
        text: ({ value, unit }) => inUnit(value, unit),
      },
      {
        ...{ title: "25 %", align: "right", rank: 8, value: ({ low }) => low },
        text: ({ low, unit }) => inUnit(low, unit),
      },
      {
        ...{ title: "75 %", align: "right", rank: 8, value: ({ high }) => high },
        text: ({ high, unit }) => inUnit(high, unit),
      },
      {
        title: "",
        valueTitle: "unit",
        align: "left",
        rank: 9,
        value: ({ unit }) => unit,
        text: ({ unit }) => (unit === "of its limit" ? unit : ""),
      },
    ],
    rows: rowsOf(calibration),
  };
}

function inUnit(value: number | null, unit: Row["unit"]): string {
  if (value === null) return "";
  if (unit === "ms") return milliseconds(value);
  return unit === "of its limit" ? percent(value, 1) : rate(value, unit);
}

function sentences({ flops, bandwidth, idle }: FittedCalibration): string[] {
  return [
    `after the device has idled, arithmetic takes ${idle.slowdown.toFixed(1)} times as long`,
    `peak ${rate(flops, "FLOP/s")}, ${rate(bandwidth, "B/s")}; the ridge is at ${(flops / bandwidth).toFixed(1)} FLOP/B`,
  ];
}
