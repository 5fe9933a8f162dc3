import { reasonOf, UserError } from "../errors.ts";
import { formatScope, type Graph, type Op, valueAt } from "../graph.ts";
import { type Kernel, operandTypes } from "../kernel.ts";
import { kernelOf } from "../kernels/registry.ts";
import { definePass } from "../pass/pass.ts";
import { formatType, sameShape, type TensorType } from "../types.ts";

/**
 * Infers the type of every result from its op's operands and attributes, and fails where the graph
 * has another. Results that depend on values, and those of unknown kernels, are taken as they are.
 */
export const shapes = definePass({
  name: "shapes",
  summary: "Checks every result's type against what its kernel makes of its operands.",
  run(graph) {
    for (const op of graph.ops) check(graph, op);
    return graph;
  },
});

function check(graph: Graph, op: Op): void {
  const kernel = kernelOf(op.kernel);
  if (kernel === undefined) return;
  const where = `op ${op.id} (${op.kernel})${op.scope.length === 0 ? "" : ` in scope "${formatScope(op.scope)}"`}`;
  const inferred = infer(graph, op, kernel, where);
  inferred?.forEach((type, index) => {
    const id = op.results[index];
    const actual = id === undefined ? undefined : valueAt(graph, id);
    const fits =
      actual !== undefined && actual.dtype === type.dtype && sameShape(actual.shape, type.shape);
    if (fits) return;
    const found = actual === undefined ? "none" : formatType(actual);
    throw new UserError(
      `${where}: result ${index} should be ${formatType(type)}, and the graph has ${found}.`,
    );
  });
}

function infer(
  graph: Graph,
  op: Op,
  kernel: Kernel,
  where: string,
): readonly TensorType[] | undefined {
  try {
    // Sound for a verified graph: the operands are as the kernel declares them.
    const operands = operandTypes(graph, op, kernel.operands) as Parameters<Kernel["infer"]>[0];
    return kernel.infer(operands, op.attrs);
  } catch (error) {
    throw new UserError(`${where}: ${reasonOf(error)}.`);
  }
}
