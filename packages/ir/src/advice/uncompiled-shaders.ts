import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { bytesOf, type DType, sizeOf } from "../types.ts";
import { uncompiledDType } from "../uncompiled.ts";
import type { AdviceRule, Found, Savings } from "./advice-rule.ts";
import { NOTHING_SAVED } from "./savings.ts";
import { authorOf, isTaped } from "./whose.ts";

/** Ops that a real device refuses, since their shader does not compile. */
export const uncompiledShaders: AdviceRule = {
  name: "uncompiled-shader",
  finds: "A kernel whose WGSL does not compile for the dtype of its operand",
  advises:
    "A product with `tf.scalar(1)` before it, which makes it float32, and a cast back after it",
  inTraining: "forward",
  find: (graph) =>
    graph.ops.flatMap((op) => {
      const dtype = uncompiledDType(graph, op);
      return dtype === undefined ? [] : [adviceOn(graph, op, dtype)];
    }),
};

function adviceOn(graph: Graph, op: Op, dtype: DType): Found {
  const found = { scope: op.scope, ops: [op.id] };
  const fails = `${op.kernel} of ${dtype} does not compile on a real device, so its result is wrong there.`;
  if (!takesFloats(op)) return { ...found, finding: fails };
  const [x, result] = [op.operands["x"], op.results[0]];
  const isDirect = x !== undefined && valueAt(graph, x).dtype === dtype;
  if (!isDirect || result === undefined || authorOf(graph, op) !== "function") {
    const how = "It compiles for float32, which .mul(tf.scalar(1)) makes and tf.cast does not.";
    return { ...found, finding: `${fails} ${how}` };
  }
  const isCastBack = valueAt(graph, result).dtype === dtype && !INDEXES.has(op.kernel);
  const after = isCastBack ? `, and .cast("${dtype}") after it` : "";
  return {
    ...found,
    finding: fails,
    remedy: `Call .mul(tf.scalar(1)) before it, which makes it float32 as tf.cast does not${after}. Integers are exact up to 24 bits.`,
    saves: costOfFloats(graph, op, x, result, isCastBack),
  };
}

/** Kernels whose result is int32 for operands of any dtype. */
const INDEXES: ReadonlySet<string> = new Set(["ArgMax", "ArgMin"]);

/** tf.all and tf.any take booleans alone. */
function takesFloats({ kernel }: Op): boolean {
  return kernel !== "All" && kernel !== "Any";
}

/** What the product, and the cast back, take: float32 has four bytes an element. */
function costOfFloats(graph: Graph, op: Op, x: ValueId, y: ValueId, isCastBack: boolean): Savings {
  const [from, to] = [valueAt(graph, x), valueAt(graph, y)];
  const [input, result] = [4 * sizeOf(from.shape), isCastBack ? 4 * sizeOf(to.shape) : 0];
  const casts = isCastBack ? 1 : 0;
  return {
    ...NOTHING_SAVED,
    // tf.mul casts both factors, which are views, and keeps both for gradients.
    ops: -3 - casts - (isTaped(graph, op) ? 2 : 0),
    dispatches: -1 - casts,
    bytesRead: bytesOf(from) - (input + 4) - input - result,
    bytesWritten: -input - result,
    // The scalar; a cast to bool compares with another.
    bytesUploaded: -4 - (isCastBack && to.dtype === "bool" ? 4 : 0),
  };
}
