import { shortBytes } from "@opcounter/ir";
import type { MeasuredRate, TransferTime } from "@opcounter/tracer";
import type { FittedCalibration } from "../device-spec.ts";
import { milliseconds, percent, rate } from "./numbers.ts";

/** What a device can do, and the file that it was written to. */
export function renderCalibration(calibration: FittedCalibration, file: string): string {
  const { name, rates, flops, bandwidth, byWorkgroups, launchNs, idle } = calibration;
  const { uploads, readbacks, programs = {} } = calibration;
  const near = Object.entries(programs).map(([program, { efficiency }]) =>
    line(program, `${percent(efficiency, 1)} of its limit`),
  );
  const few = byWorkgroups.map(
    ({ workgroups, flops }) => `${workgroups}: ${rate(flops, "FLOP/s")}`,
  );
  const idling = `${milliseconds(idle.launchNs / 1e6)} after the device has idled; arithmetic takes ${idle.slowdown.toFixed(1)} times as long then`;
  return [
    name,
    "",
    ...rates.map(describe),
    line("product by workgroups", few.join(", ")),
    line("launch", `${milliseconds(launchNs / 1e6)}, ${idling}`),
    line("upload", transfers(uploads)),
    line("readback", transfers(readbacks)),
    ...(near.length > 0 ? ["", ...near] : []),
    "",
    `peak ${rate(flops, "FLOP/s")}, ${rate(bandwidth, "B/s")}; the ridge is at ${(flops / bandwidth).toFixed(1)} FLOP/B`,
    `kept in ${file}`,
  ].join("\n");
}

function describe({ name, unit, median, low, high, runs }: MeasuredRate): string {
  const spread = `${rate(low, unit)} to ${rate(high, unit)} between the quartiles of ${runs} runs`;
  return line(name, `${rate(median, unit).padStart(14)}  ${spread}`);
}

function transfers(times: readonly TransferTime[]): string {
  return times.map(({ bytes, ms }) => `${shortBytes(bytes)} in ${milliseconds(ms)}`).join(", ");
}

function line(name: string, text: string): string {
  return `${name.padEnd(22)} ${text}`;
}
