import { OpcounterError } from "../errors.ts";
import type { Graph } from "../graph.ts";
import { namesToChoose } from "../suggestion.ts";

/** What a pass is given beside the graph. */
export interface PassContext<O> {
  /** As written in the pipeline and checked by the pass's schema. */
  readonly options: O;
}

/**
 * A schema of zod or of any library that keeps to Standard Schema (version 1), of which
 * this is the part that is used.
 */
export interface OptionsSchema<O> {
  readonly "~standard": {
    readonly validate: (value: unknown) => OptionsResult<O> | Promise<OptionsResult<O>>;
  };
}

export type OptionsResult<O> =
  | { readonly value: O; readonly issues?: undefined }
  | { readonly issues: readonly OptionsIssue[] };

export interface OptionsIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * A step that turns a graph into a graph. It does not change the graph it is given; where there
 * is nothing to do it returns that same graph. What it learns beside is an analysis, or an
 * annotation of the graph it returns.
 */
export interface Pass<O = unknown> {
  readonly name: string;
  /** One sentence of what it does. */
  readonly summary: string;
  /** Names of passes that must come before it in a pipeline. */
  readonly requires?: readonly string[];
  /**
   * Whether it only learns something of the graph, and always returns the graph that it was given.
   * The graph is then not verified again.
   */
  readonly readsOnly?: boolean;
  /** The schema of its options; without one it takes none. A thunk, so that start-up is fast. */
  readonly options?: () => OptionsSchema<O>;
  /** A method, and so bivariant: a pass with any options is a `Pass`. */
  run(graph: Graph, context: PassContext<O>): Graph;
}

/**
 * Declares a pass; the type of its options comes from their schema. Bundlers are told that a call
 * does nothing else, so that a page carries only the passes that it uses.
 *
 * @__NO_SIDE_EFFECTS__
 */
export function definePass<O = undefined>(pass: Pass<O>): Pass<O> {
  return pass;
}

/** The passes that a pipeline may name. */
export interface PassRegistry {
  readonly names: readonly string[];
  readonly passes: readonly Pass[];
  /** @throws OpcounterError "pass-unknown" that suggests the nearest name. */
  get(name: string): Pass;
}

/**
 * A registry of built-in and users' passes alike.
 *
 * @throws OpcounterError "pass-invalid" where a name comes twice or cannot stand in a pipeline.
 */
export function createPassRegistry(passes: readonly Pass[]): PassRegistry {
  const byName = new Map<string, Pass>();
  for (const pass of passes) {
    if (!PASS_NAME.test(pass.name)) {
      throw new OpcounterError(
        "pass-invalid",
        `The pass name "${pass.name}" cannot be written in a pipeline`,
        { remedy: "use letters, digits, - and _ only" },
      );
    }
    if (byName.has(pass.name)) {
      throw new OpcounterError("pass-invalid", `Two passes are called "${pass.name}"`, {
        remedy: "rename one of them",
      });
    }
    byName.set(pass.name, pass);
  }
  const names = [...byName.keys()];
  return {
    names,
    passes: [...passes],
    get: (name) => {
      const pass = byName.get(name);
      if (pass !== undefined) return pass;
      throw new OpcounterError("pass-unknown", `There is no pass "${name}".`, {
        remedy: namesToChoose(name, names),
      });
    },
  };
}

const PASS_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
