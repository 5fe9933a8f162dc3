/**
 * What records WebGPU itself, for other packages: it knows nothing of TensorFlow.js, and loads none
 * of it.
 */
export { labelOfAdapter, openGpu } from "./devices/adapters.ts";
export { BufferLedger, useOf } from "./devices/buffer-ledger.ts";
export { FLAGS as WEBGPU_FLAGS } from "./devices/globals.ts";
export {
  ADAPTER_LIMITS,
  checkBindings,
  checkBuffer,
  checkDispatch,
  type Refusal,
} from "./devices/limits.ts";
export { replace } from "./patches/patch.ts";
export { runAll, withUndo } from "./patches/undo.ts";
export { orAbort, withTimeout } from "./session/abort.ts";
