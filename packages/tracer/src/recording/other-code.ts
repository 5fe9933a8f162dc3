import type { Graph } from "@opcounter/ir/core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { Tensor } from "@tensorflow/tfjs-core";
import { flush } from "../devices/backend.ts";
import type { Leaves } from "../evaluate/leaves.ts";
import type { AsyncContext } from "../host/host.ts";
import { own } from "../patches/patch.ts";
import type { DataId, Engine } from "../tfjs/engine.ts";

/**
 * What other code runs while a traced program awaits, on a host that tells it apart. It sees
 * TensorFlow.js unpatched (`own`), so none of it is recorded, and its tensors are its own.
 */
export class OtherCode {
  readonly stop: () => void;
  /** The data that other code computed, with the kernel; undefined where none ran. */
  #kernels: WeakMap<DataId, string> | undefined;

  /** Watches the kernels that run outside of the context. The program is not yet in it. */
  constructor(context: AsyncContext, tfEngine: Engine, backend: WebGPUBackend) {
    const { runKernel } = tfEngine;
    const watched: typeof runKernel = (kernel, inputs, attrs) => {
      // The program's own are hundreds.
      if (context.isInside()) return runKernel.call(tfEngine, kernel, inputs, attrs);
      const run = () => runKernel.call(tfEngine, kernel, inputs, attrs);
      const isShared = tfEngine.backendInstance === backend;
      const outputs = isShared ? apart(context, backend, run) : run();
      this.#kernels ??= new WeakMap();
      for (const { dataId } of [outputs].flat()) this.#kernels.set(dataId, kernel);
      return outputs;
    };
    this.stop = own(tfEngine, "runKernel", watched);
  }

  /** Says which results of other code the program took: the graph has no ops for them. */
  notes(graph: Graph, leaves: Leaves): string[] {
    if (this.#kernels === undefined) return [];
    const kernels = new Set<string>();
    for (const { id } of graph.values) {
      const dataId = leaves.dataOf(id);
      const kernel = dataId && this.#kernels.get(dataId);
      if (kernel !== undefined) kernels.add(kernel);
    }
    if (kernels.size === 0) return [];
    return [
      `The program takes what other code computed while it awaited, by ${[...kernels].join(", ")}. These ops are not counted.`,
    ];
  }
}

/** Runs other code's kernel on the backend that the program uses, in commands of its own. */
function apart(
  context: AsyncContext,
  backend: WebGPUBackend,
  run: () => Tensor | Tensor[],
): Tensor | Tensor[] {
  context.run(() => flush(backend));
  try {
    return run();
  } finally {
    flush(backend);
  }
}
