import type { WasmModule } from "./wasm.ts";

/**
 * What Node and a browser do differently, other than WebGPU itself. Each has an implementation.
 * package.json's `imports` says which of the two `#host` is, so a bundle for a page has no code for
 * Node.
 */
export interface Host {
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
   * @throws OpcounterError "file-not-found" or "file-unreadable".
   */
  readFile(path: string): Promise<Uint8Array>;
}
