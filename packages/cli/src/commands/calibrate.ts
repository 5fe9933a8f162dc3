import { reportToJson } from "@opcounter/counters";
import { calibrate, type MeasuredRate, openDevice } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import { keepCalibration } from "../device-spec.ts";
import { withProgress } from "../progress.ts";
import { rate } from "../render/numbers.ts";
import { writeResult } from "./program.ts";

interface CalibrateOptions {
  readonly device: "gpu" | "software";
  readonly format: "text" | "json";
}

/** Adds `opcounter calibrate`. */
export function addCalibrateCommand(program: Command): void {
  program
    .command("calibrate")
    .description("Measure what this machine's GPU can do at most, for profile --roofline")
    .addOption(
      new Option("-d, --device <name>", "what to measure")
        .choices(["gpu", "software"])
        .default("gpu"),
    )
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["text", "json"])
        .default("text"),
    )
    .exitOverride()
    .action(async ({ device: name, format }: CalibrateOptions) => {
      const device = await openDevice(name);
      const calibration = await withProgress("Measuring the device", () => calibrate(device));
      const file = await keepCalibration(calibration);
      const text = [
        calibration.adapter,
        "",
        ...calibration.rates.map(describe),
        "",
        `peak ${rate(calibration.flops, "FLOP/s")}, ${rate(calibration.bandwidth, "B/s")}; the ridge is at ${(calibration.flops / calibration.bandwidth).toFixed(1)} FLOP/B`,
        `kept in ${file}`,
      ];
      writeResult(format === "json" ? reportToJson(calibration) : text.join("\n"), undefined);
    });
}

function describe({ name, unit, median, low, high, runs }: MeasuredRate): string {
  const spread = `${rate(low, unit)} to ${rate(high, unit)} between the quartiles of ${runs} runs`;
  return `${name.padEnd(22)} ${rate(median, unit).padStart(14)}  ${spread}`;
}
