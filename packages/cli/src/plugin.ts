import type { Convention, Counters } from "@opcounter/counters";

/** What a module given by `--plugin` exports by default. */
export interface Plugin {
  /** Rules by kernel name, layer class and scope pattern. */
  readonly counters?: Counters;
  /** Conventions of the user's own, which `--convention` then knows by name. */
  readonly conventions?: readonly Convention[];
}

/** Gives a plugin its type; returns it as it is. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
