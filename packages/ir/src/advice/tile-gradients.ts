import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import { formatScope, type Graph, type Op } from "../graph.ts";
import { counted } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { opsOf } from "./savings.ts";
import { authorOf, takesGradients } from "./whose.ts";

/** From so many slices on it is worth a change of the program. */
const MANY = 16;

/**
 * Gradients of tiles, which TensorFlow.js adds up slice by slice: a kernel for each repetition and
 * one to add it, where the gradient of an operation that broadcasts is a sum. Source: Tile_grad.ts
 * of tfjs-core 4.22.
 */
export const tileGradients: AdviceRule = {
  name: "tile-gradient",
  finds: "The gradient of a tile, which adds up a slice for each repetition",
  inTraining: true,
  find,
};

function find(graph: Graph): Found[] {
  if (!takesGradients(graph)) return [];
  const byScope = new Map<string, Op[]>();
  for (const slice of graph.ops) {
    const sum = slice.kernel === "Slice" ? sumOf(graph, slice) : undefined;
    if (sum === undefined || authorOf(graph, slice) !== "gradient") continue;
    const scope = formatScope(slice.scope);
    const ops = byScope.get(scope) ?? [];
    byScope.set(scope, ops);
    ops.push(slice, sum);
  }
  return [...byScope.values()].flatMap((ops) => {
    const [first] = ops;
    if (first === undefined || ops.length < 2 * MANY) return [];
    return [
      {
        finding: `The gradient of Tile runs as ${counted(ops.length, "kernel")}, a slice for each repetition and an addition of it. ${isOfLayerNorm(graph, first) ? LAYER_NORM : FUNCTION}`,
        scope: first.scope,
        ops: ops.map(({ id }) => id),
      },
    ];
  });
}

const LAYER_NORM =
  "A layer norm of your own has none where it is written with x.sub(mean).mul(variance.add(ε).rsqrt()).mul(gamma).add(beta): these broadcast, and the gradient of that is one sum.";
const FUNCTION =
  "Where the operation after tf.tile broadcasts, leave tf.tile out: the gradient of that is one sum.";

/** The addition that a slice is for. */
function sumOf(graph: Graph, { results: [part = Number.NaN] }: Op): Op | undefined {
  const [user, ...more] = opsOf(graph, [...analyse(graph, uses).usersOf(part)]);
  return user?.kernel === "Add" && more.length === 0 ? user : undefined;
}

/** Whether a gradient is that of a layer of tf.layers that stands in the same scope of the forward pass. */
function isOfLayerNorm(graph: Graph, { scope }: Op): boolean {
  const forward = formatScope(scope.map((name) => (name === "backward" ? "forward" : name)));
  return graph.ops.some((op) => {
    if (op.kernel !== "Tile" || formatScope(op.scope) !== forward) return false;
    const author = authorOf(graph, op);
    return typeof author === "object" && author.layer === "LayerNormalization";
  });
}
