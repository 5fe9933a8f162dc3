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
   * @throws OpcounterError where it cannot be read, or holds more than the bound.
   */
  readFile(path: string, most: ReadBound): Promise<Uint8Array>;
  /**
   * The bytes of a file that another file names relative to itself.
   *
   * @throws OpcounterError as `readFile`, and where it lies outside the folder of the other file.
   */
  readBeside(file: string, path: string, most: ReadBound): Promise<Uint8Array>;
}
