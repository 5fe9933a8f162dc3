/** An object of a virtual class as the WebGPU object that it stands for. */
export function asWebGPU<T>(object: object): T {
  // Sound: a virtual class has every member of its WebGPU class.
  return object as T;
}

/** The error that WebGPU rejects and throws with where a call cannot be done. */
export function operationError(message: string): DOMException {
  return new DOMException(message, "OperationError");
}

/**
 * Waits for another task, as what a device answers comes in one. A program that waits for it in a
 * loop would let no timer fire otherwise, and nothing could end it.
 */
export function anotherTask(): Promise<void> {
  // A timer waits for a millisecond in Node, where this one does not.
  const immediately = typeof setImmediate === "undefined" ? setTimeout : setImmediate;
  return new Promise((resolve) => {
    immediately(resolve);
  });
}

/** Tells a device of a validation error. */
export type Refuse = (message: string) => void;

/** An object with a label, as nearly all of WebGPU's are. */
export class Labelled {
  label: string;

  constructor({ label = "" }: { readonly label?: string | undefined } = {}) {
    this.label = label;
  }
}

/** What WebGPU tells error scopes and listeners. */
export class VirtualError {
  constructor(readonly message: string) {}
}

export class VirtualValidationError extends VirtualError {}
export class VirtualOutOfMemoryError extends VirtualError {}
export class VirtualInternalError extends VirtualError {}

/** Dispatched to a device for an error that no scope takes. */
export class UncapturedErrorEvent extends Event {
  constructor(readonly error: VirtualError) {
    super("uncapturederror", { cancelable: true });
  }
}
