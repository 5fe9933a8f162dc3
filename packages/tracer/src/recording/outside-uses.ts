import type { ValueId } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { own } from "../patches/patch.ts";
import type { ProgramState } from "../session/program-state.ts";
import type { Layer } from "../targets/layer.ts";
import type { Engine } from "../tfjs/engine.ts";
import type { Recorder } from "./recorder.ts";
import type { HostValuesListener, Read } from "./watch-host-values.ts";

/** What is used by no op of the graph, and yet used: values that are read, kept or assigned. */
export class OutsideUses implements HostValuesListener {
  /** The layers that were called. */
  readonly calledLayers = new Set<Layer>();
  readonly #engine: Engine;
  readonly #recorder: Recorder;
  readonly #state: ProgramState;
  readonly #values = new Set<ValueId>();
  readonly #kept = new Set<Tensor>();

  constructor(tfEngine: Engine, recorder: Recorder, state: ProgramState) {
    this.#engine = tfEngine;
    this.#recorder = recorder;
    this.#state = state;
  }

  /** Begins to watch what the program keeps. Returns what ends that. */
  watchKept(): () => void {
    const { keep } = this.#engine;
    const watched: typeof keep = (tensor) => {
      this.#kept.add(tensor);
      return keep.call(this.#engine, tensor);
    };
    return own(this.#engine, "keep", watched);
  }

  read({ tensor }: Pick<Read, "tensor">): void {
    this.#addTo(this.#values, tensor, () => true);
  }

  /** The values so far. */
  get values(): ReadonlySet<ValueId> {
    const values = new Set(this.#values);
    // A parameter is not used because there is a variable that holds it.
    const isResult = (id: ValueId) => this.#recorder.builder.typeOf(id).kind === "result";
    for (const tensor of this.#kept) this.#addTo(values, tensor, isResult);
    for (const variable of this.#state.changedVariables) this.#addTo(values, variable, isResult);
    return values;
  }

  /**
   * Adds the values of a tensor, of those that count: its own, and that of its data, which a variable
   * may have been assigned.
   */
  #addTo(values: Set<ValueId>, { id, dataId }: Tensor, counts: (value: ValueId) => boolean): void {
    const own = this.#recorder.values.ofTensor(id);
    if (own !== undefined && counts(own)) values.add(own);
    const shared = this.#recorder.values.ofData(dataId);
    if (shared !== undefined && counts(shared)) values.add(shared);
  }
}
