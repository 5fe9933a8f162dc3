import { UserError } from "@opcounter/ir";
import type { BackendValues } from "@tensorflow/tfjs";
import type { ValueSource } from "./devices/backend.ts";
import type { Device } from "./devices/device.ts";
import type { DataId } from "./engine.ts";
import { Evaluator } from "./evaluate/evaluator.ts";
import { loadedHostBackends, loadHostBackends } from "./evaluate/host-backends.ts";
import type { Recorder } from "./recorder.ts";

/**
 * What a read of a value does that the virtual device did not compute: `on-demand` computes it on the
 * host, with all that it depends on; `none` makes it an error.
 */
export type ValuesOption = "on-demand" | "none";

/** Thrown at a synchronous read for which nothing is loaded yet; the trace loads it and starts again. */
export class HostBackendsNeeded extends Error {
  override readonly name = "HostBackendsNeeded";

  constructor() {
    super("a value is read synchronously, and what computes values is not loaded yet");
  }
}

/**
 * Stands before the reads of a virtual device. A program may catch what a read throws; the trace is
 * wrong all the same, so the first such error is thrown again at the end.
 */
export class ReadsOfUnknown implements ValueSource {
  readonly #recorder: Recorder;
  readonly #device: Device;
  readonly #option: ValuesOption;
  #evaluator: Evaluator | undefined;
  #failure: unknown;

  constructor(recorder: Recorder, device: Device, option: ValuesOption) {
    this.#recorder = recorder;
    this.#device = device;
    this.#option = option;
    if (device.virtual !== undefined) device.virtual.valueSource = this;
  }

  async load(): Promise<void> {
    if (this.#option === "none") return;
    try {
      await loadHostBackends();
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  valuesOf(dataId: DataId): BackendValues {
    try {
      return this.#evaluate(dataId);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  /** Ends it; what was computed, where anything was. */
  stop(): { readonly ops: number; readonly milliseconds: number } | undefined {
    if (this.#device.virtual !== undefined) this.#device.virtual.valueSource = undefined;
    return this.#evaluator?.spent;
  }

  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #evaluate(dataId: DataId): BackendValues {
    const id = this.#option === "none" ? undefined : this.#recorder.values.ofData(dataId);
    if (id === undefined) throw this.#unreadable(dataId);
    const host = loadedHostBackends();
    if (host === undefined) throw new HostBackendsNeeded();
    this.#evaluator ??= new Evaluator(this.#recorder.source, host);
    return this.#evaluator.valuesOf(id);
  }

  #unreadable(dataId: DataId): UserError {
    const reader = this.#recorder.runningKernel;
    const who = reader === undefined ? "The program reads" : `Kernel ${reader} reads`;
    const what = this.#recorder.describeSource(dataId);
    const onDemand =
      this.#option === "none"
        ? "let it be computed on demand (--values on-demand), or trace"
        : "trace";
    return new UserError(
      `${who} back what ${what} computes, and the virtual device computes no values; ${onDemand} on a device that does: --device software, or --device gpu (in code: { device: "software" }).`,
    );
  }
}
