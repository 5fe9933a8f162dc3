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
  /** The tensor's data when it was added. A variable may have other data since. */
  readonly dataId: DataId;
  /** Its elements, if the host had them then. The tensor may be disposed of since. */
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

/** The inputs, parameters and constants of a graph, with their elements. Nothing is copied. */
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

  /** The data of a leaf when it was added; undefined for other values. */
  dataOf(id: ValueId): DataId | undefined {
    return this.#leaves.get(id)?.dataId;
  }

  /** The elements of a leaf; undefined for other values, and if only a device has them. */
  valuesOf({ id }: Value): BackendValues | undefined {
    const leaf = this.#leaves.get(id);
    if (leaf === undefined) return undefined;
    return leaf.values ?? this.#atHand(leaf.dataId) ?? this.#borrowed(leaf.dataId);
  }

  #borrowed(dataId: DataId): BackendValues | undefined {
    const backend = this.#engine.state.tensorInfo.get(dataId)?.backend;
    return backend && isVirtual(backend) ? backend.fetchBorrowedSync(dataId) : undefined;
  }

  /** Keeps the leaves with the graph that was recorded. */
  keepFor(graph: Graph): void {
    annotate(graph, LEAVES, this.#leaves);
  }

  #atHand(dataId: DataId): BackendValues | undefined {
    const backend = this.#engine.state.tensorInfo.get(dataId)?.backend;
    if (backend === undefined) return undefined;
    if (isVirtual(backend)) return backend.hostValues(dataId);
    // The cpu backend returns its own array. Other backends would have to fetch the elements.
    return backend === this.#engine.registry["cpu"] ? backend.readSync(dataId) : undefined;
  }
}

/**
 * The elements of the leaves of a recorded graph, or of a graph that passes made of one. Leaves
 * whose tensors changed since are left out.
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

/** A tensor's elements as kernels take them. Strings are bytes, which need not be UTF-8. */
export async function elementsOf(tensor: Tensor): Promise<BackendValues> {
  // Sound: for strings, `bytes` gives one array per element.
  return tensor.dtype === "string" ? ((await tensor.bytes()) as Uint8Array[]) : tensor.data();
}

function isOnVirtual({ dataId }: Tensor): boolean {
  const backend = engine().state.tensorInfo.get(dataId)?.backend;
  return backend !== undefined && isVirtual(backend);
}
