import { bufferPlan } from "../analyses/buffer-plan.ts";
import { dispatchSummary } from "../analyses/dispatch-summary.ts";
import { analyse } from "../analysis.ts";
import { definePass } from "../pass/pass.ts";

/**
 * Computes the lifetimes of all values and a plan of the buffers. `analyse(graph, liveness)` and
 * `analyse(graph, bufferPlan)` then return them without computing them again.
 */
export const livenessPass = definePass({
  name: "liveness",
  summary: "Computes when each value is needed, the peak memory, and a plan to reuse buffers.",
  readsOnly: true,
  run(graph) {
    analyse(graph, bufferPlan);
    return graph;
  },
});

/** Sums up the dispatches. `analyse(graph, dispatchSummary)` then returns the sums. */
export const dispatchSummaryPass = definePass({
  name: "dispatch-summary",
  summary: "Sums up the GPU dispatches by program and by kernel.",
  readsOnly: true,
  run(graph) {
    analyse(graph, dispatchSummary);
    return graph;
  },
});
