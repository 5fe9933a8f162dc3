import type { DeviceSpec } from "@opcounter/counters";
import { fold } from "./lines.ts";
import { rate } from "./numbers.ts";

/** The devices that ship, each with its figures and their source. */
export function renderDevices(specs: Readonly<Record<string, DeviceSpec>>, width: number): string {
  const longest = Math.max(...Object.keys(specs).map((name) => name.length));
  return Object.entries(specs)
    .flatMap(([key, { name, source, flops, bandwidth, programs }]) => {
      const what = programs === undefined ? "least times" : "times";
      const figures = `${rate(flops, "FLOP/s")}, ${rate(bandwidth, "B/s")}; predicts ${what}`;
      const line = `${key.padEnd(longest)}  ${name}: ${figures}`;
      return [fold(line, width, longest + 2), fold(`    ${source ?? ""}`, width, 4)];
    })
    .join("\n");
}
