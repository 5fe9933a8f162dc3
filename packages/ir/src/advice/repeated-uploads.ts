import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { ConstantValue, Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { bytesOf, formatType, sizeOf } from "../types.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { isUsedOnDevice, madeConstants, NOTHING_SAVED } from "./savings.ts";
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
  find: (graph) =>
    [...analyse(graph, madeConstants)].flatMap((id) => {
      const value = valueAt(graph, id);
      if (value.kind !== "constant" || sizeOf(value.shape) < LARGE) return [];
      return isUsedOnDevice(graph, id) ? adviceOn(graph, value) : [];
    }),
};

function adviceOn(graph: Graph, constant: ConstantValue): Found[] {
  const [user] = analyse(graph, uses).usersOf(constant.id);
  const op: Op | undefined = user === undefined ? undefined : graph.ops[user];
  if (op === undefined) return [];
  const bytes = bytesOf(constant);
  const found = {
    finding: `A tensor (${formatType(constant)}) is made of values in the pass, for ${op.kernel}: each pass uploads its ${shortBytes(bytes)}.`,
    scope: op.scope,
    ops: [op.id],
  };
  if (authorOf(graph, op) !== "function") return [found];
  return [
    {
      ...found,
      remedy:
        "Where its values are the same in every pass, make the tensor once, before the first, and use it in all: TensorFlow.js then uploads it once. (tf.keep it inside a tf.tidy.)",
      saves: { ...NOTHING_SAVED, bytesUploaded: bytes },
    },
  ];
}
