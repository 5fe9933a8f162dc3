import {
  bytesOf,
  formatType,
  type GraphBuilder,
  MAX_CONSTANT_ELEMENTS,
  sizeOf,
  type ValueId,
} from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Device } from "../devices/device.ts";
import { Leaves } from "../evaluate/leaves.ts";
import { storedTypeOf } from "../loading/stored-types.ts";
import type { ProgramState } from "../session/program-state.ts";
import type { ParamSource } from "../targets/param-source.ts";
import { type DataId, type Engine, isVariable } from "../tfjs/engine.ts";
import type { MemoryWatch } from "./memory.ts";
import type { Scopes } from "./scopes.ts";

/** What `Values` works with. */
interface Surroundings {
  readonly engine: Engine;
  readonly device: Device;
  readonly builder: GraphBuilder;
  readonly scopes: Scopes;
  readonly memory: MemoryWatch;
  readonly state: ProgramState;
  /** How many elements of each parameter are 0, where that is wanted. */
  readonly zeros: ReadonlyMap<Tensor["id"], number> | undefined;
}

/** Which value of the graph each of tfjs's tensors stands for. */
export class Values {
  readonly #around: Surroundings;
  /** The inputs, parameters and constants, with what they hold. */
  readonly leaves: Leaves;
  readonly #values = new Map<Tensor["id"], ValueId>();
  /**
   * The values that share a piece of data, by type: that it was made as, then views of it. For
   * variables that were assigned to, and reads.
   */
  readonly #valuesOfData = new WeakMap<DataId, Map<string, ValueId>>();
  readonly #paramData = new Map<Tensor["id"], DataId>();

  constructor(around: Surroundings) {
    this.#around = around;
    this.leaves = new Leaves(around.engine);
  }

  addInput(name: string, tensor: Tensor): void {
    this.#bindLeaf(tensor, this.#around.builder.input(name, tensor));
  }

  /** Adds a parameter, or finds it: a tensor that several layers share is one parameter. */
  addParam({ tensor, name, ...facts }: ParamSource): ValueId {
    const known = this.#values.get(tensor.id);
    if (known !== undefined) return known;
    this.#paramData.set(tensor.id, tensor.dataId);
    const stored = storedTypeOf(tensor);
    const zeros = this.#around.zeros?.get(tensor.id);
    const param = this.#around.builder.param(name, tensor, {
      ...facts,
      ...(stored === undefined ? {} : { stored }),
      ...(zeros === undefined ? {} : { zeros }),
    });
    return this.#bindLeaf(tensor, param);
  }

  /** The value a tensor stands for; one that nothing defined so far is a parameter or a constant. */
  of(tensor: Tensor): ValueId {
    const known = this.#values.get(tensor.id);
    if (known === undefined) return this.#define(tensor);
    const initialData = this.#paramData.get(tensor.id);
    if (initialData !== undefined && initialData !== tensor.dataId) {
      // A variable that was assigned to since: it stands for what it was assigned.
      return this.#assignedTo(tensor);
    }
    return known;
  }

  /** The value that a piece of data was made as; undefined for what a kernel made for itself. */
  ofData(dataId: DataId): ValueId | undefined {
    return this.#valuesOfData.get(dataId)?.values().next().value;
  }

  /**
   * The value that has the elements of this one: of a variable that was made in the pass, what was
   * computed for it.
   */
  origin(id: ValueId): ValueId {
    const dataId = this.leaves.dataOf(id);
    return (dataId === undefined ? undefined : this.ofData(dataId)) ?? id;
  }

  /** Says that a tensor stands for a value from now on. */
  bind(tensor: Tensor, id: ValueId): ValueId {
    this.#values.set(tensor.id, id);
    const sharing = this.#valuesOfData.get(tensor.dataId) ?? new Map<string, ValueId>();
    this.#valuesOfData.set(tensor.dataId, sharing);
    const type = formatType(tensor);
    if (!sharing.has(type)) sharing.set(type, id);
    return id;
  }

  #define(tensor: Tensor): ValueId {
    for (const { findParams } of this.#around.scopes.outwards) {
      const params = findParams?.() ?? [];
      if (!params.some((param) => param.tensor.id === tensor.id)) continue;
      for (const param of params) this.addParam(param);
      return this.of(tensor);
    }
    if (isVariable(tensor)) {
      // One that was assigned to before it was first used stands for what it was assigned.
      if (this.#around.state.initialData(tensor) !== tensor.dataId) return this.#assignedTo(tensor);
      const { name, trainable } = tensor;
      return this.addParam({ tensor, name, trainable, role: "weight" });
    }
    return this.#defineConstant(tensor);
  }

  /** What a variable was assigned: what its data stands for, seen as the variable's type. */
  #assignedTo(tensor: Tensor): ValueId {
    const assigned = this.#valuesOfData.get(tensor.dataId)?.get(formatType(tensor));
    if (assigned !== undefined) return assigned;
    return this.#defineConstant(tensor);
  }

  #defineConstant(tensor: Tensor): ValueId {
    return this.#bindLeaf(tensor, this.#around.builder.constant(tensor, this.#smallData(tensor)));
  }

  /** Binds a value that was there before the pass: its buffer, if any, is the pass's, too. */
  #bindLeaf(tensor: Tensor, id: ValueId): ValueId {
    const { device, memory } = this.#around;
    const { tensorMap } = device.backend;
    const data = tensorMap.has(tensor.dataId) ? tensorMap.get(tensor.dataId) : undefined;
    if (data?.resource != null && !this.#valuesOfData.has(tensor.dataId)) {
      memory.claim(bytesOf(tensor));
    }
    this.leaves.add(id, tensor);
    return this.bind(tensor, id);
  }

  /** The elements of a small tensor whose values the host holds. */
  #smallData(tensor: Tensor): (number | string)[] | undefined {
    if (sizeOf(tensor.shape) > MAX_CONSTANT_ELEMENTS || tensor.dtype === "complex64") {
      return undefined;
    }
    // Makes data of another backend visible on the device, as the kernel that follows would.
    const { values } = this.#around.device.backend.tensorMap.get(tensor.dataId);
    if (values == null) return undefined;
    const text = new TextDecoder();
    return Array.from(values, (element: number | string | Uint8Array) =>
      element instanceof Uint8Array ? text.decode(element) : element,
    );
  }
}
