import {
  count,
  type DeviceSpec,
  fitPrograms,
  rooflineOf,
  type TimedOp,
  workOfOp,
} from "@opcounter/counters";
import type { Calibration } from "@opcounter/tracer";
import { type Command, Option } from "commander";
import { type FittedCalibration, keepCalibration } from "../device-spec.ts";
import { withProgress } from "../progress.ts";
import { CALIBRATION_FORMATS, type CalibrationFormatName } from "../render/calibration.ts";
import { styleFor } from "../render/style.ts";
import type { Runner } from "../runner.ts";
import { traceTarget } from "../target/load-target.ts";
import { addDeviceOptions, type DeviceOptions, withRunner } from "./device-option.ts";
import { collect, writeResult } from "./program.ts";

interface CalibrateOptions extends DeviceOptions {
  readonly format: CalibrationFormatName;
  readonly model: readonly string[];
}

/** How often each model is run, after a run to warm up. */
const RUNS = 10;

/** Adds `opcounter calibrate`. */
export function addCalibrateCommand(program: Command): void {
  const command = program
    .command("calibrate")
    .description(
      "Measure what this machine's GPU can do, for profile --roofline and --device-spec",
    );
  addDeviceOptions(command, ["gpu", "software"], ["gpu", "gpu"])
    .option(
      "-m, --model <target>",
      "measure on this model, too, how near TensorFlow.js's programs come to the limits; repeatable",
      collect,
      [],
    )
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(Object.keys(CALIBRATION_FORMATS))
        .default("text"),
    )
    .exitOverride()
    .action(async ({ format, model: models, ...options }: CalibrateOptions) => {
      const calibration = await withRunner(options, async (runner) => {
        const measured = await withProgress("Measuring the device", () => runner.calibrate());
        return withPrograms(measured, runner, models);
      });
      const file = keepCalibration(calibration);
      writeResult(CALIBRATION_FORMATS[format](calibration, file, styleFor(undefined)), undefined);
    });
}

/** The calibration with how near programs come to the limits, as they ran in some models. */
async function withPrograms(
  calibration: Calibration,
  runner: Runner,
  models: readonly string[],
): Promise<FittedCalibration> {
  const ops: TimedOp[] = [];
  for (const model of models) {
    ops.push(
      ...(await withProgress(`Running ${model} ${runner.where}`, () =>
        timedOps(model, runner, calibration),
      )),
    );
  }
  if (ops.length === 0) return calibration;
  const { idle = calibration.idle, programs, otherPrograms } = fitPrograms(calibration, ops);
  return { ...calibration, idle, programs, otherPrograms };
}

/** The ops of a model with their times, as far as the device's clock can tell them. */
async function timedOps(model: string, runner: Runner, spec: DeviceSpec): Promise<TimedOp[]> {
  const time = { runs: RUNS, warmup: 1 };
  const report = count(await traceTarget(model, [], { runner, time }));
  const { idles } = rooflineOf(report, spec);
  return report.ops.flatMap((op): TimedOp[] => {
    const program = op.dispatches.at(-1)?.program;
    const measuredMs = op.cost.gpuTimeMs;
    if (program === undefined || measuredMs === null || measuredMs === 0) return [];
    return [{ model, program, work: workOfOp(op), idles, measuredMs }];
  });
}
