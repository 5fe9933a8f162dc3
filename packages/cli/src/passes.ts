import { type CostReport, count } from "@opcounter/counters";
import {
  BUILT_IN_PASSES,
  createPassRegistry,
  definePass,
  type Graph,
  type Pass,
  type PassRegistry,
} from "@opcounter/ir";
import { z } from "zod";

/** What the pass `count` found, by the graph it was run on. */
const reports = new WeakMap<Graph, CostReport>();

/** The report of the last `count` pass over a graph. */
export function reportOf(graph: Graph): CostReport | undefined {
  return reports.get(graph);
}

/** Counts the graph as it is at this point of the pipeline, and leaves it as it is. */
export const countPass = definePass({
  name: "count",
  summary: "Counts what the graph costs, by a convention: count{convention=native, strict=true}.",
  options: () =>
    z.strictObject({ convention: z.string().optional(), strict: z.boolean().optional() }),
  run(graph, { options: { convention, strict } }) {
    const chosen = convention === undefined ? {} : { convention };
    reports.set(graph, count(graph, { ...chosen, strict: strict ?? false }));
    return graph;
  },
});

/** The built-in passes and the user's own, registered in the same way. */
export function passRegistry(own: readonly Pass[]): PassRegistry {
  return createPassRegistry([...BUILT_IN_PASSES, countPass, ...own]);
}
