/**
 * The graph, its kernels and what is known of both: what tracing and counting need. It leads to no
 * parser, no verifier and no pipeline of passes, so a page that only counts carries none of them.
 */
export type { SavedAmount, Savings } from "./advice/advice-rule.ts";
export { savedTogether, savingsInWords } from "./advice/in-words.ts";
export * from "./analyses/buffer-plan.ts";
export * from "./analyses/dispatch-summary.ts";
export * from "./analyses/liveness.ts";
export { type Uses, uses } from "./analyses/uses.ts";
export * from "./analysis.ts";
export * from "./builder.ts";
export * from "./dispatch.ts";
export { elementAt } from "./element-at.ts";
export * from "./errors.ts";
export * from "./exact-storage.ts";
export * from "./graph.ts";
export * from "./kernel.ts";
export type {
  AttributeSpec,
  AttributesOf,
  AttributeType,
  OptionalAttribute,
} from "./kernels/attribute-types.ts";
export {
  DIALECTS,
  type Dialect,
  declaredName,
  isProgram,
  MOVING_COMMANDS,
  OTHER_COMMANDS,
  opDialect,
  wgsl,
} from "./kernels/dialects.ts";
export * from "./kernels/registry.ts";
export { einsumTerms } from "./kernels/shapes.ts";
export type { Work } from "./kernels/work.ts";
export * from "./lines.ts";
export { nestsDeeper } from "./nesting.ts";
export * from "./notes.ts";
export type { Pass } from "./pass/pass.ts";
export { patternGroups } from "./passes/fuse.ts";
export { PATTERN_NAMES } from "./patterns/registry.ts";
export { median, quantile } from "./quantile.ts";
export * from "./recording.ts";
export * from "./suggestion.ts";
export * from "./types.ts";
export { uncompiledDType } from "./uncompiled.ts";
export * from "./visible.ts";
export * from "./webgpu-limits.ts";
export { whenAsked } from "./when-asked.ts";
export * from "./wording.ts";
