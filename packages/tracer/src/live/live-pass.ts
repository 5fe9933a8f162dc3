import {
  addNotes,
  type Dispatch,
  type Graph,
  GraphBuilder,
  type Placement,
  type ValueId,
} from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { toAttributes } from "../recording/attributes.ts";
import type { NamedTensor } from "../recording/named-tensors.ts";
import { Scopes } from "../recording/scopes.ts";
import { paramsOfLayer } from "../targets/layer.ts";
import type { ParamSource } from "../targets/param-source.ts";
import { type Engine, isVariable } from "../tfjs/engine.ts";

/** One run of a kernel that a page made. */
export interface KernelRun {
  readonly kernel: string;
  readonly operands: readonly NamedTensor[];
  readonly attrs: object;
  readonly dispatches: Dispatch[];
  readonly nested: KernelRun[];
  outputs: readonly Tensor[];
}

const NOTE =
  "The page's own pass was recorded while it ran. What the page returns is not known: tensors that it had not disposed of count as results.";

/** Puts what a page runs into a graph, without touching its device or its tensors. */
export class LivePass {
  readonly scopes: Scopes;
  /** What ran, as a key: passes of the same key have graphs of the same costs. */
  key = "";
  /** Of the first model that ran. */
  model: string | undefined;
  readonly #builder: GraphBuilder;
  readonly #backend: string;
  readonly #values = new Map<Tensor["id"], ValueId>();
  readonly #made: Tensor[] = [];

  constructor(tfEngine: Engine) {
    this.#backend = tfEngine.backendName ?? "none";
    this.#builder = new GraphBuilder("page", this.#backend);
    this.scopes = new Scopes(tfEngine, this.#builder);
    this.scopes.start();
  }

  get opCount(): number {
    return this.#builder.opCount;
  }

  /** The model that runs, where nothing ran before: its inputs and parameters have names then. */
  begin(
    name: string,
    inputs: readonly { readonly name: string; readonly tensor: Tensor }[],
    params: readonly ParamSource[],
  ): void {
    if (this.model !== undefined) return;
    this.model = name;
    for (const input of inputs) {
      if (this.#values.has(input.tensor.id)) continue;
      this.#values.set(input.tensor.id, this.#builder.input(input.name, input.tensor));
    }
    for (const param of params) this.addParam(param);
  }

  /** Puts a kernel and those that it ran into the graph. One that only runs others is no op. */
  record(run: KernelRun): void {
    const inner = new Set(run.nested.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
    if (!run.outputs.some(({ id }) => inner.has(id))) this.#append(run);
    else run.nested.at(-1)?.dispatches.push(...run.dispatches);
    for (const nested of run.nested) this.record(nested);
  }

  addParam({ tensor, name, ...facts }: ParamSource): ValueId {
    const known = this.#values.get(tensor.id);
    if (known !== undefined) return known;
    const id = this.#builder.param(name, tensor, facts);
    this.#values.set(tensor.id, id);
    return id;
  }

  valueOf(tensor: Tensor): ValueId {
    const known = this.#values.get(tensor.id);
    if (known !== undefined) return known;
    for (const { layer } of this.scopes.outwards) {
      const params = layer === undefined ? [] : paramsOfLayer(layer);
      if (!params.some((param) => param.tensor.id === tensor.id)) continue;
      for (const param of params) this.addParam(param);
      return this.valueOf(tensor);
    }
    if (isVariable(tensor)) {
      const { name, trainable } = tensor;
      return this.addParam({ tensor, name, trainable, role: "weight" });
    }
    const id = this.#builder.constant(tensor);
    this.#values.set(tensor.id, id);
    return id;
  }

  /** The graph. What is not disposed of by now is a result. */
  finish(): Graph {
    const results = this.#made.filter(({ isDisposed }) => !isDisposed);
    this.#builder.setResults(results.map((tensor) => this.valueOf(tensor)));
    const graph = { ...this.#builder.build(), name: this.model ?? "page" };
    addNotes(graph, [NOTE]);
    return graph;
  }

  #append(run: KernelRun): void {
    const { kernel, attrs, dispatches, outputs } = run;
    const ids = run.operands.map(({ name, tensor }) => [name, this.valueOf(tensor)] as const);
    const operands = Object.fromEntries(ids);
    const frame = this.scopes.innermost;
    const results = this.#builder.op({
      ...{ kernel, operands, attrs: toAttributes(attrs), results: outputs, dispatches },
      ...{ scope: this.scopes.path, placement: this.#placementOf(run) },
      ...(frame === undefined ? {} : { call: frame.call }),
    });
    if (frame !== undefined) this.scopes.add(frame, operands, results);
    outputs.forEach((tensor, index) => {
      const id = results[index];
      if (id !== undefined) this.#values.set(tensor.id, id);
      this.#made.push(tensor);
    });
    const tensors = [...run.operands.map(({ tensor }) => tensor), ...outputs];
    const types = tensors.map(({ dtype, shape }) => `${dtype}[${shape}]`);
    const how = JSON.stringify(toAttributes(attrs));
    this.key += `${kernel} ${types.join(" ")} ${how} ${dispatches.length};`;
  }

  #placementOf({ operands, outputs, dispatches }: KernelRun): Placement {
    if (dispatches.length > 0) return "gpu";
    const sources = new Set(operands.map(({ tensor }) => tensor.dataId));
    if (outputs.length > 0 && outputs.every(({ dataId }) => sources.has(dataId))) return "view";
    // Of what WebGL's backend does nothing tells whether the host computed it.
    return this.#backend === "webgl" ? "gpu" : "cpu";
  }
}
