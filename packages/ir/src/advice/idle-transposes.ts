import type { Graph, Op } from "../graph.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { onlyUserOf } from "./epilogue.ts";
import { type Change, savedBy } from "./savings.ts";
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
  inTraining: true,
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

/** The reshape that tf.layers.dense makes of the transposed weights. */
function reshapesAfter(graph: Graph, transpose: Op): Op[] {
  const next = graph.ops[transpose.id + 1];
  const [result] = transpose.results;
  const isReshape = next?.kernel === "Reshape" && next.operands["x"] === result;
  const isOwn = result !== undefined && onlyUserOf(graph, result) !== undefined;
  return next !== undefined && isReshape && isOwn ? [next] : [];
}
