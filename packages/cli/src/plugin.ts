import {
  type Convention,
  type ConventionDefinition,
  type Counters,
  convention,
} from "@opcounter/counters";
import type { Pass } from "@opcounter/ir";

/** What a module given by `--plugin` exports by default, and what `profile` takes in `plugins`. */
export interface Plugin {
  /** Rules by kernel name, layer class and scope pattern. */
  readonly counters?: Counters;
  /** Conventions of the user's own, which can then be chosen by name. */
  readonly conventions?: readonly ConventionDefinition[];
  /** Passes of the user's own, which pipelines can then name. */
  readonly passes?: readonly Pass[];
}

/** Gives a plugin its type; returns it as it is. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** Plugins as one. */
export interface MergedPlugins {
  readonly counters: Counters;
  readonly conventions: ReadonlyMap<string, Convention>;
  readonly passes: readonly Pass[];
}

/**
 * All plugins as one. Where two have a rule for the same thing, the later one's is taken.
 *
 * @throws UserError where a convention cannot be read.
 */
export function mergePlugins(plugins: readonly Plugin[]): MergedPlugins {
  const conventions = plugins.flatMap(({ conventions }) => (conventions ?? []).map(convention));
  return {
    counters: {
      kernels: inOrder(plugins.map(({ counters }) => counters?.kernels)),
      layers: inOrder(plugins.map(({ counters }) => counters?.layers)),
      scopes: inOrder(plugins.map(({ counters }) => counters?.scopes)),
    },
    conventions: new Map(conventions.map((convention) => [convention.name, convention])),
    passes: plugins.flatMap(({ passes }) => passes ?? []),
  };
}

/** Rules as one record, where a later rule stands after all earlier ones, as scope patterns need it. */
function inOrder<T>(
  records: readonly (Readonly<Record<string, T>> | undefined)[],
): Readonly<Record<string, T>> {
  const rules = new Map<string, T>();
  for (const [name, rule] of records.flatMap((record) => Object.entries(record ?? {}))) {
    rules.delete(name);
    rules.set(name, rule);
  }
  return Object.fromEntries(rules);
}
