import { isMainThread, parentPort } from "node:worker_threads";
import { OpcounterError } from "@opcounter/ir";
import { closeDevices } from "@opcounter/tracer";
import { addAdviseCommand } from "./commands/advise.ts";
import { addCalibrateCommand } from "./commands/calibrate.ts";
import { addCheckCommand } from "./commands/check.ts";
import { addCompareCommand } from "./commands/compare.ts";
import { addDevicesCommand } from "./commands/devices.ts";
import { addExplainCommand } from "./commands/explain.ts";
import { addFlagsCommand } from "./commands/flags.ts";
import { addOpsCommand } from "./commands/ops.ts";
import { addOptCommand } from "./commands/opt.ts";
import { addProfileCommand } from "./commands/profile.ts";
import { createProgram, reportError } from "./commands/program.ts";
import { addRecordCommand } from "./commands/record.ts";
import { addSchemaCommand } from "./commands/schema.ts";
import { addTraceCommand } from "./commands/trace.ts";
import { addZooCommand } from "./commands/zoo.ts";
import { guardProcess } from "./guard.ts";
import { stopped } from "./stop.ts";

async function main(): Promise<void> {
  const program = createProgram();
  addProfileCommand(program);
  addTraceCommand(program);
  addRecordCommand(program);
  addOptCommand(program);
  addAdviseCommand(program);
  addExplainCommand(program);
  addCompareCommand(program);
  addCheckCommand(program);
  addZooCommand(program);
  addOpsCommand(program);
  addSchemaCommand(program);
  addCalibrateCommand(program);
  addDevicesCommand(program);
  addFlagsCommand(program);
  const isDebug = () => program.opts()["debug"] === true;
  const unguard = guardProcess(isDebug);
  // What a program that was ended still does would hold the process, and what a recorded one left.
  let mayStillRun = false;
  try {
    await program.parseAsync();
    mayStillRun = program.args[0] === "record";
  } catch (error) {
    const hasLeft = program.args[0] === "record" || codeOf(error) === "program-timeout";
    mayStillRun = stopped.aborted || hasLeft;
    if (!stopped.aborted) process.exitCode = reportError(error, isDebug());
  } finally {
    await closeDevices();
    unguard();
    if (mayStillRun) process.exit();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof OpcounterError ? error.code : undefined;
}

/** This file is also what the threads run that count the zoo. */
async function serve(): Promise<void> {
  const { serveZooRows } = await import("./zoo/zoo-workers.ts");
  if (parentPort !== null) serveZooRows(parentPort);
}

void (isMainThread ? main() : serve());
