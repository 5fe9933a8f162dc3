import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { bytesOf, formatType, sizeOf } from "../types.ts";
import { counted, shortBytes } from "../wording.ts";
import type { Advice, AdviceRule, Found } from "./advice-rule.ts";
import { repeatedWork } from "./repeated-work.ts";
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
  finds:
    "A tensor that each pass makes of values of the host, and uploads, or computes of such alone",
  advises: "Make it once, before the first pass",
  // Training makes random tensors, such as the masks of a dropout.
  inTraining: false,
  find: (graph) => [...constants(graph), ...computed(graph)],
};

function constants(graph: Graph): Found[] {
  // What only such work takes is made once with it.
  const work = analyse(graph, repeatedWork).flatMap(({ ops }) => ops);
  const ids = new Set(work.map(({ id }) => id));
  const inWork = new Set(
    work
      .flatMap(({ operands }) => Object.values(operands))
      .filter((value) => !isUsedOnDevice(graph, value, ids)),
  );
  return [...analyse(graph, madeConstants)].flatMap((id) => {
    const [user] = analyse(graph, uses).usersOf(id);
    const op = user === undefined ? undefined : graph.ops[user];
    if (op === undefined || !isLarge(graph, id) || inWork.has(id)) return [];
    const value = valueAt(graph, id);
    const bytes = bytesOf(value);
    return advised(graph, op, {
      finding: `A tensor (${formatType(value)}) is made of values in the pass, for ${op.kernel}: each pass uploads its ${shortBytes(bytes)}.`,
      remedy: `Where its values are the same in every pass, ${ONCE}`,
      saves: { ...NOTHING_SAVED, bytesUploaded: bytes },
    });
  });
}

/** What the pass computes of these tensors alone: it could be computed once too. */
function computed(graph: Graph): Found[] {
  return analyse(graph, repeatedWork).flatMap(({ ops, given }) => {
    const working = ops.filter(({ placement }) => placement !== "view");
    const saves = savedBy(graph, { removed: ops });
    const values = ops.flatMap(({ operands, results }) => [...Object.values(operands), ...results]);
    const isUploaded = saves.bytesUploaded > 0 && values.some((value) => isLarge(graph, value));
    const isDispatched = ops.some(
      ({ kernel, dispatches }) => dispatches.length > 0 && kernel !== "Fill",
    );
    const last = ops.at(-1);
    if (last === undefined || !(isUploaded || isDispatched)) return [];
    const kernels = [...new Set(working.map(({ kernel }) => kernel))].join(", ");
    const types = given.map((value) => formatType(valueAt(graph, value))).join(", ");
    const are = given.length === 1 ? "A tensor" : counted(given.length, "tensor");
    return [
      {
        finding: `${are} (${types}) ${given.length === 1 ? "is" : "are"} computed of values that the pass makes itself, by ${counted(working.length, "kernel")} (${kernels}).`,
        remedy: `Where its values are the same in every pass, ${ONCE}`,
        scope: last.scope,
        ops: ops.map(({ id }) => id),
        saves,
      },
    ];
  });
}

const ONCE =
  "make the tensor once, before the first, and use it in all: TensorFlow.js then computes and uploads it once. (tf.keep it inside a tf.tidy.)";

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
