export {
  closeDevices,
  DEVICE_NAMES,
  type Device,
  type DeviceName,
  openDevice,
} from "./devices/device.ts";
export { formatSpec, type InputSpec, inputSpecs, type ModelInputs } from "./inputs.ts";
export { loadModel } from "./load-model.ts";
export { type RecordedMemory, recordedMemory } from "./recorded-memory.ts";
export { recordedReads } from "./recorded-reads.ts";
export { withBackend } from "./session.ts";
export { isModel, type Target, type TensorFunction, type TraceOptions, trace } from "./trace.ts";
export { traceTraining } from "./training.ts";
