export {
  closeDevices,
  DEVICE_NAMES,
  type Device,
  type DeviceName,
  openDevice,
} from "./devices/device.ts";
export { isGraphModel } from "./graph-models.ts";
export { formatSpec, type InputSpec, inputSpecs, type ModelInputs } from "./inputs.ts";
export { withBackend } from "./session.ts";
export { type Target, type TensorFunction, type TraceOptions, trace } from "./trace.ts";
