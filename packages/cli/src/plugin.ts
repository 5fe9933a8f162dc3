import type { Convention, Counters } from "@opcounter/counters";
import type { Pass } from "@opcounter/ir";

/** What a module given by `--plugin` exports by default. */
export interface Plugin {
  /** Rules by kernel name, layer class and scope pattern. */
  readonly counters?: Counters;
  /** Conventions of the user's own, which `--convention` then knows by name. */
  readonly conventions?: readonly Convention[];
  /** Passes of the user's own, which `--passes` then knows by name. */
  readonly passes?: readonly Pass[];
}

/** Gives a plugin its type; returns it as it is. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
