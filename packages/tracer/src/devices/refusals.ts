/**
 * Collects what a real device refuses, such as a buffer that is too large. It tells nobody who runs
 * a program: what would have been computed is then missing or zero.
 */
export class Refusals {
  readonly #device: GPUDevice;
  #first: string | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
    device.addEventListener("uncapturederror", this.#onError);
  }

  stop(): void {
    this.#device.removeEventListener("uncapturederror", this.#onError);
  }

  /** Waits for the device; then says what it refused first. Empty where it took everything. */
  async notes(): Promise<string[]> {
    await this.#device.queue.onSubmittedWorkDone();
    if (this.#first === undefined) return [];
    return [`The GPU refused a command, so values and times may be wrong: ${this.#first}`];
  }

  readonly #onError = (event: GPUUncapturedErrorEvent): void => {
    // It is told once, by the note.
    event.preventDefault();
    this.#first ??= event.error.message.trim().split("\n")[0];
  };
}
