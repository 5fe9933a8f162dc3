import { definePass } from "../pass/pass.ts";
import { verify } from "../verify/verify.ts";

/**
 * Checks the type of each result: it infers the type from the operands and attributes, and fails
 * where the graph has another. It runs the verifier, which does that. It trusts the types of
 * results that depend on values, and those of unknown kernels.
 */
export const shapes = definePass({
  name: "shapes",
  summary: "Checks the type of every result by its kernel, operands and attributes.",
  readsOnly: true,
  run(graph) {
    verify(graph);
    return graph;
  },
});
