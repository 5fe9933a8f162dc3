import type { Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { behindViews, definingOp } from "../patterns/match.ts";
import { sameShape } from "../types.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { isForward, onlyUserOf } from "./epilogue.ts";
import { bytesOfEach, savedBy } from "./savings.ts";
import { permutationOf } from "./transposes.ts";
import { authorOf } from "./whose.ts";

const PRODUCTS: ReadonlySet<string> = new Set(["BatchMatMul", "_FusedMatMul"]);

/** Matrices that are transposed for a product alone, which can take them as they are. */
export const transposedOperands: AdviceRule = {
  name: "transposed-operand",
  finds: "A matrix that is transposed for a product alone",
  advises: "`transposeA` or `transposeB` of the product",
  inTraining: "forward",
  find,
};

function find(graph: Graph): Found[] {
  return graph.ops.flatMap((product) => {
    if (!PRODUCTS.has(product.kernel)) return [];
    return (["a", "b"] as const).flatMap((name) => adviceOn(graph, product, name) ?? []);
  });
}

function adviceOn(graph: Graph, product: Op, name: "a" | "b"): Found | undefined {
  const operand = product.operands[name];
  const value = operand === undefined ? undefined : behindViews(graph, operand);
  const transpose = value === undefined ? undefined : definingOp(graph, value);
  const x = transpose?.operands["x"];
  if (operand === undefined || value === undefined || transpose === undefined || x === undefined) {
    return undefined;
  }
  const matrix = (id: number) => valueAt(graph, id).shape.slice(-2);
  const fits =
    swapsMatrix(transpose) &&
    sameShape(matrix(operand), matrix(value)) &&
    onlyUserOf(graph, value, (op) => isForward(graph, op)) === product &&
    product.operands["a"] !== product.operands["b"] &&
    [transpose, product].every((op) => authorOf(graph, op) === "function");
  if (!fits) return undefined;
  const saves = savedBy(graph, { removed: [transpose], replaced: new Map([[value, x]]) });
  // A product of a matrix with itself reads it once.
  const isSame = operand === value && Object.values(product.operands).includes(x);
  const bytesRead = saves.bytesRead + (isSame ? bytesOfEach(graph, [x]) : 0);
  const option = name === "a" ? "transposeA" : "transposeB";
  return {
    finding: `A transpose copies ${shortBytes(saves.bytesWritten)} for ${product.kernel}, which can read its operand ${name} transposed.`,
    remedy: `Leave the transpose out, and give tf.matMul or tf.fused.matMul the option ${option} (the other way round where it is set).`,
    scope: product.scope,
    ops: [transpose.id, product.id],
    saves: { ...saves, bytesRead },
  };
}

/** Whether a transpose exchanges the last two axes and leaves the others. */
function swapsMatrix(op: Op): boolean {
  const permutation = permutationOf(op);
  const rank = permutation.length;
  const swapped = permutation.map((_, axis) =>
    axis < rank - 2 ? axis : axis === rank - 2 ? rank - 1 : rank - 2,
  );
  return op.kernel === "Transpose" && rank >= 2 && sameShape(permutation, swapped);
}
