import { bufferPlan } from "../analyses/buffer-plan.ts";
import { dispatchSummary } from "../analyses/dispatch-summary.ts";
import { analyse } from "../analysis.ts";
import { definePass } from "../pass/pass.ts";

/**
 * Computes the lifetimes of all values and plans buffers by them; `analyse(graph, liveness)` and
 * `analyse(graph, bufferPlan)` then have them at hand.
 */
export const livenessPass = definePass({
  name: "liveness",
  summary: "Computes when each value is needed, the peak memory, and a plan to reuse buffers.",
  run(graph) {
    analyse(graph, bufferPlan);
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
