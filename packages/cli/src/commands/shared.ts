import { type Graph, OpcounterError, print, toJson } from "@opcounter/ir";
import { type MergedPlugins, mergePlugins } from "../plugin.ts";

/** Loads the plugins. Without any, neither their loader nor zod is loaded. */
export async function pluginsOf(paths: readonly string[]): Promise<MergedPlugins> {
  if (paths.length === 0) return mergePlugins([]);
  const { loadPlugins } = await import("../load-plugins.ts");
  return loadPlugins(paths);
}

/** How to write a graph to a file of this name; to stdout it is the text form. */
export function writerFor(file: string | undefined): (graph: Graph) => string {
  if (file === undefined || file.endsWith(".ir")) return print;
  if (file.endsWith(".json")) return (graph) => JSON.stringify(toJson(graph));
  throw new OpcounterError("option-invalid", `${file} must end in .ir (the text form) or .json.`);
}
