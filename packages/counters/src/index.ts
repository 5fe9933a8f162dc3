export type * from "./budget/budget.ts";
export { check, readIncrease, readLimits } from "./budget/check.ts";
export {
  COMPARED_COSTS,
  changeOf,
  kernelOf,
  type OpKind,
  opKinds,
  whyOf,
} from "./compare/changes.ts";
export { compare } from "./compare/compare.ts";
export type * from "./compare/comparison.ts";
export {
  type Convention,
  type ConventionDefinition,
  convention,
  readConvention,
} from "./conventions/convention.ts";
export { native } from "./conventions/native.ts";
export { CONVENTION_NAMES, findConvention, NATIVE } from "./conventions/registry.ts";
export {
  BASIC_QUANTITIES,
  type BasicQuantity,
  type CostDefinition,
  type CostOf,
  type GroupToCost,
  type LayerToCost,
  type OpToCost,
  type Quantities,
  type ScopeToCost,
} from "./costs/cost.ts";
export { type CostEvaluator, costEvaluator } from "./costs/own-costs.ts";
export { readCosts } from "./costs/read-costs.ts";
export { type CountOptions, count } from "./count.ts";
export { type CountingOptions, countBy } from "./count-by.ts";
export {
  type DifferenceRow,
  type Explanation,
  explain,
  explainPublished,
  type PublishedExplanation,
} from "./explain.ts";
export {
  type Expression,
  type Symbols,
  type SymbolValue,
  symbolsIn,
} from "./expressions/expression.ts";
export { format as formatExpression } from "./expressions/format.ts";
export { exact, type Integer } from "./expressions/integer.ts";
export type { Formula, FormulaStatus, Quantity } from "./formulas/formula.ts";
export { SYMBOL_MEANINGS } from "./formulas/legend.ts";
export { FORMULAS } from "./formulas/registry.ts";
export { checkParts } from "./known-parts.ts";
export { type PublishedFigure, readPublishedFigure } from "./published-figure.ts";
export * from "./report/report.ts";
export {
  quantitiesOfReports,
  REPORT_QUANTITIES,
  type ReportQuantity,
} from "./report/report-quantities.ts";
export type { DeviceSpec, Efficiency, IdleDevice, TransferTime } from "./roofline/device-spec.ts";
export { DEVICE_SPECS } from "./roofline/devices/catalog.ts";
export {
  type Expected,
  expectedOf,
  type TimeModel,
  timeModel,
} from "./roofline/expected.ts";
export { fitPrograms, type LaunchSpec, type TimedOp } from "./roofline/fit.ts";
export type { HostTime } from "./roofline/host-time.ts";
export { type Bound, type Limits, limitsOf, type Work } from "./roofline/limits.ts";
export { type Roofline, type RooflineRow, rooflineOf } from "./roofline/roofline.ts";
export type { PassTransfers, Transfers as RooflineTransfers } from "./roofline/transfers.ts";
export { workOfOp } from "./roofline/work.ts";
export {
  type CallRule,
  type Counters,
  type OpRule,
  type OwnRules,
  ownRules,
  type RuleResult,
} from "./rules/own-rules.ts";
export { scopePattern } from "./rules/scope-pattern.ts";
export type { CallToCount, OpToCount } from "./rules/to-count.ts";
export {
  type CountedAt,
  fitCosts,
  type Sizes,
  type SymbolicCost,
  uncountedAnywhere,
} from "./symbolic.ts";
