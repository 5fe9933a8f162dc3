import {
  type GraphBuilder,
  MAX_CONSTANT_ELEMENTS,
  sameShape,
  sizeOf,
  type TensorType,
  type ValueId,
} from "@opcounter/ir/core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { Device } from "../devices/device.ts";
import { Leaves } from "../evaluate/leaves.ts";
import { storedTypeOf } from "../loading/stored-types.ts";
import type { ProgramState } from "../session/program-state.ts";
import { type Layer, ownParams, ownWeights, paramsOfLayer } from "../targets/layer.ts";
import type { ParamSource } from "../targets/param-source.ts";
import { type DataId, type Engine, isVariable } from "../tfjs/engine.ts";
import type { HeldConstants } from "./held-constants.ts";
import type { Scopes } from "./scopes.ts";

/** The parts of a recording that `Values` uses. */
interface Surroundings {
  readonly engine: Engine;
  readonly device: Device;
  readonly builder: GraphBuilder;
  readonly scopes: Scopes;
  readonly state: ProgramState;
  readonly held: HeldConstants;
  /** How many elements of each parameter are 0, where that is wanted. */
  readonly zeros: ReadonlyMap<Tensor["id"], number> | undefined;
}

/** Maps each tensor of tfjs to its value in the graph. */
export class Values {
  readonly #around: Surroundings;
  /** The inputs, parameters and constants, with their elements. */
  readonly leaves: Leaves;
  readonly #values = new Map<Tensor["id"], ValueId>();
  /**
   * By piece of data and type, the value: the first is the one it was made as, then come views.
   * Used for variables that were assigned to, and for reads.
   */
  readonly #valuesOfData = new Map<DataId, ValueId | ValueId[]>();
  /** Variables that no layer owns, and are parameters or an optimizer's slots. */
  readonly #variables = new Map<ValueId, Variable>();
  /** The tensors that a gradient was computed by. */
  readonly #trained = new Set<Tensor["id"]>();

  constructor(around: Surroundings) {
    this.#around = around;
    this.leaves = new Leaves(around.engine);
  }

  addInput(name: string, tensor: Tensor): void {
    this.#bindLeaf(tensor, this.#around.builder.input(name, tensor));
  }

  /** Adds a parameter, or finds it. A tensor that several layers share is one parameter. */
  addParam({ tensor, name, trainable, role }: ParamSource): ValueId {
    const known = this.#values.get(tensor.id);
    if (known !== undefined) return known;
    const stored = storedTypeOf(tensor);
    const zeros = this.#around.zeros?.get(tensor.id);
    const facts = { trainable, role, stored, zeros };
    return this.#bindLeaf(tensor, this.#around.builder.param(name, tensor, facts));
  }

  /** A layer's own parameters. Those that nothing used so far are added. */
  paramsOf(layer: Layer): ValueId[] {
    const ids: ValueId[] = [];
    for (const { id } of ownWeights(layer)) {
      const known = this.#values.get(id);
      if (known === undefined) return ownParams(layer).map((param) => this.addParam(param));
      ids.push(known);
    }
    return ids;
  }

