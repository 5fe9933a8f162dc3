import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";

/** One run: its arguments, the folder that it runs in, and its whole environment. */
export interface Run {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface RunOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts a process that runs the command line again and again.
 *
 * @param bundle the command line's file.
 * @returns a function that waits for a run.
 */
export function startWarm(bundle: string): (run: Run) => RunOutcome {
  const { port1, port2 } = new MessageChannel();
  // How many outcomes the bridge has given.
  const given = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  new Worker(new URL("bridge.mjs", import.meta.url), {
    workerData: { bundle, port: port2, given },
    transferList: [port2],
    execArgv: [],
  }).unref();
  let asked = 0;
  return (run) => {
    port1.postMessage(run);
    Atomics.wait(given, 0, asked++);
    // Sound: the bridge answers a run with its outcome.
    return receiveMessageOnPort(port1)?.message as RunOutcome;
  };
}
