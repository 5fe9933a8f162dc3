import { type Graph, type Op, valueAt } from "../graph.ts";
import { groupsOf } from "../passes/fuse.ts";
import { isOverLastAxes, isOverLastAxis } from "../patterns/axes.ts";
import { softmaxPatterns } from "../patterns/softmax.ts";
import { counted, shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { opsOf, savedBy } from "./savings.ts";
import { authorOf } from "./whose.ts";

const PATTERNS = softmaxPatterns.filter(({ name }) => name === "softmax");

/** A softmax that runs as its parts. tf.softmax is one kernel, for the last axis alone. */
export const decomposedSoftmaxes: AdviceRule = {
  name: "decomposed-softmax",
  finds: "A softmax that is written out",
  advises: "`tf.softmax`, for the last axis, and behind a reshape for the last axes or all",
  inTraining: false,
  find,
};

function find(graph: Graph): Found[] {
  return groupsOf(graph, PATTERNS).flatMap(({ ops }) => adviceOn(graph, opsOf(graph, ops)) ?? []);
}

function adviceOn(graph: Graph, ops: readonly Op[]): Found | undefined {
  const sum = ops.find(({ kernel }) => kernel === "Sum");
  const root = ops.at(-1);
  const exponential = ops.find(({ kernel }) => kernel === "Exp");
  const shifted = ops.find(({ kernel }) => kernel === "Sub");
  const x = shifted?.operands["a"] ?? exponential?.operands["x"];
  if (sum === undefined || root === undefined || x === undefined) return undefined;
  const kernels = ops.filter(({ placement }) => placement !== "view").length;
  const common = {
    scope: root.scope,
    ops: ops.map(({ id }) => id),
  };
  const runs = `A softmax runs as ${counted(kernels, "kernel")}`;
  if (!isOverLastAxes(graph, sum)) {
    return { ...common, finding: `${runs}. tf.softmax has one, but takes only the last axis.` };
  }
  if (authorOf(graph, root) !== "function" || valueAt(graph, x).dtype !== "float32") {
    return { ...common, finding: `${runs}, where TensorFlow.js has 1.` };
  }
  const isLast = isOverLastAxis(graph, sum);
  const saves = savedBy(graph, {
    removed: ops,
    added: [{ reads: [x], writes: root.results, dispatches: 1, like: root }],
    addedViews: isLast ? 0 : 2,
  });
  return {
    ...common,
    finding: `${runs}; ${shortBytes(saves.bytesRead + saves.bytesWritten)} go to memory and back between them.`,
    remedy: isLast
      ? "Use tf.softmax, which is one kernel."
      : "Use tf.softmax, which is one kernel, of x reshaped so that one last axis has the elements of these, and reshape its result back.",
    saves,
  };
}
