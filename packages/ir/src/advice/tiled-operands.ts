import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { isElementwise } from "../kernels/registry.ts";
import { sameShape } from "../types.ts";
import { shortBytes } from "../wording.ts";
import type { AdviceRule, Found } from "./advice-rule.ts";
import { isForward } from "./epilogue.ts";
import { opsOf, savedBy } from "./savings.ts";
import { authorOf, takesGradients } from "./whose.ts";

/** Values that are tiled for elementwise ops alone, which broadcast their operands themselves. */
export const tiledOperands: AdviceRule = {
  name: "tiled-operand",
  finds: "A value that is tiled for operations that broadcast",
  advises: "Leave `tf.tile` out",
  inTraining: "forward",
  find,
};

function find(graph: Graph): Found[] {
  return graph.ops.flatMap((tile) => {
    const users = tile.kernel === "Tile" ? broadcastingUsers(graph, tile) : [];
    const [tiled] = tile.results;
    const { x } = tile.operands;
    if (users.length === 0 || tiled === undefined || x === undefined) return [];
    const saves = savedBy(graph, {
      removed: [tile, ...keptForGradient(graph, tile), ...users],
      added: users.map((op) => ({
        reads: Object.values(op.operands).map((value) => (value === tiled ? x : value)),
        writes: op.results,
        dispatches: op.dispatches.length,
        like: op,
      })),
    });
    const kernels = [...new Set(users.map(({ kernel }) => kernel))].join(" and ");
    return [
      {
        finding: `A Tile kernel${tile.placement === "cpu" ? " on the host" : ""} writes ${shortBytes(saves.bytesWritten)} for ${kernels}, which would broadcast what it repeats.`,
        remedy: "Leave tf.tile or tf.broadcastTo out: the operation after it broadcasts.",
        scope: tile.scope,
        ops: [tile, ...users].map(({ id }) => id),
        saves,
      },
    ];
  });
}

/** The view of its operand that a tile keeps for its gradient. */
function keptForGradient(graph: Graph, { id, operands }: Op): Op[] {
  const [next] = opsOf(graph, [id + 1]);
  const isKept = next?.kernel === "Identity" && next.operands["x"] === operands["x"];
  return next !== undefined && isKept && takesGradients(graph) ? [next] : [];
}

/** The users of a tiled value, where each of them gives the same of what is repeated. */
function broadcastingUsers(graph: Graph, tile: Op): Op[] {
  const { usersOf, isResult } = analyse(graph, uses);
  const [tiled] = tile.results;
  const { x } = tile.operands;
  if (tiled === undefined || x === undefined || isResult(tiled)) return [];
  const shapeOf = (id: number) => valueAt(graph, id).shape;
  const users = opsOf(graph, [...usersOf(tiled)]).filter((op) => isForward(graph, op));
  const isBroadcast = shapeOf(x).every(
    (dimension, axis) => dimension === 1 || dimension === shapeOf(tiled)[axis],
  );
  const broadcasts = (op: Op) => {
    const { a, b } = op.operands;
    const other = a === tiled ? b : a;
    const [result] = op.results;
    return (
      op.placement === "gpu" &&
      isElementwise(op.kernel) &&
      other !== undefined &&
      other !== tiled &&
      result !== undefined &&
      sameShape(shapeOf(other), shapeOf(result)) &&
      authorOf(graph, op) === "function"
    );
  };
  const isOwn = authorOf(graph, tile) === "function";
  return isOwn && isBroadcast && users.every(broadcasts) ? users : [];
}
