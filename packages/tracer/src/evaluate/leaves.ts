import {
  type Annotation,
  annotate,
  annotationOf,
  type Graph,
  type Value,
  type ValueId,
} from "@opcounter/ir/core";
import type { BackendValues, Tensor } from "@tensorflow/tfjs-core";
import { isVirtual } from "../devices/backend.ts";
import { type DataId, type Engine, engine } from "../tfjs/engine.ts";

interface Leaf {
  readonly tensor: Tensor;
  /** What the tensor held when it was added: a variable may be assigned to since. */
  readonly dataId: DataId;
  /** Its elements, where the host had them at hand: a tensor may be disposed of since. */
  readonly values: BackendValues | undefined;
}

const LEAVES: Annotation<ReadonlyMap<ValueId, Leaf>> = {
  name: "leaves",
  carry: (leaves, renamed) =>
    new Map(
      [...leaves].flatMap(([id, leaf]) => {
        const now = renamed(id);
        return now === undefined ? [] : [[now, leaf] as const];
      }),
    ),
};

/** The inputs, parameters and constants of a graph, with what they hold. Nothing is copied. */
export class Leaves {
  readonly #engine: Engine;
  readonly #leaves = new Map<ValueId, Leaf>();

  constructor(tfEngine: Engine) {
    this.#engine = tfEngine;
  }

  add(id: ValueId, tensor: Tensor): void {
    const { dataId } = tensor;
    this.#leaves.set(id, { tensor, dataId, values: this.#atHand(dataId) });
  }

  /** The data that a leaf was added with; undefined for other values. */
  dataOf(id: ValueId): DataId | undefined {
    return this.#leaves.get(id)?.dataId;
  }

  /** The elements of a leaf; undefined for other values, and where only a device has them. */
  valuesOf({ id }: Value): BackendValues | undefined {
    const leaf = this.#leaves.get(id);
    if (leaf === undefined) return undefined;
    return leaf.values ?? this.#atHand(leaf.dataId) ?? this.#borrowed(leaf.dataId);
  }

  #borrowed(dataId: DataId): BackendValues | undefined {
    const backend = this.#engine.state.tensorInfo.get(dataId)?.backend;
    return backend && isVirtual(backend) ? backend.fetchBorrowedSync(dataId) : undefined;
  }

  /** Remembers them with the graph that was recorded of them. */
  keepFor(graph: Graph): void {
    annotate(graph, LEAVES, this.#leaves);
  }

  #atHand(dataId: DataId): BackendValues | undefined {
    const backend = this.#engine.state.tensorInfo.get(dataId)?.backend;
    if (backend === undefined) return undefined;
    if (isVirtual(backend)) return backend.hostValues(dataId);
    // The cpu backend hands out what it keeps; others would have to fetch it.
    return backend === this.#engine.registry["cpu"] ? backend.readSync(dataId) : undefined;
  }
}

/**
 * The elements of the leaves of a graph that was recorded, or that passes made of such a one, where
 * they still are what they were.
 */
export async function recordedLeaves(graph: Graph): Promise<Map<ValueId, BackendValues>> {
  const known = new Map<ValueId, BackendValues>();
  for (const [id, { tensor, dataId, values }] of annotationOf(graph, LEAVES) ?? []) {
    if (values !== undefined) known.set(id, values);
    else if (!tensor.isDisposed && tensor.dataId === dataId && !isOnVirtual(tensor)) {
      known.set(id, await elementsOf(tensor));
    }
  }
  return known;
}

/** A tensor's elements as kernels take them: texts in bytes, which need not be UTF-8. */
export async function elementsOf(tensor: Tensor): Promise<BackendValues> {
  // Sound: of texts `bytes` gives each one's, where it gives one array for all other elements.
  return tensor.dtype === "string" ? ((await tensor.bytes()) as Uint8Array[]) : tensor.data();
}

function isOnVirtual({ dataId }: Tensor): boolean {
  const backend = engine().state.tensorInfo.get(dataId)?.backend;
  return backend !== undefined && isVirtual(backend);
}
