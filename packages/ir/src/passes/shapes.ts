import { definePass } from "../pass/pass.ts";
import { verify } from "../verify/verify.ts";

/**
 * Infers the type of every result from its op's operands and attributes, and fails where the graph
 * has another: what the verifier does. Results that depend on values, and those of unknown kernels,
 * are taken as they are.
 */
export const shapes = definePass({
  name: "shapes",
  summary: "Checks every result's type against what its kernel makes of its operands.",
  run(graph) {
    verify(graph);
    return graph;
  },
});
