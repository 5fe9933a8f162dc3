/** The parts of tfjs's wasm backend that are looked at. */
export interface WasmModule {
  setWasmPaths(folder: string): void;
  /** The folder of the `.wasm` files, with a slash at its end. */
  readonly folder: string;
}
