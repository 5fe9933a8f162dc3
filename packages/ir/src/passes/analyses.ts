import { dispatchSummary } from "../analyses/dispatch-summary.ts";
import { liveness as livenessAnalysis } from "../analyses/liveness.ts";
import { analyse } from "../analysis.ts";
import { definePass } from "../pass/pass.ts";

/** Computes the lifetimes of all values; `analyse(graph, liveness)` then has them at hand. */
export const livenessPass = definePass({
  name: "liveness",
  summary: "Computes when each value is needed, and the peak memory.",
  run(graph) {
    analyse(graph, livenessAnalysis);
    return graph;
  },
});

/** Sums the dispatches up; `analyse(graph, dispatchSummary)` then has them at hand. */
export const dispatchSummaryPass = definePass({
  name: "dispatch-summary",
  summary: "Sums up the GPU dispatches by program and by kernel.",
  run(graph) {
    analyse(graph, dispatchSummary);
    return graph;
  },
});
