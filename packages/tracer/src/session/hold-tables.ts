import type { Tensor } from "@tensorflow/tfjs-core";
import { aliasOf, type Engine } from "../tfjs/engine.ts";

/** A table of a GraphModel, with the value of each key. */
interface HashTable {
  readonly handle: Tensor;
  readonly tensorMap: ReadonlyMap<unknown, Tensor>;
}

/** What tfjs keeps with a GraphModel from one run to the next. */
interface ModelState {
  readonly resourceManager: {
    /** By the name of the node that made it. */
    hashTableNameToHandle: Readonly<Record<string, Tensor>>;
    /** By the id of its handle. */
    hashTableMap: Readonly<Record<string, HashTable>>;
  };
  /** What the initializer gave; nullish until it has run. */
  resourceIdToCapturedInput?: object | null | undefined;
}

/**
 * Gives a GraphModel that is about to run copies of its tables: its initializer fills them when it
 * runs first, and its nodes may. Returns what gives it its own again. A table that the virtual
 * device filled has no values.
 */
export function holdTables(tfEngine: Engine, model: object): () => void {
  if (!hasState(model)) return () => undefined;
  const { resourceManager, resourceIdToCapturedInput } = model;
  const before = { ...resourceManager };
  const copies = Object.entries(before.hashTableMap).map(([id, table]) => {
    const values = [...table.tensorMap].map(
      ([key, value]) => [key, aliasOf(tfEngine, value)] as const,
    );
    const copy: HashTable = Object.create(table, { tensorMap: { value: new Map(values) } });
    return [id, copy] as const;
  });
  resourceManager.hashTableNameToHandle = { ...before.hashTableNameToHandle };
  resourceManager.hashTableMap = Object.fromEntries(copies);
  return () => {
    for (const [id, { handle, tensorMap }] of Object.entries(resourceManager.hashTableMap)) {
      for (const value of tensorMap.values()) value.dispose();
      if (!(id in before.hashTableMap)) handle.dispose();
    }
    Object.assign(resourceManager, before);
    model.resourceIdToCapturedInput = resourceIdToCapturedInput;
  };
}

function hasState(model: object): model is ModelState {
  return "resourceManager" in model;
}
