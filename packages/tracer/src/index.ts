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
export { type PagePass, watchPasses } from "./live/watch-passes.ts";
export { noteExactStorage } from "./loading/exact-storage.ts";
export { type LoadOptions, loadModel, loadModelFrom } from "./loading/load-model.ts";
export { type ModelFiles, ModelSource } from "./loading/model-source.ts";
export type { ParametersOption } from "./recording/held-constants.ts";
export type { ValuesOption } from "./recording/reads.ts";
export { orAbort, type Progress, type WorkOptions, withTimeout } from "./session/abort.ts";
export { withBackend } from "./session/session.ts";
export { formatSpec, type InputSpec, type ModelInputs } from "./targets/inputs.ts";
export type { Target, TensorFunction } from "./targets/target.ts";
export { inputSpecs, isModel } from "./targets/traceable.ts";
export type { TfjsClasses } from "./tfjs/classes.ts";
export { FLAGS, type FlagFacts } from "./tfjs/flag-facts.ts";
export type { Flags } from "./tfjs/flags.ts";
export { type Calibration, calibrate, type WorkgroupRate } from "./timing/calibrate.ts";
export type { MeasuredRate } from "./timing/measure.ts";
export type { TimingOptions } from "./timing/timing.ts";
export type { TransferTime } from "./timing/transfers.ts";
export { type TraceOptions, trace } from "./trace.ts";
export { traceTraining } from "./training.ts";
