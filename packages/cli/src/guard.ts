import { Console } from "node:console";
import { OpcounterError, reasonOf } from "@opcounter/ir";
import { reportError } from "./commands/program.ts";
import { endProgress } from "./progress.ts";
import { loadedModules } from "./target/module.ts";

/**
 * Has the command end with one sentence and a status whatever happens around it: an error in a
 * module that nothing awaits, a promise that is never settled, a reader of stdout that leaves.
 *
 * @param isDebug whether to print stack traces.
 * @returns what is to be called when the command has ended by itself.
 */
export function guardProcess(isDebug: () => boolean): () => void {
  let hasEnded = false;
  const report = (error: unknown) => {
    hasEnded = true;
    endProgress();
    process.exitCode = reportError(error, isDebug());
  };
  const end = (error: unknown) => {
    report(error);
    process.exit();
  };

  // Results alone go to stdout: what a module prints must not stand among them.
  globalThis.console = new Console(process.stderr);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    hasEnded = true;
    // Who reads has read enough, as `head` does.
    if (error.code === "EPIPE") process.exit();
    const sentence = `The result cannot be written to stdout: ${reasonOf(error)}.`;
    end(new OpcounterError("output-unwritable", sentence));
  });
  // Where stderr is closed there is nobody to tell.
  process.stderr.on("error", () => undefined);

  const onStray = (thrown: unknown) => end(strayError(thrown));
  process.on("uncaughtException", onStray);
  process.on("unhandledRejection", onStray);
  process.on("beforeExit", () => {
    if (hasEnded) return;
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

/** An error that came from a timer, an event or a promise, and so past all that would report it. */
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
