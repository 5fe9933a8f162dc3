import { OpcounterError, reasonOf } from "@opcounter/ir";
import * as z from "zod";
import { type MergedPlugins, mergePlugins, type Plugin } from "./plugin.ts";
import { loadModule } from "./target/module.ts";

const rules = z.record(z.string(), z.function()).optional();

const expressions = z.record(z.string(), z.string());

/** A value of a cost. */
const expressionOrFunction = z.union([z.string(), z.function()]).optional();

/** Functions of a typed op by symbol, by kernel. */
const symbols = z.record(z.string(), z.record(z.string(), z.function()));

/** Checks a plugin's shape. What its functions return is checked when they are called. */
const pluginSchema = z.strictObject({
  counters: z.strictObject({ kernels: rules, layers: rules, scopes: rules }).optional(),
  conventions: z
    .array(
      z.strictObject({
        name: z.string(),
        description: z.string(),
        unit: z.enum(["macs", "flops"]),
        kernels: expressions,
        layers: expressions.optional(),
        patterns: expressions.optional(),
        macs: expressions.optional(),
        transcendentals: expressions.optional(),
        symbols: symbols.optional(),
      }),
    )
    .optional(),
  costs: z
    .array(
      z.strictObject({
        name: z.string(),
        unit: z.string(),
        description: z.string(),
        total: z.enum(["sum", "max"]),
        kernels: expressions.optional(),
        layers: expressions.optional(),
        patterns: expressions.optional(),
        op: expressionOrFunction,
        layer: expressionOrFunction,
        group: expressionOrFunction,
        scope: expressionOrFunction,
      }),
    )
    .optional(),
  passes: z
    .array(z.looseObject({ name: z.string(), summary: z.string(), run: z.function() }))
    .optional(),
});

/**
 * Loads the modules given by `--plugin`.
 *
 * @throws OpcounterError where one cannot be loaded or exports no plugin.
 */
export async function loadPlugins(paths: readonly string[]): Promise<MergedPlugins> {
  const plugins: Plugin[] = [];
  for (const path of paths) plugins.push(await loadPlugin(path));
  return mergePlugins(plugins);
}

async function loadPlugin(path: string): Promise<Plugin> {
  const exported = (await loadModule(path))["default"];
  const wrong = misfit(exported);
  if (wrong !== undefined) {
    throw new OpcounterError("plugin-invalid", `${path} exports no plugin by default: ${wrong}`, {
      remedy: "a plugin is { counters, conventions, costs, passes }, each of them optional",
    });
  }
  // Sound: the schema has checked the plugin's shape, and what rules return is checked when called.
  return exported as Plugin;
}

/** Why an export is no plugin; undefined where it is one. */
function misfit(exported: unknown): string | undefined {
  try {
    const { error } = pluginSchema.safeParse(exported);
    const [issue] = error?.issues ?? [];
    if (issue === undefined) return undefined;
    return issue.path.length === 0 ? issue.message : `${issue.message} at ${issue.path.join(".")}`;
  } catch (error) {
    return `it throws where it is read: ${reasonOf(error)}`;
  }
}
