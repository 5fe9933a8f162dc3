import type { Convention, Counters } from "@opcounter/counters";
import { type Pass, UserError } from "@opcounter/ir";
import { z } from "zod";
import type { Plugin } from "./plugin.ts";
import { loadModule } from "./target/module.ts";

const rules = z.record(z.string(), z.function()).optional();

/** What can be checked of a plugin before its rules are called. */
const pluginSchema = z.strictObject({
  counters: z.strictObject({ kernels: rules, layers: rules, scopes: rules }).optional(),
  conventions: z
    .array(
      z.looseObject({
        name: z.string(),
        description: z.string(),
        unit: z.enum(["macs", "flops"]),
        kernels: z.map(z.string(), z.unknown()),
        layers: z.map(z.string(), z.unknown()),
      }),
    )
    .optional(),
  passes: z
    .array(z.looseObject({ name: z.string(), summary: z.string(), run: z.function() }))
    .optional(),
});

/** All plugins as one. Where two have a rule for the same thing, the later one's is taken. */
export interface LoadedPlugins {
  readonly counters: Counters;
  readonly conventions: ReadonlyMap<string, Convention>;
  readonly passes: readonly Pass[];
}

/**
 * Loads the modules given by `--plugin`.
 *
 * @throws UserError where one cannot be loaded or exports no plugin.
 */
export async function loadPlugins(paths: readonly string[]): Promise<LoadedPlugins> {
  const plugins: Plugin[] = [];
  for (const path of paths) plugins.push(await loadPlugin(path));
  const merged = (kind: keyof Counters) =>
    Object.assign({}, ...plugins.map(({ counters }) => counters?.[kind] ?? {}));
  const conventions = plugins.flatMap(({ conventions }) => conventions ?? []);
  return {
    counters: { kernels: merged("kernels"), layers: merged("layers"), scopes: merged("scopes") },
    conventions: new Map(conventions.map((convention) => [convention.name, convention])),
    passes: plugins.flatMap(({ passes }) => passes ?? []),
  };
}

async function loadPlugin(path: string): Promise<Plugin> {
  const exported = (await loadModule(path))["default"];
  const result = pluginSchema.safeParse(exported);
  if (!result.success) {
    const [issue] = result.error.issues;
    const where =
      issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
    throw new UserError(
      `${path} exports no plugin by default: ${issue?.message ?? "it does not fit"}${where}; export default { counters: { kernels: { Name: (op) => ({ macs: 0 }) } } }.`,
    );
  }
  // Sound: the schema has checked the plugin's shape, and what rules return is checked when called.
  return exported as Plugin;
}
