import { type HostWork, OpcounterError } from "@opcounter/ir/core";
import type { BackendValues, Tensor } from "@tensorflow/tfjs-core";
import type { ValueSource } from "../devices/backend.ts";
import type { Device } from "../devices/device.ts";
import { Evaluator } from "../evaluate/evaluator.ts";
import { loadHostBackends } from "../evaluate/host-backends.ts";
import type { DataId } from "../tfjs/engine.ts";
import type { Recorder } from "./recorder.ts";

/**
 * What happens when a program reads a value that the virtual device did not compute. `on-demand`
 * computes it on the host, with all that it depends on. `none` makes it an error.
 */
export type ValuesOption = "on-demand" | "none";

/**
 * @throws OpcounterError "option-invalid" where it is neither. A JavaScript program may pass
 * anything.
 */
export function checkValuesOption(option: ValuesOption = "on-demand"): void {
  if (option === "on-demand" || option === "none") return;
  throw new OpcounterError("option-invalid", `The option values is "${option}"`, {
    remedy: 'it must be "on-demand" or "none"',
  });
}

/**
 * Answers the reads of a virtual device. A program may catch the error of a read. The trace would
 * be wrong all the same, so `rethrow` throws the first such error again.
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
    if (this.#option === "on-demand") await loadHostBackends();
  }

  knows(dataId: DataId): boolean {
    return this.#recorder.values.ofData(dataId) !== undefined;
  }

  valuesOf(dataId: DataId): BackendValues {
    try {
      return this.#evaluate(dataId);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  /** Ends the reads. Returns what was evaluated on the host, or undefined. */
  stop(): HostWork | undefined {
    if (this.#device.virtual !== undefined) this.#device.virtual.valueSource = undefined;
    return this.#evaluator?.spent;
  }

  /** Computes the values of tensors that outlive the program, where the virtual device did not. */
  async giveValues(tensors: readonly Tensor[]): Promise<void> {
    const { virtual } = this.#device;
    if (virtual === undefined || this.#option === "none") return;
    for (const { dataId } of tensors) {
      if (virtual.hostValues(dataId) !== undefined || !this.knows(dataId)) continue;
      await loadHostBackends();
      virtual.giveValues(dataId, this.#evaluate(dataId));
    }
  }

  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #evaluate(dataId: DataId): BackendValues {
    const id = this.#option === "none" ? undefined : this.#recorder.values.ofData(dataId);
    if (id === undefined) throw this.#unreadable(dataId);
    this.#evaluator ??= new Evaluator(this.#recorder.source);
    return this.#evaluator.valuesOf(id);
  }

  #unreadable(dataId: DataId): OpcounterError {
    const reader = this.#recorder.runningKernel;
    const who = reader === undefined ? "The program reads" : `Kernel ${reader} reads`;
    const what = this.#recorder.describeSource(dataId);
    const onDemand =
      this.#option === "none"
        ? 'let it be computed, by { values: "on-demand" }, or trace'
        : "trace";
    return new OpcounterError(
      "value-unreadable",
      `${who} back what ${what} computes, and the virtual device computes no values`,
      { remedy: `${onDemand} on a device that does: { device: "software" }, or { device: "gpu" }` },
    );
  }
}
