import { carryAnnotations } from "../analysis.ts";
import { OpcounterError, reasonOf } from "../errors.ts";
import type { Graph } from "../graph.ts";
import { BUILT_IN_PASSES } from "../passes/built-in.ts";
import { namesToChoose } from "../suggestion.ts";
import { VerifyError } from "../verify/findings.ts";
import { verify } from "../verify/verify.ts";
import { createPassRegistry, type OptionsIssue, type Pass, type PassRegistry } from "./pass.ts";
import { type PipelineStep, parsePipeline } from "./pipeline.ts";

/** Browsers and Node have this clock, but the types of the language do not declare it. */
declare const performance: { now(): number };

export interface RunPassesOptions {
  /** The passes that the pipeline may name; the built-in ones by default. */
  readonly registry?: PassRegistry;
  /** Whether to verify the graph also before the first pass and after built-in passes. */
  readonly verify?: boolean;
  /** Called after each pass with its graph and its time. The time excludes verifying. */
  readonly onAfterPass?: (name: string, graph: Graph, milliseconds: number) => void;
}

/**
 * Runs a pipeline over a graph and returns the last graph. It checks the whole pipeline before the
 * first pass runs, and verifies the graph after each pass that is not built in.
 *
 * @throws OpcounterError where the pipeline or an option is wrong or a pass fails; a VerifyError
 *   that names the pass after which the graph is not valid.
 */
export function runPasses(
  graph: Graph,
  pipeline: string | readonly PipelineStep[],
  options: RunPassesOptions = {},
): Graph {
  const { registry = createPassRegistry(BUILT_IN_PASSES) } = options;
  const { verify: verifies = false, onAfterPass } = options;
  const steps = typeof pipeline === "string" ? parsePipeline(pipeline) : pipeline;
  const prepared = prepare(steps, registry);
  if (verifies) verify(graph);
  let current = graph;
  for (const { pass, options } of prepared) {
    const start = performance.now();
    const after = runPass(pass, current, options);
    const milliseconds = performance.now() - start;
    if (pass.readsOnly) checkUnchanged(pass, current, after);
    else if (verifies || !BUILT_IN_PASSES.includes(pass)) checkAfter(pass, after);
    if (after !== current) carryTo(current, after);
    current = after;
    onAfterPass?.(pass.name, current, milliseconds);
  }
  return current;
}

interface PreparedPass {
  readonly pass: Pass;
  readonly options: unknown;
}

/** Finds the passes, and checks what they require and their options. */
function prepare(steps: readonly PipelineStep[], registry: PassRegistry): PreparedPass[] {
  const before = new Set<string>();
  return steps.map((step) => {
    const pass = registry.get(step.name);
    for (const required of pass.requires ?? []) {
      if (before.has(required)) continue;
      throw new OpcounterError(
        "pass-misplaced",
        `Pass "${pass.name}" needs "${required}" before it`,
        { remedy: `write "${required},${pass.name}"` },
      );
    }
    before.add(pass.name);
    return { pass, options: checkOptions(pass, step) };
  });
}

function checkOptions(pass: Pass, { options }: PipelineStep): unknown {
  const [first] = Object.keys(options);
  if (pass.options === undefined) {
    if (first === undefined) return undefined;
    throw new OpcounterError(
      "pass-options-invalid",
      `Pass "${pass.name}" takes no options, but was given "${first}"`,
      { remedy: "leave it out" },
    );
  }
  const schema = pass.options();
  const result = schema["~standard"].validate(options);
  if (result instanceof Promise) {
    throw new OpcounterError(
      "pass-invalid",
      `The options of pass "${pass.name}" are checked asynchronously`,
      { remedy: "use a schema that checks them at once" },
    );
  }
  if (result.issues === undefined) return result.value;
  throw wrongOptions(pass.name, result.issues, schema);
}

function wrongOptions(
  pass: string,
  [issue]: readonly OptionsIssue[],
  schema: object,
): OpcounterError {
  const error = (what: string, remedy?: string) =>
    new OpcounterError("pass-options-invalid", `Pass "${pass}": ${what}`, { remedy });
  if (issue === undefined) return error("its options are wrong");
  // zod tells more than the standard: the keys that it does not know, and the shape of those it does.
  const keys: unknown = Reflect.get(issue, "keys");
  const [unknown] = Array.isArray(keys) ? keys : [];
  if (unknown !== undefined) {
    const known = Object.keys(Object(Reflect.get(schema, "shape")));
    return error(`there is no option "${unknown}".`, namesToChoose(unknown, known));
  }
  const message = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return error(path.length === 0 ? message : `option "${path.join(".")}": ${message}`);
}

function runPass(pass: Pass, graph: Graph, options: unknown): Graph {
  try {
    const result = pass.run(graph, { options });
    if (typeof result === "object" && result !== null && "ops" in result) return result;
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    throw new OpcounterError("pass-failed", `Pass "${pass.name}" failed: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  throw new OpcounterError("pass-failed", `Pass "${pass.name}" returned no graph`, {
    remedy: "its run must return one",
  });
}

/**
 * An input, parameter or constant that a pass did not change is the same object in the new graph.
 */
function carryTo(before: Graph, after: Graph): void {
  carryAnnotations(before, after, (id) =>
    after.values[id] === before.values[id] ? id : undefined,
  );
}

function checkUnchanged({ name }: Pass, before: Graph, after: Graph): void {
  if (after === before) return;
  throw new OpcounterError("pass-failed", `Pass "${name}" only reads, but returned another graph`, {
    remedy: "return the graph that it was given, or leave out readsOnly",
  });
}

function checkAfter(pass: Pass, graph: Graph): void {
  try {
    verify(graph);
  } catch (error) {
    if (error instanceof VerifyError) {
      throw new VerifyError(graph, error.findings, `After pass "${pass.name}", `);
    }
    // A user's pass may leave out whole parts of a graph.
    throw new OpcounterError(
      "pass-failed",
      `Pass "${pass.name}" returned an incomplete graph (${reasonOf(error)})`,
      { remedy: "keep the parts it does not change, as in { ...graph, groups }", cause: error },
    );
  }
}
