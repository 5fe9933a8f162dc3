import { host } from "#host";
import { type Engine, kernelsOf } from "../tfjs/engine.ts";
import { unlisted } from "../tfjs/unlisted.ts";

/** Loads tfjs's wasm backend if the program has not. Gives whether there is one now. */
export async function loadWasm(tfEngine: Engine): Promise<boolean> {
  const module = await unlisted("wasm", host.importWasm);
  if (tfEngine.registry["wasm"] !== undefined) return true;
  const { factory } = tfEngine.registryFactory["wasm"] ?? {};
  if (factory === undefined) return false;
  module?.setWasmPaths(module.folder);
  // The wasm kernels use the memory of the instance that was made last, so there must be only one.
  const made = await host.withoutListeners(async () => factory());
  for (const { setupFunc } of kernelsOf("wasm")) setupFunc?.(made);
  tfEngine.registry["wasm"] ??= made;
  return true;
}
