import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { bytesOf, formatType, sizeOf } from "../types.ts";
import { shortBytes } from "../wording.ts";
import type { Advice, AdviceRule, Found } from "./advice-rule.ts";
import { isUsedOnDevice, madeConstants, NOTHING_SAVED, savedBy } from "./savings.ts";
import { authorOf } from "./whose.ts";

/** From this size on an upload takes time. Programs make scalars, as in x.mul(2), without need to care. */
const LARGE = 1000;

/**
 * Tensors that the pass makes of values and the device uses, such as a mask or the angles of an
 * embedding: each pass makes and uploads them anew.
 */
export const repeatedUploads: AdviceRule = {
  name: "repeated-upload",
  finds: "A tensor that each pass makes of values of the host, and uploads",
  advises: "Make it once, before the first pass",
  // Training makes random tensors, such as the masks of a dropout.
  inTraining: false,
  find: (graph) => [...constants(graph), ...ranges(graph)],
};

function constants(graph: Graph): Found[] {
  return [...analyse(graph, madeConstants)].flatMap((id) => {
    const [user] = analyse(graph, uses).usersOf(id);
    const op = user === undefined ? undefined : graph.ops[user];
    if (op === undefined || !isLarge(graph, id)) return [];
    const value = valueAt(graph, id);
    const bytes = bytesOf(value);
    return advised(graph, op, {
      finding: `A tensor (${formatType(value)}) is made of values in the pass, for ${op.kernel}: each pass uploads its ${shortBytes(bytes)}.`,
      remedy: `Where its values are the same in every pass, ${ONCE}`,
      saves: { ...NOTHING_SAVED, bytesUploaded: bytes },
    });
  });
}

/** tf.range is a kernel without operands, which TensorFlow.js always computes on the host. */
function ranges(graph: Graph): Found[] {
  return graph.ops.flatMap((op) => {
    const [result] = op.results;
    if (op.kernel !== "Range" || result === undefined || !isLarge(graph, result)) return [];
    const value = valueAt(graph, result);
    return advised(graph, op, {
      finding: `tf.range is computed on the host, and each pass uploads its ${shortBytes(bytesOf(value))} (${formatType(value)}).`,
      remedy: `Where it is the same in every pass, ${ONCE}`,
      saves: savedBy(graph, { removed: [op] }),
    });
  });
}

const ONCE =
  "make the tensor once, before the first, and use it in all: TensorFlow.js then uploads it once. (tf.keep it inside a tf.tidy.)";

function isLarge(graph: Graph, id: ValueId): boolean {
  return sizeOf(valueAt(graph, id).shape) >= LARGE && isUsedOnDevice(graph, id);
}

/** With the remedy where the user wrote the op; else as a finding. */
function advised(
  graph: Graph,
  op: Op,
  { finding, remedy, saves }: Pick<Advice, "finding" | "remedy" | "saves">,
): Found[] {
  const found = { finding, scope: op.scope, ops: [op.id] };
  return [authorOf(graph, op) === "function" ? { ...found, remedy, saves } : found];
}
