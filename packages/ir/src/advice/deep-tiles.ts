import { uses } from "../analyses/uses.ts";
import { analyse } from "../analysis.ts";
import type { Graph, Op, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { definingOp } from "../patterns/match.ts";
import { bytesOf } from "../types.ts";
import type { Advice } from "./advice-rule.ts";
import { dataBehind } from "./data-behind.ts";
import { isUsedBy, isUsedOnDevice, NOTHING_SAVED, opsOf } from "./savings.ts";
import { authorOf, takesGradients } from "./whose.ts";

/** The most dimensions that the WebGPU backend tiles on the device. */
const MOST = 4;

/**
 * What to do about a tile of more dimensions than the device tiles, which reads its operand back: the
 * same of fewer. A dimension that is tiled takes those after it that are not with it.
 */
export function fewerDimensions(
  graph: Graph,
  tile: Op,
): Pick<Advice, "remedy" | "saves"> | undefined {
  const { x } = tile.operands;
  const [result] = tile.results;
  const { reps } = tile.attrs;
  if (tile.kernel !== "Tile" || x === undefined || result === undefined || !Array.isArray(reps)) {
    return undefined;
  }
  const [shape, times]: [number[], number[]] = [[], []];
  valueAt(graph, x).shape.forEach((size, axis) => {
    const last = shape.length - 1;
    const isNew = reps[axis] !== 1 || last < 0;
    if (isNew) times.push(Number(reps[axis]));
    if (isNew) shape.push(size);
    else shape[last] = (shape[last] ?? 1) * size;
  });
  const isReadElsewhere = isUsedBy(
    graph,
    dataBehind(graph, x),
    ({ id, placement }) => placement === "cpu" && id !== tile.id,
  );
  // The gradient of a tile changes with its dimensions.
  const isOwn = authorOf(graph, tile) === "function" && !takesGradients(graph);
  if (shape.length > MOST || isReadElsewhere || !isOwn) return undefined;
  const isUploaded = isUsedOnDevice(graph, result);
  return {
    remedy: `Reshape it to [${shape}], tile that by [${times}], and reshape the result: tf.tile of five dimensions or more runs on the host.`,
    saves: {
      ...NOTHING_SAVED,
      ops: -reshapesMore(graph, x, result),
      dispatches: -1,
      bytesUploaded: isUploaded ? bytesOf(valueAt(graph, result)) : 0,
      hostOps: 1,
      waits: 1,
    },
  };
}

/** The reshapes that the program does not have, where it reshapes neither before nor after. */
function reshapesMore(graph: Graph, x: ValueId, result: ValueId): number {
  const { usersOf, isResult } = analyse(graph, uses);
  const isView = (op: Op | undefined) => op?.placement === "view";
  const before = isView(definingOp(graph, x)) && usersOf(x).length === 1;
  const users = opsOf(graph, [...usersOf(result)]);
  const after = users.length === 1 && isView(users[0]) && !isResult(result);
  return Number(!before) + Number(!after);
}
