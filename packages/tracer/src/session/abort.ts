import { OpcounterError } from "@opcounter/ir/core";

/** How far long work is. */
export interface Progress {
  /**
   * `load`: the bytes of a model's files. `run`: the ops of the pass that is recorded. `time`: the runs that
   * are timed. `count`: the graph that was recorded is counted now.
   */
  readonly step: "load" | "run" | "time" | "count";
  /** How many bytes, ops or runs are done. */
  readonly done: number;
  /** Of how many; absent where that is not known before the end. */
  readonly total?: number;
}

/** What long work takes to be ended early and to say how far it is. */
export interface WorkOptions {
  /** Ends the work early. Everything is as it was before, and the promise rejects with `reason`. */
  readonly signal?: AbortSignal;
  /** Called whenever some bytes were read, and an op or a run is done. What it throws ends the work, too. */
  readonly onProgress?: (progress: Progress) => void;
}

/** The most seconds that timers can wait: 2^31 − 1 ms. */
const LONGEST_S = 2_147_483;

/** @throws OpcounterError "option-invalid" where a timeout is no number of seconds. */
export function checkTimeout(timeout: number | undefined): void {
  if (timeout === undefined || (timeout > 0 && timeout <= LONGEST_S)) return;
  throw new OpcounterError("option-invalid", `The timeout is ${timeout}`, {
    remedy: `it is a number of seconds, more than 0 and at most ${LONGEST_S}`,
  });
}

/**
 * Runs `body` with what ends it: the user's signal does, and so does the end of its time.
 *
 * @param timeout how many seconds it may take; as long as it does where it is left out.
 * @param body is given `lookAtClock` as well, which ends it if its time is over: no timer fires
 *   while a program runs on without a pause.
 */
export async function withTimeout<T>(
  signal: AbortSignal | undefined,
  timeout: number | undefined,
  body: (ending: AbortController, lookAtClock: () => void) => Promise<T>,
): Promise<T> {
  checkTimeout(timeout);
  const ending = new AbortController();
  const stop = signal === undefined ? () => {} : follow(ending, signal);
  const most = timeout === undefined ? Number.POSITIVE_INFINITY : 1000 * timeout;
  const end = () => ending.abort(tooLong(timeout ?? 0));
  const timer = timeout === undefined ? undefined : setTimeout(end, most);
  const begin = performance.now();
  const lookAtClock = () => {
    if (performance.now() - begin > most) end();
  };
  try {
    return await body(ending, lookAtClock);
  } finally {
    clearTimeout(timer);
    stop();
  }
}

/** Aborts when another signal does. Returns what ends that. Not every browser has `any()`. */
export function follow(ending: AbortController, signal: AbortSignal): () => void {
  const abort = () => ending.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return () => signal.removeEventListener("abort", abort);
}

function tooLong(timeout: number): OpcounterError {
  return new OpcounterError("program-timeout", `The program was not done after ${timeout} s`, {
    remedy: "give it longer, or settle the promise that it waits for",
  });
}

/**
 * Waits for work, but no longer than until the signal aborts. The work itself goes on, and nobody
 * hears how it ends.
 *
 * @throws the signal's reason, or what the work throws.
 */
export function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Starts work. What it throws at once rejects the promise, as what it throws later. */
export async function started<T>(work: () => T): Promise<Awaited<T>> {
  return await work();
}
