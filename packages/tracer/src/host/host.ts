import type { WasmModule } from "./wasm.ts";

/**
 * What a program's surroundings give, other than WebGPU itself. Node and a browser each have an
 * implementation; package.json's `imports` says which of the two `#host` is, so that a bundle for
 * a page holds nothing of Node.
 */
export interface Host {
  /** Whether it is worth asking for a WebGPU adapter. */
  mayHaveGpu(): boolean;
  /**
   * A WebGPU implementation, where the global scope has no `navigator.gpu`.
   *
   * @throws OpcounterError where there is none, with what to install.
   */
  openGpu(name: "gpu" | "software"): Promise<GPU>;
  /**
   * The modules of tfjs's wasm backend, whose import registers it, and where its `.wasm` files
   * lie. Undefined where the package is not installed, and in a browser.
   */
  importWasm(): Promise<WasmModule | undefined>;
  /** Runs `make`, and takes the listeners off the process that it puts there. */
  withoutListeners<T>(make: () => Promise<T>): Promise<T>;
  /**
   * The bytes of a file.
   *
   * @throws OpcounterError where it cannot be read.
   */
  readFile(path: string): Promise<Uint8Array>;
}
