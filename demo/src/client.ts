import type { ReportDocument } from "@opcounter/report";
import { proxy, type Remote, wrap } from "comlink";
import type { Run } from "./run.ts";
import type { Profiler, Say } from "./worker/worker.ts";

/** Runs models in a worker, so that the page stays awake. Each run has a worker of its own. */
export class Client {
  #worker: Worker | undefined;
  #remote: Remote<Profiler> | undefined;
  #fail: (reason: Error) => void = () => {};

  /** @throws Error with one sentence on what went wrong, or `Stopped`. */
  async profile(run: Run, say: Say): Promise<ReportDocument> {
    this.stop();
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    const outcome = await Promise.race([this.#start().profile(run, proxy(say)), failed]);
    if ("error" in outcome) throw new Error(outcome.error);
    return outcome.document;
  }

  /** The report of the run by a convention, as JSON. */
  json(convention: string): Promise<string> {
    if (this.#remote === undefined) throw new Error("nothing was profiled yet");
    return this.#remote.json(convention);
  }

  /** Ends what runs. */
  stop(): void {
    this.#fail(new Stopped());
    this.#worker?.terminate();
    this.#remote = undefined;
  }

  #start(): Remote<Profiler> {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onerror = ({ message }) => {
      this.#fail(new Error(`The worker of this page failed: ${message || "it cannot be loaded"}.`));
    };
    this.#worker = worker;
    this.#remote = wrap<Profiler>(worker);
    return this.#remote;
  }
}

/** A run that was stopped, or that another took the place of. */
export class Stopped extends Error {
  override name = "Stopped";
}
