import type { Dispatch } from "./dispatch.ts";
import { elementAt } from "./element-at.ts";
import type {
  Attributes,
  Call,
  CallId,
  Graph,
  Group,
  Op,
  Operands,
  OpId,
  ParamValue,
  Placement,
  Value,
  ValueId,
} from "./graph.ts";
import { type Shape, sameShape, type TensorType } from "./types.ts";

/** What `GraphBuilder.op` is given. What is left out has the defaults of an op on the GPU. */
export interface OpSpec {
  readonly kernel: string;
  readonly operands: Operands;
  readonly attrs?: Attributes;
  readonly results: readonly TensorType[];
  readonly scope?: readonly string[];
  readonly call?: CallId | undefined;
  readonly placement?: Placement;
  readonly dispatches?: readonly Dispatch[];
}

/** What `GraphBuilder.beginCall` is given. */
interface CallSpec extends Omit<Call, "id" | "results" | "parent"> {
  readonly parent?: CallId | undefined;
}

/** What is known about a parameter besides its name and type. */
export type ParamFacts = Partial<Pick<ParamValue, "trainable" | "role" | "stored" | "zeros">>;

type KnownFacts = { readonly [Fact in keyof ParamFacts]: ParamFacts[Fact] | undefined };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const NO_NAMES: readonly string[] = Object.freeze([]);
const NO_DISPATCHES: readonly Dispatch[] = Object.freeze([]);
const NO_ATTRS: Attributes = Object.freeze({});

/**
 * Builds a graph in execution order. Of what a graph has by the thousand it keeps copies, `{ ...op }`:
 * V8 makes the objects of a literal old at once where many of that literal grew old before, and what
 * an old object holds outlives it by a while. Of a graph that was dropped it would copy most.
 *
 * The builder numbers values, ops and calls from 0 in order of
 * definition, so the same program always gives the same graph.
 */
export class GraphBuilder {
  readonly #values: Value[] = [];
  readonly #inputs: ValueId[] = [];
  readonly #ops: Op[] = [];
  readonly #calls: Mutable<Call>[] = [];
  readonly #groups: Group[] = [];
  #results: readonly ValueId[] = [];
  #lastShape: Shape = [];

  constructor(
    readonly name: string,
    readonly device = "virtual",
  ) {}

  input(name: string, type: TensorType): ValueId {
    const { dtype, shape } = plain(type);
    const id = this.#define({ kind: "input", id: this.#values.length, name, dtype, shape });
    this.#inputs.push(id);
    return id;
  }

  param(
    name: string,
    type: TensorType,
    { trainable = true, role = "weight", stored, zeros }: KnownFacts = {},
  ): ValueId {
    const id = this.#values.length;
    const { dtype, shape } = plain(type);
    const value = { kind: "param" as const, id, name, trainable, role, dtype, shape };
    // A model has hundreds of them, and few with these facts: spreading takes longer.
    if (stored === undefined && zeros === undefined) return this.#define(value);
    return this.#define({
      ...value,
      ...(stored === undefined ? {} : { stored }),
      ...(zeros === undefined ? {} : { zeros }),
    });
  }

  /** Makes a parameter that was added an optimizer's slot: what it is shows only later in a pass. */
  markSlot(id: ValueId): void {
    const value = this.#values[id];
    if (value?.kind !== "param") throw new RangeError(`value ${id} is no parameter`);
    this.#values[id] = { ...value, role: "slot", trainable: false };
  }

  constant(type: TensorType, data?: readonly (number | string)[]): ValueId {
    const id = this.#values.length;
    const value = { kind: "constant" as const, id, ...plain(type) };
    return this.#define(data === undefined ? value : { ...value, data });
  }

  /** Appends an op and returns the ids of its results. */
  op(spec: OpSpec): readonly ValueId[] {
    const op: OpId = this.#ops.length;
    // Of its length from the start: one that grows by push has room for 16 more, 130 bytes per op.
    const results = new Array<ValueId>(spec.results.length);
    for (let index = 0; index < results.length; index++) {
      const { dtype, shape } = elementAt(spec.results, index);
      const id = this.#values.length;
      const result = { kind: "result" as const, id, dtype, shape: this.#copied(shape), op, index };
      this.#values.push({ ...result });
      results[index] = id;
    }
    // Written out part by part: a graph may have millions of ops, and to spread the spec takes longer.
    const { kernel, operands, attrs = NO_ATTRS, scope = NO_NAMES, call } = spec;
    const { placement = "gpu", dispatches = NO_DISPATCHES } = spec;
    const made =
      call === undefined
        ? { id: op, kernel, operands, attrs, results, scope, placement, dispatches }
        : { id: op, kernel, operands, attrs, results, scope, call, placement, dispatches };
    this.#ops.push({ ...made });
    return results;
  }

  /** Begins a call. Give what is known only when the call returns to `endCall`. */
  beginCall({ kind, className, scope, parent, inputs, params }: CallSpec): CallId {
    const id = this.#calls.length;
    const call =
      parent === undefined
        ? { id, kind, className, scope, inputs, params, results: [] }
        : { id, kind, className, scope, parent, inputs, params, results: [] };
    this.#calls.push({ ...call });
    return id;
  }

  endCall(
    id: CallId,
    { inputs, results, params }: Partial<Pick<Call, "inputs" | "results" | "params">>,
  ): void {
    const call = this.#calls[id];
    if (call === undefined) throw new RangeError(`no call ${id} was begun`);
    if (inputs !== undefined) call.inputs = inputs;
    if (results !== undefined) call.results = results;
    if (params !== undefined) call.params = params;
  }

  group(group: Group): void {
    this.#groups.push(group);
  }

  typeOf(id: ValueId): Value {
    const value = this.#values[id];
    if (value === undefined) throw new RangeError(`no value ${id} is defined`);
    return value;
  }

  get opCount(): number {
    return this.#ops.length;
  }

  /** The last op appended, for messages. */
  get lastOp(): Op | undefined {
    return this.#ops.at(-1);
  }

  opOf(id: OpId): Op | undefined {
    return this.#ops[id];
  }

  setResults(results: readonly ValueId[]): void {
    this.#results = results;
  }

  build(): Graph {
    return {
      name: this.name,
      device: this.device,
      values: Object.freeze([...this.#values]),
      inputs: Object.freeze([...this.#inputs]),
      ops: Object.freeze([...this.#ops]),
      calls: Object.freeze([...this.#calls]),
      groups: Object.freeze([...this.#groups]),
      results: Object.freeze([...this.#results]),
    };
  }

  /** A shape of the graph's own. Results in a row often have one shape; they share one copy. */
  #copied(shape: Shape): Shape {
    if (!sameShape(shape, this.#lastShape)) this.#lastShape = shape.slice();
    return this.#lastShape;
  }

  #define(value: Value): ValueId {
    this.#values.push({ ...value });
    return value.id;
  }
}

/** Copies dtype and shape alone from what may be a larger object. */
function plain({ dtype, shape }: TensorType): TensorType {
  return { dtype, shape: shape.slice() };
}
