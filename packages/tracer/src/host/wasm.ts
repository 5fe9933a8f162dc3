/** The members of tfjs's wasm backend that opcounter uses. */
export interface WasmModule {
  setWasmPaths(folder: string): void;
  /** The folder of the `.wasm` files. Ends with a slash. */
  readonly folder: string;
}
