import {
  CONVENTION_NAMES,
  type Convention,
  type ConventionDefinition,
  type CostDefinition,
  type Counters,
  checkParts,
  readConvention,
  readCosts,
} from "@opcounter/counters";
import { OpcounterError, type Pass } from "@opcounter/ir/core";

// What a page loads once a convention is named, in the same chunk.
export { costEvaluator, findConvention, ownRules } from "@opcounter/counters";

/** The default export of a module given by `--plugin`, and an element of the option `plugins`. */
export interface Plugin {
  /** Rules by kernel name, layer class and scope pattern. */
  readonly counters?: Counters;
  /** Conventions of the user's own, which can then be chosen by name. */
  readonly conventions?: readonly ConventionDefinition[];
  /** Quantities of the user's own, such as energy: columns of the table, figures of the JSON. */
  readonly costs?: readonly CostDefinition[];
  /** Passes of the user's own, which pipelines can then name. */
  readonly passes?: readonly Pass[];
}

/** Gives a plugin its type; returns it as it is. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** All plugins as one. */
export interface MergedPlugins {
  readonly counters: Counters;
  readonly conventions: ReadonlyMap<string, Convention>;
  readonly costs: readonly CostDefinition[];
  readonly passes: readonly Pass[];
}

/**
 * Merges plugins. Where two have a rule for the same thing, that of the later one is used.
 *
 * @throws OpcounterError where a convention or a cost cannot be read, or has the name of another.
 */
export function mergePlugins(plugins: readonly Plugin[]): MergedPlugins {
  checkPlugins(plugins);
  const conventions = new Map<string, Convention>();
  for (const definition of plugins.flatMap(({ conventions }) => conventions ?? [])) {
    const { name } = definition;
    // A report names its convention, and that name must stand for one set of rules.
    if (CONVENTION_NAMES.includes(name) || conventions.has(name)) {
      throw new OpcounterError("convention-invalid", `Two conventions are called "${name}"`, {
        remedy: "rename the plugin's",
      });
    }
    conventions.set(name, readConvention(definition));
  }
  const costs = plugins.flatMap(({ costs }) => costs ?? []);
  // Checked now: counting, which may come after a long trace, reads them again.
  readCosts(costs);
  return {
    counters: {
      kernels: inOrder(plugins.map(({ counters }) => counters?.kernels)),
      layers: inOrder(plugins.map(({ counters }) => counters?.layers)),
      scopes: inOrder(plugins.map(({ counters }) => counters?.scopes)),
    },
    conventions,
    costs,
    passes: plugins.flatMap(({ passes }) => passes ?? []),
  };
}

/** Rules in one record, later plugins last: the last scope pattern that matches an op is used. */
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

/** The parts of a plugin, and the parts of these that are records. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  counters: ["kernels", "layers", "scopes"],
  conventions: [],
  costs: [],
  passes: [],
};

/**
 * A part under a name that is not known would be left out without a word.
 *
 * @throws OpcounterError that names the part.
 */
function checkPlugins(plugins: unknown): void {
  if (!Array.isArray(plugins)) throw notAPlugin("plugins is no list");
  for (const [place, plugin] of plugins.entries()) {
    const which = `plugins[${place}]`;
    checkParts("plugin-invalid", which, plugin, Object.keys(PARTS));
    for (const [part, value] of Object.entries(plugin)) {
      if (value === undefined) continue;
      if (part === "counters") {
        checkParts("plugin-invalid", `${which}.counters`, value, PARTS[part] ?? []);
      } else if (!Array.isArray(value)) throw notAPlugin(`${which}.${part} is no list`);
      else if (value.some((element) => typeof element !== "object" || element === null)) {
        throw notAPlugin(`${which}.${part} has an element that is no object`);
      }
    }
  }
}

function notAPlugin(sentence: string, remedy = "give { counters, conventions, costs, passes }") {
  return new OpcounterError("plugin-invalid", sentence, { remedy });
}
