import { type DeviceSpec, reportToJson } from "@opcounter/counters";
import { tableInCsv } from "./csv.ts";
import type { DataTable } from "./data-table.ts";
import { tableInLatex } from "./latex.ts";
import { fold } from "./lines.ts";
import { tableInMarkdown } from "./markdown.ts";
import { milliseconds, rate } from "./numbers.ts";

type Specs = Readonly<Record<string, DeviceSpec>>;

/** The formats of `devices`. */
export const DEVICES_FORMATS = {
  text: (specs, width) => renderDevices(specs, width),
  md: (specs) => tableInMarkdown(devicesTable(specs)),
  csv: (specs) => tableInCsv(devicesTable(specs)),
  latex: (specs) => tableInLatex(devicesTable(specs)),
  json: (specs) => reportToJson(specs),
} satisfies Readonly<Record<string, (specs: Specs, width: number) => string>>;
export type DevicesFormatName = keyof typeof DEVICES_FORMATS;

/** The devices that ship, each with its figures and their source. */
function renderDevices(specs: Specs, width: number): string {
  const longest = Math.max(...Object.keys(specs).map((name) => name.length));
  return Object.entries(specs)
    .flatMap(([key, spec]) => {
      const { name, source, flops, bandwidth } = spec;
      const figures = `${rate(flops, "FLOP/s")}, ${rate(bandwidth, "B/s")}; predicts ${predictedBy(spec)}`;
      const line = `${key.padEnd(longest)}  ${name}: ${figures}`;
      return [fold(line, width, longest + 2), fold(`    ${source ?? ""}`, width, 4)];
    })
    .join("\n");
}

function predictedBy({ programs }: DeviceSpec): string {
  return programs === undefined ? "least times" : "times";
}

/** A row for each device. Rates are per second. */
function devicesTable(specs: Specs): DataTable<DeviceSpec & { readonly key: string }> {
  return {
    columns: [
      { title: "name", align: "left", rank: 0, value: ({ key }) => key },
      { title: "device", align: "left", rank: 0, value: ({ name }) => name },
      {
        ...{ title: "FLOP/s", align: "right", rank: 0, value: ({ flops }) => flops },
        text: ({ flops }) => rate(flops, "FLOP/s"),
      },
      {
        ...{ title: "B/s", align: "right", rank: 0, value: ({ bandwidth }) => bandwidth },
        text: ({ bandwidth }) => rate(bandwidth, "B/s"),
      },
      {
        ...{ title: "launch", valueTitle: "launch in ns", align: "right", rank: 0 },
        value: ({ launchNs }) => launchNs ?? null,
        text: ({ launchNs }) => (launchNs === undefined ? "" : milliseconds(launchNs / 1e6)),
      },
      { title: "predicts", align: "left", rank: 0, value: predictedBy },
      { title: "source", align: "left", rank: 0, value: ({ source }) => source ?? "" },
    ],
    rows: Object.entries(specs).map(([key, spec]) => ({ key, ...spec })),
  };
}
