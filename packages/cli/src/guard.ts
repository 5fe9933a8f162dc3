import { Console } from "node:console";
import { OpcounterError, reasonOf } from "@opcounter/ir";
import { reportError } from "./commands/program.ts";
import { endProgress } from "./progress.ts";
import { listenForStop, stopped } from "./stop.ts";
import { loadedModules } from "./target/loaded-modules.ts";

/**
 * Makes the command end with one sentence and an exit status in every case: an error in a module
 * that nothing awaits, a promise that is never settled, a closed stdout. Where the process is asked
 * to end, as by Ctrl-C, the exit status alone says so.
 *
 * @param isDebug whether to print codes and stack traces.
 * @returns a function to call when the command has ended by itself.
 */
export function guardProcess(isDebug: () => boolean): () => void {
  let hasEnded = false;
  const report = (error: unknown) => {
    hasEnded = true;
    // Whoever asked it to end knows why.
    if (stopped.aborted) return;
    endProgress();
    process.exitCode = reportError(error, isDebug());
  };
  listenForStop();
  const end = (error: unknown) => {
    report(error);
    process.exit();
  };

  // Only results go to stdout. What a module prints goes to stderr.
  globalThis.console = new Console(process.stderr);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    hasEnded = true;
    // The reader has read enough, as `head` does.
    if (error.code === "EPIPE") process.exit();
    const sentence = `The result cannot be written to stdout: ${reasonOf(error)}.`;
    end(new OpcounterError("output-unwritable", sentence));
  });
  // If stderr is closed, there is no way to report anything.
  process.stderr.on("error", () => undefined);

  const onStray = (thrown: unknown) => end(strayError(thrown));
  process.on("uncaughtException", onStray);
  process.on("unhandledRejection", onStray);
  process.on("beforeExit", () => {
    if (hasEnded || stopped.aborted) return;
    end(endedEarly("waits for a promise that is never settled", "settle it, or return without it"));
  });
  process.on("exit", () => {
    if (hasEnded) return;
    report(endedEarly("ended the process before it was counted", "take its process.exit() out"));
  });
  return () => {
    hasEnded = true;
  };
}

/** An error from a timer, an event or a promise, which no caller of ours can catch. */
function strayError(thrown: unknown): unknown {
  if (loadedModules.length === 0) return thrown;
  return new OpcounterError(
    "module-failed",
    `${modules()} threw where nothing catches it, as in a timer or a promise that is not awaited: ${reasonOf(thrown)}`,
    { cause: thrown },
  );
}

function endedEarly(how: string, remedy: string): Error {
  return loadedModules.length === 0
    ? new Error("the command ended before its result was there")
    : new OpcounterError("module-failed", `${modules()} ${how}`, { remedy });
}

function modules(): string {
  return loadedModules.join(" or ");
}