  /** Adds a tensor that the user lists as a parameter. An input or a known parameter stays that. */
  addListed(tensor: Tensor): void {
    if (this.#values.has(tensor.id)) return;
    if (isVariable(tensor)) this.of(tensor);
    else this.addParam(this.#around.held.asParam(tensor));
  }

  /** The value of a tensor. One that nothing defined so far is a parameter or a constant. */
  of(tensor: Tensor): ValueId {
    const known = this.#values.get(tensor.id);
    if (known === undefined) return this.#define(tensor);
    const isParam = this.#around.builder.typeOf(known).kind === "param";
    // A variable that was assigned to since then has the value that it was assigned.
    const isAssigned = isParam && this.leaves.dataOf(known) !== tensor.dataId;
    return isAssigned ? this.#assignedTo(tensor) : known;
  }

  /** The value of a tensor that was bound to one. */
  ofTensor(id: Tensor["id"]): ValueId | undefined {
    return this.#values.get(id);
  }

  /** The value that a piece of data was made as; undefined for the scratch data of a kernel. */
  ofData(dataId: DataId): ValueId | undefined {
    return firstOf(this.#valuesOfData.get(dataId));
  }

  /** `ofData` for later: it holds on to no tensor. */
  lookup(): (dataId: DataId) => ValueId | undefined {
    const valuesOfData = this.#valuesOfData;
    return (dataId) => firstOf(valuesOfData.get(dataId));
  }

  /**
   * The value that has the elements of this one: for a variable that was made in the pass, the
   * value that it was made of; for all others the value itself.
   */
  origin(id: ValueId): ValueId {
    const dataId = this.leaves.dataOf(id);
    return (dataId === undefined ? undefined : this.ofData(dataId)) ?? id;
  }

  /** Notes tensors that the program computed a gradient by. */
  addTrained(tensors: readonly Tensor[]): void {
    for (const { id } of tensors) this.#trained.add(id);
  }

  /**
   * The slots of optimizers: the variables that a training step assigned to without a gradient by
   * them. A parameter has a gradient, or keeps its value.
   */
  slots(): ValueId[] {
    if (this.#trained.size === 0) return [];
    const { state } = this.#around;
    return [...this.#variables]
      .filter(([, { id }]) => !this.#trained.has(id))
      .filter(([, variable]) => state.initialData(variable) !== variable.dataId)
      .map(([id]) => id);
  }

  /** The names of the program's variables, those that are an optimizer's slots apart. */
  variableNames(): string[] {
    const slots = new Set(this.slots());
    return [...this.#variables].filter(([id]) => !slots.has(id)).map(([, { name }]) => name);
  }

  /** Maps a tensor to a value. */
  bind(tensor: Tensor, id: ValueId): ValueId {
    this.#values.set(tensor.id, id);
    const { dataId } = tensor;
    const sharing = this.#valuesOfData.get(dataId);
    // Most data is one value: only views make it several.
    if (sharing === undefined) this.#valuesOfData.set(dataId, id);
    else if (this.#ofType(sharing, tensor) === undefined) {
      this.#valuesOfData.set(dataId, [sharing, id].flat());
    }
    return id;
  }

  /** The one of the values that share data which has this type. */
  #ofType(sharing: ValueId | ValueId[], { dtype, shape }: TensorType): ValueId | undefined {
    const ids = typeof sharing === "object" ? sharing : [sharing];
    return ids.find((id) => {
      const value = this.#around.builder.typeOf(id);
      return value.dtype === dtype && sameShape(value.shape, shape);
    });
  }

  #define(tensor: Tensor): ValueId {
    for (const { layer } of this.#around.scopes.outwards) {
      const params = layer === undefined ? [] : paramsOfLayer(layer);
      if (!params.some((param) => param.tensor.id === tensor.id)) continue;
      for (const param of params) this.addParam(param);
      return this.of(tensor);
    }
    if (isVariable(tensor)) {
      // It was assigned to before it was first used.
      if (this.#around.state.initialData(tensor) !== tensor.dataId) return this.#assignedTo(tensor);
      const { name, trainable } = tensor;
      const id = this.addParam({ tensor, name, trainable, role: "weight" });
      this.#variables.set(id, tensor);
      return id;
    }
    const { held } = this.#around;
    if (held.countsAsParam(tensor)) return this.addParam(held.asParam(tensor));
    return this.#defineConstant(tensor);
  }

  /** The value that a variable was assigned: that of its data, with the variable's type. */
  #assignedTo(tensor: Tensor): ValueId {
    const sharing = this.#valuesOfData.get(tensor.dataId) ?? [];
    return this.#ofType(sharing, tensor) ?? this.#defineConstant(tensor);
  }

  #defineConstant(tensor: Tensor): ValueId {
    const { builder, held } = this.#around;
    const id = this.#bindLeaf(tensor, builder.constant(tensor, this.#smallData(tensor)));
    held.add(id, tensor);
    return id;
  }

  /** Binds a value that existed before the pass. */
  #bindLeaf(tensor: Tensor, id: ValueId): ValueId {
    const isNew = !this.#valuesOfData.has(tensor.dataId);
    if (isNew) this.#around.device.recorder.existedBefore(tensor.dataId);
    this.leaves.add(id, tensor);
    return this.bind(tensor, id);
  }

  /** The elements of a small tensor whose values the host has; undefined for others. */
  #smallData(tensor: Tensor): (number | string)[] | undefined {
    if (sizeOf(tensor.shape) > MAX_CONSTANT_ELEMENTS || tensor.dtype === "complex64") {
      return undefined;
    }
    // `get` lends data of another backend to the device, as the kernel that follows would.
    const { values } = this.#around.device.backend.tensorMap.get(tensor.dataId);
    if (values == null) return undefined;
    const text = new TextDecoder();
    return Array.from(values, (element: number | string | Uint8Array) =>
      element instanceof Uint8Array ? text.decode(element) : element,
    );
  }
}

function firstOf(sharing: ValueId | readonly ValueId[] | undefined): ValueId | undefined {
  return typeof sharing === "object" ? sharing[0] : sharing;
}
