import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op } from "../graph.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { type Change, opsOf, savedBy } from "./savings.ts";
import { permutationOf } from "./transposes.ts";
import { authorOf } from "./whose.ts";

/**
 * Transposes that leave every axis where it is, and so only copy. tf.layers.dense makes one of its
 * weights in every pass where its input has more than two dimensions. Source: `dot` in
 * tfjs_backend.ts of tfjs-layers 4.22.
 */
export const idleTransposes: AdviceRule = {
  name: "idle-transpose",
  finds:
    "A transpose that changes nothing, as `tf.layers.dense` makes of its weights for sequences",
  advises: "Leave it out, or a layer of your own with `tf.fused.matMul`",
  inTraining: "forward",
  find,
};

function find(graph: Graph): Found[] {
  return graph.ops.flatMap((transpose) => {
    const isIdle =
      transpose.kernel === "Transpose" &&
      permutationOf(transpose).every((axis, place) => axis === place);
    return isIdle ? [adviceOn(graph, transpose)] : [];
  });
}

function adviceOn(graph: Graph, transpose: Op): Found {
  const author = authorOf(graph, transpose);
  const isDense = typeof author === "object" && author.layer === "Dense";
  const views = isDense ? reshapesAfter(graph, transpose) : [];
  const saves = savedBy(graph, changeWithout(transpose, views));
  const where = transpose.placement === "cpu" ? " on the host" : "";
  const found = {
    finding: `A transpose by [${permutationOf(transpose)}] copies ${shortBytes(saves.bytesWritten)}${where} and changes nothing.`,
    scope: transpose.scope,
    ops: [transpose.id],
  };
  if (author !== "function" && !isDense) return found;
  const remedy = isDense
    ? "Write a layer of your own that reshapes its input to two dimensions, calls tf.fused.matMul with bias and activation, and reshapes back: tf.layers.dense copies its weights in each pass where its input has more than two dimensions."
    : "Leave the transpose out.";
  return { ...found, remedy, saves };
}

function changeWithout(transpose: Op, views: readonly Op[]): Change {
  const [result] = transpose.results;
  const { x } = transpose.operands;
  return {
    removed: [transpose, ...views],
    ...(result !== undefined && x !== undefined && { replaced: new Map([[result, x]]) }),
  };
}

/**
 * The reshape that tf.layers.dense makes of the transposed weights, and the view of them that it
 * keeps for gradients.
 */
function reshapesAfter(graph: Graph, transpose: Op): Op[] {
  const { usersOf, isResult } = analyse(graph, uses);
  const [result = Number.NaN] = transpose.results;
  const users = opsOf(graph, [...usersOf(result)]);
  const areViews = users.every(({ placement }) => placement === "view") && !isResult(result);
  return areViews && users.some(({ kernel }) => kernel === "Reshape") ? users : [];
}
