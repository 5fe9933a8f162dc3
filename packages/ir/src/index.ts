export { advise } from "./advice/advice.ts";
export type { Advice, Savings } from "./advice/advice-rule.ts";
export * from "./analyses/buffer-plan.ts";
export * from "./analyses/dispatch-summary.ts";
export * from "./analyses/liveness.ts";
export { type Uses, uses } from "./analyses/uses.ts";
export * from "./analysis.ts";
export * from "./builder.ts";
export * from "./dispatch.ts";
export * from "./errors.ts";
export * from "./graph.ts";
export { type AttributeJson, GRAPH_SCHEMA_VERSION } from "./json/form.ts";
export * from "./json/read.ts";
export { type GraphJson, graphJsonSchema } from "./json/schema.ts";
export { toJson } from "./json/write.ts";
export * from "./kernel.ts";
export type {
  AttributeSpec,
  AttributesOf,
  AttributeType,
  OptionalAttribute,
} from "./kernels/attribute-types.ts";
export * from "./kernels/registry.ts";
export { einsumTerms } from "./kernels/shapes.ts";
export * from "./parse/parse.ts";
export * from "./parse/parse-error.ts";
export * from "./pass/pass.ts";
export * from "./pass/pipeline.ts";
export * from "./pass/run-passes.ts";
export { BUILT_IN_PASSES } from "./passes/built-in.ts";
export { patternGroups } from "./passes/fuse.ts";
export * from "./passes/rewrite.ts";
export { PATTERN_NAMES } from "./patterns/registry.ts";
export * from "./print.ts";
export * from "./recording.ts";
export * from "./suggestion.ts";
export * from "./types.ts";
export { type Finding, VerifyError } from "./verify/findings.ts";
export * from "./verify/verify.ts";
export * from "./webgpu-limits.ts";
export * from "./wording.ts";
