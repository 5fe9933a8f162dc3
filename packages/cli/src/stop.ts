import { endProgress, silence } from "./progress.ts";

/** The exit statuses of a process that was asked to end, as shells have them: 128 + the signal. */
const STATUSES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** How long what hears of it has to end. */
const GRACE_MS = 300;

const controller = new AbortController();

/** Aborts when the process is asked to end, as by Ctrl-C: all long work takes it. */
export const stopped = controller.signal;

const listeners = Object.entries(STATUSES).map(
  ([name, status]) => [name, () => stop(status)] as const,
);

/** From now on ends the command in order when the process is asked to end. */
export function listenForStop(): void {
  for (const [name, listener] of listeners) process.on(name, listener);
}

function stopListening(): void {
  for (const [name, listener] of listeners) process.off(name, listener);
}

function stop(status: number): void {
  process.exitCode = status;
  endProgress();
  silence();
  // Asked twice, or deaf: it ends now. Threads and child processes end with it.
  if (stopped.aborted) process.exit();
  controller.abort();
  setTimeout(() => process.exit(), GRACE_MS).unref();
}

/**
 * Runs code of the user's. A loop without an end would let no listener run, so meanwhile the system
 * itself ends the process when it is asked to.
 */
export function interruptible<T>(step: () => T): T {
  stopListening();
  try {
    return step();
  } finally {
    listenForStop();
  }
}

/** The same of code that is asynchronous, until it is done. */
export async function interruptibleUntilDone<T>(step: () => Promise<T>): Promise<T> {
  stopListening();
  try {
    return await step();
  } finally {
    listenForStop();
  }
}
