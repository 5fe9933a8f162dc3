import { isMainThread, parentPort } from "node:worker_threads";
import { closeDevices } from "@opcounter/tracer";
import type { Command } from "commander";
import { createProgram, leadToOwnHelp, reportError } from "./commands/program.ts";
import { guardProcess } from "./guard.ts";
import { stopped } from "./stop.ts";

/** What adds a command, in the order of the help. Only the command that is called is loaded. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => unknown>>> = {
  profile: async () => (await import("./commands/profile.ts")).addProfileCommand,
  trace: async () => (await import("./commands/trace.ts")).addTraceCommand,
  record: async () => (await import("./commands/record.ts")).addRecordCommand,
  opt: async () => (await import("./commands/opt.ts")).addOptCommand,
  advise: async () => (await import("./commands/advise.ts")).addAdviseCommand,
  explain: async () => (await import("./commands/explain.ts")).addExplainCommand,
  compare: async () => (await import("./commands/compare.ts")).addCompareCommand,
  check: async () => (await import("./commands/check.ts")).addCheckCommand,
  zoo: async () => (await import("./commands/zoo.ts")).addZooCommand,
  ops: async () => (await import("./commands/ops.ts")).addOpsCommand,
  schema: async () => (await import("./commands/schema.ts")).addSchemaCommand,
  calibrate: async () => (await import("./commands/calibrate.ts")).addCalibrateCommand,
  devices: async () => (await import("./commands/devices.ts")).addDevicesCommand,
  flags: async () => (await import("./commands/flags.ts")).addFlagsCommand,
};

async function main(): Promise<void> {
  const program = createProgram();
  const isDebug = () => program.opts()["debug"] === true;
  const unguard = guardProcess(isDebug);
  try {
    for (const load of calledCommands()) (await load())(program);
    leadToOwnHelp(program);
    await program.parseAsync();
  } catch (error) {
    if (!stopped.aborted) process.exitCode = reportError(error, isDebug());
  } finally {
    await closeDevices();
    unguard();
    await written();
  }
}

/** Waits until stdout has all of the result, and an error of that has been told. */
function written(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write("", () => setImmediate(resolve));
  });
}

/** Every command where none of them is called, as for the help. No option before it takes a value. */
function calledCommands() {
  const name = process.argv.slice(2).find((word) => !word.startsWith("-")) ?? "";
  const called = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return called === undefined ? Object.values(COMMANDS) : [called];
}

/** This file is also what the threads run that count the zoo. */
async function serve(): Promise<void> {
  const { serveZooRows } = await import("./zoo/zoo-workers.ts");
  if (parentPort !== null) serveZooRows(parentPort);
}

/** The command, for whoever runs it to end the process; undefined in a thread. */
export const ended = isMainThread ? main() : undefined;
if (!isMainThread) void serve();
