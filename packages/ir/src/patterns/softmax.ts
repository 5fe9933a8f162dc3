import type { Graph, Op } from "../graph.ts";
import { broadcastsBack, isOverLastAxis, sameAxes } from "./axes.ts";
import {
  any,
  divide,
  either,
  type FusionPattern,
  op,
  type Pattern,
  subtract,
  unary,
} from "./pattern.ts";

function decomposedSoftmax(x: Pattern) {
  const max = unary("Max", x);
  const shifted = subtract(x, max);
  const exponential = either(unary("Exp", shifted), unary("Exp", x));
  const sum = unary("Sum", exponential);
  const root = divide(exponential, sum);
  return { root, max, sum, when: alongOneAxis({ root, max, shifted, sum }) };
}

/** The maximum, where there is one, and the sum are over the same axes, and stay along them. */
function alongOneAxis(parts: Readonly<Record<"root" | "max" | "shifted" | "sum", Pattern>>) {
  return (graph: Graph, opOf: (pattern: Pattern) => Op | undefined): boolean => {
    const [max, sum] = [opOf(parts.max), opOf(parts.sum)];
    return (
      broadcastsBack(graph, sum, [opOf(parts.root)]) &&
      (max === undefined ||
        (sameAxes(graph, max, sum) && broadcastsBack(graph, max, [opOf(parts.shifted)])))
    );
  };
}

const x = any();
const softmax = decomposedSoftmax(x);

const logits = any();
const max = unary("Max", logits);
const shifted = subtract(logits, max);
const sum = unary("Sum", unary("Exp", shifted));
const logSoftmax = subtract(shifted, unary("Log", sum));

export const softmaxPatterns: readonly FusionPattern[] = [
  {
    name: "log-softmax",
    meaning: "x − max − log Σ e^(x − max)",
    root: logSoftmax,
    when: alongOneAxis({ root: logSoftmax, max, shifted, sum }),
  },
  {
    name: "softmax",
    meaning: "e^(x − max) / Σ e^(x − max), or without the maximum",
    root: softmax.root,
    when: softmax.when,
  },
];

/** A softmax over the last axis, as the kernel or decomposed, of what the pattern matches. */
export function softmaxOverLastAxis(
  logits: Pattern,
): Required<Pick<FusionPattern, "root" | "when">> {
  const kernel = op("Softmax", { logits });
  const { root, max, sum, when } = decomposedSoftmax(logits);
  return {
    root: either(kernel, root),
    when: (graph, opOf) =>
      (opOf(kernel) !== undefined || when(graph, opOf)) &&
      [kernel, max, sum].every((part) => {
        const found = opOf(part);
        return found === undefined || isOverLastAxis(graph, found);
      }),
  };
}
