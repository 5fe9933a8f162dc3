import { carryAnnotations } from "../analysis.ts";
import { GraphBuilder, type ParamFacts } from "../builder.ts";
import { elementAt } from "../element-at.ts";
import type { CallValue, Graph, Op, Operands, OpId, ParamValue, Value, ValueId } from "../graph.ts";
import { forEachOperand, valueAt } from "../graph.ts";
import { sameShape } from "../types.ts";

/** What a pass changes in a graph. Ids are those of the graph before the pass. */
export interface GraphChanges {
  /** By value: the value to use instead. */
  readonly replaced?: ReadonlyMap<ValueId, ValueId>;
  /** Ops to remove. Their results must be replaced or unused. */
  readonly removed?: ReadonlySet<OpId>;
  /** By op: what changes. Operands may be values of `added`. */
  readonly changed?: ReadonlyMap<
    OpId,
    Partial<Pick<Op, "kernel" | "attrs">> & { operands?: Operands }
  >;
  /**
   * By parameter whose elements change: what is known about the new elements. Annotations of the
   * old elements, and how they are stored, are dropped.
   */
  readonly refilled?: ReadonlyMap<ValueId, Pick<ParamFacts, "zeros">>;
  /** New parameters. Their ids are −1 for the first, −2 for the second, and so on. */
  readonly added?: readonly NewParam[];
  /** Parameters to remove. */
  readonly dropped?: ReadonlySet<ValueId>;
}

export type NewParam = Omit<ParamValue, "id" | "kind">;

/**
 * Applies changes to a graph. Values, ops and calls get new dense ids, and groups and calls refer
 * to these. Constants that nothing uses any more are left out. Inputs and parameters stay.
 */
export function rewrite(graph: Graph, changes: GraphChanges): Graph {
  return new Rewriter(graph, changes).run();
}

const PARTS = Object.keys({
  ...{ replaced: true, removed: true, changed: true },
  ...{ refilled: true, added: true, dropped: true },
} satisfies Record<keyof GraphChanges, true>);

/** A change of what there is not would be left out without a word. */
function checkChanges({ ops, values }: Graph, changes: GraphChanges): void {
  const stranger = Object.keys(changes).find((part) => !PARTS.includes(part));
  if (stranger !== undefined) {
    throw new Error(`there is no change "${stranger}"; there are ${PARTS.join(", ")}`);
  }
  const { removed, changed, replaced, refilled, dropped } = changes;
  for (const named of [removed, changed]) checkIds("op", ops, named);
  for (const named of [replaced, refilled, dropped]) checkIds("value", values, named);
}

function checkIds(
  what: string,
  all: readonly unknown[],
  named: ReadonlySet<number> | ReadonlyMap<number, unknown> = new Set<number>(),
): void {
  for (const id of named.keys()) {
    if (all[id] === undefined) throw new Error(`there is no ${what} ${id} to change`);
  }
}

class Rewriter {
  readonly #graph: Graph;
  readonly #changes: GraphChanges;
  readonly #builder: GraphBuilder;
  /** By old value: the new value; −1 where there is none. */
  readonly #values: Int32Array;
  /** By old op: the new op; −1 where there is none. */
  readonly #ops: Int32Array;
  readonly #added: ValueId[] = [];
  #nextOp: OpId = 0;
  /** By old value: the old value that is used instead in the end; itself where nothing is. */
  readonly #resolved: Int32Array;
  readonly #used: Uint8Array;
  /** By old op: 1 where it is removed. A graph may have millions: a set is asked once for each. */
  readonly #removed: Uint8Array;

  constructor(graph: Graph, changes: GraphChanges) {
    checkChanges(graph, changes);
    this.#graph = graph;
    this.#changes = changes;
    this.#builder = new GraphBuilder(graph.name, graph.device);
    this.#values = new Int32Array(graph.values.length).fill(-1);
    this.#ops = new Int32Array(graph.ops.length).fill(-1);
    this.#resolved = resolve(graph.values.length, changes.replaced ?? new Map());
    this.#removed = new Uint8Array(graph.ops.length);
    for (const op of changes.removed ?? []) this.#removed[op] = 1;
    this.#used = this.#usedValues();
  }

  run(): Graph {
    const { calls, groups, results } = this.#graph;
    for (const { kind, className, scope, parent } of calls) {
      this.#builder.beginCall({ kind, className, scope, parent, inputs: [], params: [] });
    }
    const { values } = this.#graph;
    for (let id = 0; id < values.length; id++) this.#define(elementAt(values, id));
    this.#defineOpsTo(this.#graph.ops.length - 1);
    for (const { id, inputs, results, params } of calls) {
      this.#builder.endCall(id, {
        inputs: inputs.map((value) => this.#callValue(value)),
        results: results.map((value) => this.#callValue(value)),
        params: this.#present(params),
      });
    }
    for (const { pattern, ops } of groups) {
      const kept = ops.map((op) => this.#ops[op] ?? -1).filter((op) => op >= 0);
      if (kept.length > 0) this.#builder.group({ pattern, ops: kept });
    }
    this.#builder.setResults(results.map((id) => this.#valueOf(id)));
    const graph = this.#builder.build();
    carryAnnotations(this.#graph, graph, (id) => {
      const value = this.#values[id] ?? -1;
      return value < 0 || this.#changes.refilled?.has(id) ? undefined : value;
    });
    return graph;
  }

