export { type Calibration, calibrate, type MeasuredRate } from "./calibrate.ts";
export {
  closeDevices,
  DEVICE_NAMES,
  type Device,
  type DeviceName,
  type DeviceOptions,
  openDevice,
} from "./devices/device.ts";
export { parseLimits } from "./devices/limits.ts";
export { type Evaluated, type EvaluateOptions, evaluate } from "./evaluate/evaluate.ts";
export { formatSpec, type InputSpec, inputSpecs, type ModelInputs } from "./inputs.ts";
export { loadModel } from "./load-model.ts";
export { withBackend } from "./session.ts";
export type { TfjsClasses } from "./tfjs.ts";
export type { TimingOptions } from "./timing.ts";
export { isModel, type Target, type TensorFunction, type TraceOptions, trace } from "./trace.ts";
export { traceTraining } from "./training.ts";
export type { ValuesOption } from "./value-source.ts";
