import { reportToJson } from "@opcounter/counters";
import { calibrate, openDevice } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import { keepCalibration } from "../device-spec.ts";
import { withProgress } from "../progress.ts";
import { renderCalibration } from "../render/calibration.ts";
import { withVisibleTexts } from "../render/visible.ts";
import { writeResult } from "./program.ts";

interface CalibrateOptions {
  readonly device: "gpu" | "software";
  readonly format: "text" | "json";
}

/** Adds `opcounter calibrate`. */
export function addCalibrateCommand(program: Command): void {
  program
    .command("calibrate")
    .description("Measure the peak performance of this machine's GPU, for profile --roofline")
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
      const text =
        format === "json"
          ? reportToJson(calibration)
          : renderCalibration(withVisibleTexts(calibration), file);
      writeResult(text, undefined);
    });
}
