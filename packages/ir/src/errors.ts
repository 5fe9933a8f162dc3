/**
 * What can go wrong through no bug of opcounter. A code keeps its meaning from version to version;
 * `docs/errors.md` says what each means, where it comes from and what to do.
 */
export const ERROR_CODES = [
  // What is to be counted.
  "target-unknown",
  "target-is-saved-graph",
  "model-invalid",
  "layer-class-unknown",
  "graph-op-unknown",
  "kernel-unavailable",
  "module-failed",
  "module-invalid",
  "plugin-invalid",
  "package-not-found",
  // Files.
  "file-not-found",
  "file-unreadable",
  "file-too-large",
  "path-outside-model",
  "output-unwritable",
  "json-malformed",
  "fetch-failed",
  // Inputs and options.
  "input-unknown",
  "input-missing",
  "input-repeated",
  "input-invalid",
  "input-mismatch",
  "input-too-large",
  "input-file-invalid",
  "option-invalid",
  "options-conflict",
  "dimension-invalid",
  // Devices and TensorFlow.js.
  "device-unknown",
  "device-unavailable",
  "device-unsuited",
  "device-lost",
  "device-spec-missing",
  "device-spec-invalid",
  "tfjs-missing",
  "tfjs-unsupported",
  // Runs.
  "trace-running",
  "program-failed",
  "program-unsupported",
  "program-empty",
  "program-timeout",
  "value-unreadable",
  "value-unknown",
  "value-uncomputable",
  // Graphs and passes.
  "graph-text-malformed",
  "graph-json-invalid",
  "graph-version-unsupported",
  "graph-invalid",
  "verify-failed",
  "pipeline-malformed",
  "pass-unknown",
  "pass-invalid",
  "pass-misplaced",
  "pass-options-invalid",
  "pass-failed",
  // Counting.
  "convention-unknown",
  "convention-invalid",
  "kernel-unknown",
  "pattern-unknown",
  "scope-pattern-invalid",
  "expression-invalid",
  "expression-failed",
  "rule-failed",
  "cost-unknown",
  "cost-invalid",
  "cost-failed",
  "quantity-uncounted",
  "kernel-uncounted",
  "total-inexact",
  // Reports.
  "report-invalid",
  "reports-incomparable",
  "budget-invalid",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface OpcounterErrorOptions extends ErrorOptions {
  /** What to do: the end of a sentence, or sentences of its own. */
  readonly remedy?: string | undefined;
}

/**
 * A mistake that the user can correct, or a check of theirs that failed. Programs tell errors apart
 * by `code`; people read `message`, which is printed without a stack trace.
 *
 * `new OpcounterError(code, "The inputs are one tensor", { remedy: "pass them in an array" })` has
 * the message "The inputs are one tensor; pass them in an array."
 *
 * @param sentence what is wrong, and where. One that ends in a full stop takes the remedy as further
 *   sentences; any other takes it after a semicolon.
 */
export class OpcounterError extends Error {
  override name = "OpcounterError";
  /** What to do, which is the end of the message too; undefined where nothing better is known. */
  readonly remedy: string | undefined;

  constructor(
    readonly code: ErrorCode,
    readonly sentence: string,
    options: OpcounterErrorOptions = {},
  ) {
    super(withRemedy(sentence, options.remedy), options);
    this.remedy = options.remedy;
  }
}

function withRemedy(sentence: string, remedy: string | undefined): string {
  if (remedy === undefined) return sentence;
  return sentence.endsWith(".") ? `${sentence} ${remedy}` : `${sentence}; ${remedy}.`;
}

/**
 * Why the user's own code failed, on one line: the message of the error, or what was thrown
 * instead.
 */
export function reasonOf(thrown: unknown): string {
  return textOf(thrown)
    .trim()
    .replaceAll(/\s*[\r\n]\s*/g, " ");
}

function textOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return thrown.message || thrown.name;
    return typeof thrown === "object" ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return "what was thrown cannot be shown";
  }
}
