import { type Graph, OpcounterError, print, toJson } from "@opcounter/ir";
import { type MergedPlugins, mergePlugins } from "../plugin.ts";

/** The plugins, whose loader and its zod are not loaded where none is asked for. */
export async function pluginsOf(paths: readonly string[]): Promise<MergedPlugins> {
  if (paths.length === 0) return mergePlugins([]);
  const { loadPlugins } = await import("../load-plugins.ts");
  return loadPlugins(paths);
}

/** How a graph is written to a file of that name; people get the text form. */
export function writerFor(file: string | undefined): (graph: Graph) => string {
  if (file === undefined || file.endsWith(".ir")) return print;
  if (file.endsWith(".json")) return (graph) => JSON.stringify(toJson(graph));
  throw new OpcounterError("option-invalid", `${file} must end in .ir (the text form) or .json.`);
}
