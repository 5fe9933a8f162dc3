import type { MappedGraph, MappedNode } from "../loading/unknown-parts.ts";
import { isInOrder } from "./inputs.ts";
import { checkKernels } from "./missing-kernels.ts";
import type { Traceable } from "./target.ts";

type RunNode = Pick<MappedNode, "op" | "category">;

/** What is needed of a GraphModel to run it. */
interface Runnable {
  readonly executor: {
    readonly graph: MappedGraph & { readonly nodes: Readonly<Record<string, RunNode>> };
  };
  execute(inputs: unknown): unknown;
  executeAsync(inputs: unknown): unknown;
}

/** Ops whose nodes run asynchronously, which the executor does not know before it runs them. */
const ASYNC_OPS = /Tensor(List|Array)|^If$|ListDiff|SuppressionV4|^InitializeTable/;

/**
 * Checks that a GraphModel can run on the WebGPU backend. Returns what runs it.
 *
 * @throws OpcounterError "kernel-unavailable" where it cannot.
 */
export function checkedRun(model: Runnable): Traceable["run"] {
  const { graph } = model.executor;
  checkKernels(graph);
  const isAsync = Object.values(graph.nodes).some(mayBeAsync);
  return (inputs, hasRun) => {
    const argument = isInOrder(inputs) ? [...inputs] : inputs;
    if (isAsync) return model.executeAsync(argument);
    try {
      return model.execute(argument);
    } catch (error) {
      // The executor refuses graphs with control flow before it runs any of their nodes.
      if (hasRun() || !String(error).includes("executeAsync")) throw error;
      return model.executeAsync(argument);
    }
  };
}

/** Whether the executor may find only when it runs a node that the node is asynchronous. */
function mayBeAsync({ op, category }: RunNode): boolean {
  // Nothing tells of an op that the program registered before it has begun, and then nothing ends
  // it: it would go on beside its second run.
  return category === "custom" || ASYNC_OPS.test(op);
}
