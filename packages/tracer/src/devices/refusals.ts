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

  /**
   * Says what the device refused first, once it has checked all commands. It need not have executed
   * them: a pass may take the GPU long. Empty where it took everything.
   */
  async notes(): Promise<string[]> {
    this.#device.pushErrorScope("validation");
    await this.#device.popErrorScope();
    if (this.#first === undefined) return [];
    return [`The GPU refused a command, so values and times may be wrong: ${this.#first}`];
  }

  readonly #onError = (event: GPUUncapturedErrorEvent): void => {
    // It is told once, by the note.
    event.preventDefault();
    this.#first ??= event.error.message.trim().split("\n")[0];
  };
}
