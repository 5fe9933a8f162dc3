import { isOverLastAxis, sameAxes } from "./axes.ts";
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
  const exponential = either(unary("Exp", subtract(x, max)), unary("Exp", x));
  const sum = unary("Sum", exponential);
  return { root: divide(exponential, sum), max, sum };
}

const x = any();
const softmax = decomposedSoftmax(x);

const logits = any();
const max = unary("Max", logits);
const shifted = subtract(logits, max);
const sum = unary("Sum", unary("Exp", shifted));

export const softmaxPatterns: readonly FusionPattern[] = [
  {
    name: "log-softmax",
    meaning: "x − max − log Σ e^(x − max)",
    root: subtract(shifted, unary("Log", sum)),
    when: (graph, opOf) => sameAxes(graph, opOf(max), opOf(sum)),
  },
  {
    name: "softmax",
    meaning: "e^(x − max) / Σ e^(x − max), or without the maximum",
    root: softmax.root,
    when: (graph, opOf) => {
      const maximum = opOf(softmax.max);
      return maximum === undefined || sameAxes(graph, maximum, opOf(softmax.sum));
    },
  },
];

/** A softmax over the last axis, as the kernel or decomposed, of what the pattern matches. */
export function softmaxOverLastAxis(
  logits: Pattern,
): Required<Pick<FusionPattern, "root" | "when">> {
  const kernel = op("Softmax", { logits });
  const { root, max, sum } = decomposedSoftmax(logits);
  return {
    root: either(kernel, root),
    when: (graph, opOf) =>
      [kernel, max, sum].every((part) => {
        const found = opOf(part);
        return found === undefined || isOverLastAxis(graph, found);
      }),
  };
}
