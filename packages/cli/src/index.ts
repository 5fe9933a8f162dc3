/**
 * The library, in Node, a page or a worker. Importing it changes nothing. `docs/api.md` says what
 * each name is; what is not here is in the packages `@opcounter/ir`, `@opcounter/tracer` and
 * `@opcounter/counters`.
 */

// Counting.
export {
  type Budget,
  type CallToCount,
  type CheckResult,
  CONVENTION_NAMES,
  type Comparison,
  type ConventionDefinition,
  type CostDefinition,
  type CostReport,
  type Counters,
  type CountOptions,
  check,
  compare,
  convention,
  count,
  DEVICE_SPECS,
  type DeviceSpec,
  type Explanation,
  explain,
  type OpToCount,
  type RuleResult,
  reportToJson,
  rooflineOf,
} from "@opcounter/counters";
// The graph, its written forms, and passes over it.
export {
  type Advice,
  type Advised,
  advise,
  analyse,
  BUILT_IN_PASSES,
  bufferPlan,
  createPassRegistry,
  type Dispatch,
  type DType,
  definePass,
  dispatchSummary,
  type ErrorCode,
  type Graph,
  GraphBuilder,
  type KernelOp,
  type Liveness,
  linesOf,
  liveness,
  type Op,
  OpcounterError,
  type Pass,
  print,
  recordingOf,
  rewrite,
  runPasses,
  type Shape,
  type SourceLine,
  sizeOf,
  type TensorType,
  toJson,
  uses,
  type Value,
  valueAt,
  verify,
} from "@opcounter/ir";
// From a model or a function to a graph.
export {
  type Calibration,
  calibrate,
  closeDevices,
  type Device,
  type DeviceName,
  evaluate,
  FLAGS,
  type Flags,
  type LoadOptions,
  loadModel,
  type ModelInputs,
  noteExactStorage,
  openDevice,
  type Progress,
  type Target,
  type TraceOptions,
  trace,
  traceTraining,
} from "@opcounter/tracer";
export {
  type ExecutedCost,
  type ExecutedOp,
  type ExecutedOptions,
  type ExecutedReport,
  executed,
  type Waste,
} from "./executed.ts";
export { definePlugin, type Plugin } from "./plugin.ts";
export { type ProfileOptions, profile } from "./profile.ts";
export { fromJson, parse } from "./read-graph.ts";
export { type Recorded, type RecordOptions, record } from "./record.ts";
export { type RenderOptions, render } from "./render.ts";
export { type RenderComparisonOptions, renderComparison } from "./render-comparison.ts";