  /** Called for each value in order of definition, which is the order of execution. */
  #define(value: Value): void {
    const { id } = value;
    switch (value.kind) {
      case "input":
        this.#values[id] = this.#builder.input(value.name, value);
        return;
      case "param":
        if (this.#changes.dropped?.has(id)) return;
        this.#values[id] = this.#builder.param(value.name, value, this.#factsOf(value));
        return;
      case "constant":
        if (this.#used[id] === 1) this.#values[id] = this.#builder.constant(value, value.data);
        return;
      case "result":
        this.#defineOpsTo(value.op);
    }
  }

  #factsOf(param: ParamValue): ParamFacts {
    const refilled = this.#changes.refilled?.get(param.id);
    if (refilled === undefined) return param;
    return { trainable: param.trainable, role: param.role, ...refilled };
  }

  /** Defines all ops up to this one that are not defined yet, also those without results. */
  #defineOpsTo(last: OpId): void {
    while (this.#nextOp <= last) this.#defineOp(this.#nextOp++);
  }

  #defineOp(id: OpId): void {
    const op = this.#graph.ops[id];
    if (op === undefined || this.#removed[id] === 1) return;
    this.#defineAdded();
    const changed = this.#changes.changed?.get(id);
    const operands = changed?.operands ?? op.operands;
    this.#ops[id] = this.#builder.opCount;
    const results = this.#builder.op({
      kernel: changed?.kernel ?? op.kernel,
      operands: this.#renamed(operands),
      attrs: changed?.attrs ?? op.attrs,
      results: op.results.map((result) => valueAt(this.#graph, result)),
      scope: op.scope,
      call: op.call,
      placement: op.placement,
      dispatches: op.dispatches,
    });
    op.results.forEach((result, index) => {
      this.#values[result] = elementAt(results, index);
    });
  }

  #renamed(operands: Operands): Operands {
    // A copy whose properties are then set is made faster than one from a list of entries.
    const renamed: Record<string, ValueId> = { ...operands };
    forEachOperand(operands, (value, name) => {
      renamed[name] = this.#valueOf(value);
    });
    return renamed;
  }

  /** New parameters come before the first op, after the old parameters. */
  #defineAdded(): void {
    const { added = [] } = this.#changes;
    if (this.#added.length === added.length) return;
    for (const param of added) this.#added.push(this.#builder.param(param.name, param, param));
  }

  #valueOf(id: ValueId): ValueId {
    const value = id < 0 ? this.#added[-id - 1] : this.#newValueOf(id);
    if (value === undefined || value < 0) {
      throw new Error(`the value ${id} was removed or comes later, and something uses it`);
    }
    return value;
  }

  /** The new value that an old one became; −1 or undefined where there is none. */
  #newValueOf(id: ValueId): ValueId | undefined {
    return this.#values[this.#resolved[id] ?? -1];
  }

  /** The new value for a value of a call; its type where there is none of the same type. */
  #callValue(value: CallValue): CallValue {
    if (typeof value !== "number") return value;
    const { dtype, shape } = valueAt(this.#graph, value);
    const present = this.#newValueOf(value) ?? -1;
    if (present >= 0) {
      const type = this.#builder.typeOf(present);
      if (type.dtype === dtype && sameShape(type.shape, shape)) return present;
    }
    return { dtype, shape };
  }

  #present(ids: readonly ValueId[]): ValueId[] {
    return ids.map((id) => this.#newValueOf(id) ?? -1).filter((id) => id >= 0);
  }

  /** By value: 1 where an op that stays uses it or the graph returns it. */
  #usedValues(): Uint8Array {
    const used = new Uint8Array(this.#graph.values.length);
    const use = (value: ValueId) => {
      if (value >= 0) used[elementAt(this.#resolved, value)] = 1;
    };
    const { ops } = this.#graph;
    for (let id = 0; id < ops.length; id++) {
      if (this.#removed[id] === 1) continue;
      const operands = this.#changes.changed?.get(id)?.operands ?? elementAt(ops, id).operands;
      forEachOperand(operands, use);
    }
    for (const value of this.#graph.results) used[elementAt(this.#resolved, value)] = 1;
    return used;
  }
}

/** Follows replacements to the value that is used in the end, for each value, in linear time. */
function resolve(values: number, replaced: ReadonlyMap<ValueId, ValueId>): Int32Array {
  const resolved = new Int32Array(values).map((_, id) => id);
  for (const start of replaced.keys()) {
    const path: ValueId[] = [];
    let end = start;
    for (let next = replaced.get(end); next !== undefined; next = replaced.get(end)) {
      path.push(end);
      if (path.length > replaced.size) {
        throw new Error(`the replacements of value ${start} form a circle`);
      }
      const known = elementAt(resolved, end);
      end = known === end ? next : known;
    }
    for (const value of path) resolved[value] = end;
  }
  return resolved;
}
