import type { Calibration, MeasuredRate } from "@opcounter/tracer";
import { rate } from "./numbers.ts";

/** The peak performance of a device, and the file that it was written to. */
export function renderCalibration(calibration: Calibration, file: string): string {
  const { adapter, rates, flops, bandwidth } = calibration;
  return [
    adapter,
    "",
    ...rates.map(describe),
    "",
    `peak ${rate(flops, "FLOP/s")}, ${rate(bandwidth, "B/s")}; the ridge is at ${(flops / bandwidth).toFixed(1)} FLOP/B`,
    `kept in ${file}`,
  ].join("\n");
}

function describe({ name, unit, median, low, high, runs }: MeasuredRate): string {
  const spread = `${rate(low, unit)} to ${rate(high, unit)} between the quartiles of ${runs} runs`;
  return `${name.padEnd(22)} ${rate(median, unit).padStart(14)}  ${spread}`;
}
