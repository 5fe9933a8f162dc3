import { grouped, OpcounterError } from "@opcounter/ir/core";
import type { WasmModule } from "./wasm.ts";

/** How much of a file or body is read. */
export interface ReadBound {
  readonly bytes: number;
  /** What to do about one that is longer. */
  readonly remedy: string;
}

/** The error of a file or body that is longer than it may be. */
export function tooLarge(location: string, { bytes, remedy }: ReadBound): OpcounterError {
  return new OpcounterError(
    "file-too-large",
    `${location} holds more than ${grouped(bytes)} bytes, the most that is read of it`,
    { remedy },
  );
}

/**
 * Follows an asynchronous program, one at a time: which code runs inside it, through its awaits and
 * callbacks.
 */
export interface AsyncContext {
  /** Runs a program. What an earlier one left running is not inside, nor what this one leaves. */
  start<T>(program: () => Promise<T>): Promise<T>;
  /** Runs something inside the program that was started last. */
  run<T>(body: () => T): T;
  /**
   * Runs something of the program, from inside it. What is called until it returns is the program's:
   * nothing has to look it up meanwhile, which takes as long as a patch itself.
   */
  now<T>(body: () => T): T;
  /** Whether the code that runs now is inside the program that was started last. */
  isInside(): boolean;
}

/**
 * What Node and a browser do differently, other than WebGPU itself. Each has an implementation.
 * package.json's `imports` says which of the two `#host` is, so a bundle for a page has no code for
 * Node.
 */
export interface Host {
  /** Undefined where the host has no means for it: no browser has. */
  readonly asyncContext: AsyncContext | undefined;
  /** Whether there may be a GPU, so that it is worth asking for an adapter. */
  mayHaveGpu(): boolean;
  /**
   * A WebGPU implementation, where the global scope has no `navigator.gpu`.
   *
   * @throws OpcounterError "device-unavailable" with what to install.
   */
  openGpu(name: "gpu" | "software"): Promise<GPU>;
  /**
   * Imports tfjs's wasm backend, which registers itself. Undefined where the package is not
   * installed, and in a browser.
   */
  importWasm(): Promise<WasmModule | undefined>;
  /** The npm package of that backend, where installing it is all that it takes. */
  readonly wasmPackage: string | undefined;
  /** Runs `make`, and removes the listeners that it adds to the process. */
  withoutListeners<T>(make: () => Promise<T>): Promise<T>;
  /**
   * The bytes of a file.
   *
   * @throws OpcounterError "file-not-found", "file-unreadable" or "file-too-large".
   */
  readFile(path: string, most: ReadBound): Promise<Uint8Array>;
  /**
   * The bytes of a file that another file names relative to itself.
   *
   * @throws OpcounterError as `readFile`, and where it lies outside the folder of the other file.
   */
  readBeside(file: string, path: string, most: ReadBound): Promise<Uint8Array>;
}
