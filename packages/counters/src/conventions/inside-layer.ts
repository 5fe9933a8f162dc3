import type { Call, Graph } from "@opcounter/ir/core";
import type { OpInGraph } from "../formulas/formula.ts";
import { parameterBehind } from "../formulas/parameter-behind.ts";

/** A flag: 1 where an op runs inside a call of one of these layer classes. */
export const inside =
  (...classes: readonly string[]) =>
  (_: unknown, { graph, op }: OpInGraph): number => {
    for (let call = callAt(graph, op.call); call !== undefined; call = callAt(graph, call.parent)) {
      if (classes.includes(call.className)) return 1;
    }
    return 0;
  };

/** Layers whose bias is a kernel of its own in tfjs, at times, and a part of the module in PyTorch. */
const WITH_BIAS = {
  convolution: [
    ...["Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "Conv3DTranspose"],
    ...["DepthwiseConv2D", "SeparableConv2D"],
  ],
  dense: ["Dense"],
} as const;

/** A flag: 1 where a sum adds the bias of such a layer, a vector among its parameters. */
export const addsBias = (...kinds: readonly (keyof typeof WITH_BIAS)[]) => {
  const classes = new Set<string>(kinds.flatMap((kind) => WITH_BIAS[kind]));
  return (_: unknown, { graph, op }: OpInGraph): number => {
    const right = op.operands["b"];
    const className = callAt(graph, op.call)?.className;
    if (className === undefined || right === undefined || !classes.has(className)) return 0;
    return parameterBehind(graph, right)?.shape.length === 1 ? 1 : 0;
  };
};

function callAt(graph: Graph, id: number | undefined): Call | undefined {
  return id === undefined ? undefined : graph.calls[id];
}
