import {
  type Graph,
  type Op,
  paramsOf,
  sizeOf,
  type Unused,
  type ValueId,
} from "@opcounter/ir/core";
import { type Layer, layersIn } from "../targets/layer.ts";

/**
 * What gives that which the graph did not need.
 *
 * @param needed the values that something outside the graph needs: what was read, kept or assigned.
 * @param called the layers that were called.
 * @param known layers with all those inside them, where they were looked for before.
 * @param isTraining what a training step computes for nothing is not the model's.
 */
export function unusedOf(
  graph: Graph,
  needed: ReadonlySet<ValueId>,
  called: ReadonlySet<Layer>,
  known: ReadonlySet<Layer> | undefined,
  isTraining: boolean,
): () => Unused {
  const layers = uncalled(called, known ?? new Set()).map((layer) => ({
    name: layer.name,
    className: layer.getClassName(),
  }));
  return () => {
    const { idle, used } = usesOf(graph, needed);
    const params = paramsOf(graph)
      .filter(({ id, role }) => role !== "slot" && used[id] !== 1)
      .map(({ name, shape }) => ({ name, elements: sizeOf(shape) }));
    return { layers, params, ops: isTraining ? [] : rowsOf(idle) };
  };
}

/**
 * The layers inside those that were called which were not called themselves. A layer that has no
 * weights yet, though it would build them when it is called, is a template of others. A recurrent
 * layer's cell is no layer of its own, an input layer computes nothing, and of a model that is not
 * called its layers are named.
 */
function uncalled(called: ReadonlySet<Layer>, known: ReadonlySet<Layer>): Layer[] {
  const areKnown = [...called].every((layer) => known.has(layer));
  return [...(areKnown ? known : layersIn(called))].filter(
    (layer) =>
      !called.has(layer) &&
      Reflect.get(layer, "built") === true &&
      !("stateSize" in layer) &&
      !("layers" in layer) &&
      layer.getClassName() !== "InputLayer",
  );
}

/**
 * The values that are taken by an op or needed, and the ops that compute and whose results are not
 * needed, directly or by ops that are.
 */
function usesOf(graph: Graph, needed: ReadonlySet<ValueId>) {
  // By value, since a pass has thousands of operands.
  const alive = new Uint8Array(graph.values.length);
  for (const ids of [needed, graph.results]) for (const id of ids) alive[id] = 1;
  const used = alive.slice();
  const idle: Op[] = [];
  for (const op of graph.ops.toReversed()) {
    const isAlive = op.results.some((id) => alive[id] === 1);
    if (!isAlive && op.placement !== "view") idle.push(op);
    for (const id of Object.values(op.operands)) {
      used[id] = 1;
      if (isAlive) alive[id] = 1;
    }
  }
  return { idle: idle.reverse(), used };
}

function rowsOf(ops: readonly Op[]): Unused["ops"] {
  const rows = new Map<string, Unused["ops"][number]>();
  for (const { kernel, scope } of ops) {
    const key = `${kernel} ${scope.join("/")}`;
    rows.set(key, { kernel, scope, ops: (rows.get(key)?.ops ?? 0) + 1 });
  }
  return [...rows.values()];
}
