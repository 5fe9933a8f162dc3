import { elementAt } from "../element-at.ts";
import type { Graph, Op, Operands, OpId, Value, ValueId } from "../graph.ts";
import { forEachOperand, valueAt } from "../graph.ts";
import { workOf } from "../kernels/registry.ts";
import type { Work } from "../kernels/work.ts";
import { definePass } from "../pass/pass.ts";
import { sameShape } from "../types.ts";
import { rewrite } from "./rewrite.ts";

/**
 * Brings a graph to a plain form, so that later passes see one form of what can be written in
 * several ways. It adds and removes no arithmetic.
 *
 * - It removes ops that do nothing: identities, reshapes to the same shape, casts to the same type,
 *   transposes that keep the order.
 * - A reshape of a reshape becomes one reshape. A transpose of a transpose becomes one, or none.
 * - Equal scalar constants become one value.
 * - It removes ops that only move data if nothing uses their results. An op that computes stays: it
 *   ran, and it is counted.
 *
 * ```
 * %0 = Reshape(x=%x) {shape=[4,2]} : f32[4,2]
 * %1 = Reshape(x=%0) {shape=[8]}   : f32[8]
 * %2 = Identity(x=%1)              : f32[8]
 * %3 = Relu(x=%2)                  : f32[8]
 * ```
 * becomes
 * ```
 * %0 = Reshape(x=%x) {shape=[8]} : f32[8]
 * %1 = Relu(x=%0)                : f32[8]
 * ```
 */
export const canonicalize = definePass({
  name: "canonicalize",
  summary:
    "Folds views, identities and double transposes, and removes data movement that nothing uses.",
  run: (graph) => new Canonicalization(graph).run(),
});

/** The kernels that may do nothing, or the work of the op before them. */
const FOLDED: ReadonlySet<string> = new Set(["Identity", "Reshape", "Cast", "Transpose"]);

/** Whether work only moves data. Such an op can be removed if nothing uses its results. */
const MOVES_DATA: Readonly<Record<Work["kind"], boolean>> = {
  rearrangement: true,
  selection: true,
  assembly: true,
  creation: true,
  conversion: true,
  elementwise: false,
  contraction: false,
  computation: false,
};

function movesData({ kernel }: Op): boolean {
  const work = workOf(kernel);
  return work !== undefined && MOVES_DATA[work.kind];
}

class Canonicalization {
  readonly #graph: Graph;
  /** By value: the value to use instead; itself where that stays. */
  readonly #source: Int32Array;
  /** By op: 1 where it is removed. */
  readonly #removed: Uint8Array;
  readonly #changed = new Map<OpId, Partial<Pick<Op, "attrs">> & { operands?: Operands }>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#source = new Int32Array(graph.values.length).map((_, id) => id);
    this.#removed = new Uint8Array(graph.ops.length);
  }

  run(): Graph {
    this.#mergeScalars();
    // In order of execution, so that the operands of each op are in their plain form already.
    const { ops } = this.#graph;
    for (let id = 0; id < ops.length; id++) this.#simplify(elementAt(ops, id));
    this.#removeDead();
    const replaced = new Map<ValueId, ValueId>();
    this.#source.forEach((source, id) => {
      if (source !== id) replaced.set(id, source);
    });
    const removed = new Set<OpId>();
    this.#removed.forEach((flag, op) => {
      if (flag === 1) removed.add(op);
    });
    const changed = this.#changed;
    if (replaced.size + removed.size + changed.size === 0) return this.#graph;
    return rewrite(this.#graph, { replaced, removed, changed });
  }

  #mergeScalars(): void {
    const first = new Map<string, ValueId>();
    for (const value of this.#graph.values) {
      if (value.kind !== "constant" || value.data?.length !== 1) continue;
      const [element] = value.data;
      const text = Object.is(element, -0) ? "-0" : String(element);
      const key = `${value.dtype} ${value.shape.join(",")} ${typeof element} ${text}`;
      const known = first.get(key);
      if (known === undefined) first.set(key, value.id);
      else this.#source[value.id] = known;
    }
  }

  #simplify(op: Op): void {
    if (!FOLDED.has(op.kernel)) return;
    const [result] = op.results;
    const operand = op.operands["x"];
    if (result === undefined || operand === undefined) return;
    const source = this.#resolve(operand);
    if (this.#doesNothing(op, valueAt(this.#graph, source), valueAt(this.#graph, result))) {
      this.#source[result] = source;
      this.#removed[op.id] = 1;
      return;
    }
    const inner = this.#definingOp(source);
    const innerOperand = inner?.operands["x"];
    if (inner === undefined || innerOperand === undefined || inner.kernel !== op.kernel) return;
    if (op.kernel === "Reshape") this.#takeFrom(op, result, innerOperand, {});
    if (op.kernel === "Transpose") {
      const before = this.#permutation(inner);
      const perm = this.#permutation(op).map((axis) => before[axis] ?? axis);
      this.#takeFrom(op, result, innerOperand, { attrs: { ...op.attrs, perm } });
    }
  }

  /** Gives an op the operand of its operand. Removes the op if it then does nothing. */
  #takeFrom(op: Op, result: ValueId, operand: ValueId, change: Partial<Pick<Op, "attrs">>): void {
    const source = this.#resolve(operand);
    const attrs = change.attrs ?? op.attrs;
    const to = valueAt(this.#graph, result);
    if (this.#doesNothing({ ...op, attrs }, valueAt(this.#graph, source), to)) {
      this.#source[result] = source;
      this.#removed[op.id] = 1;
    } else {
      this.#changed.set(op.id, { ...change, operands: { ...op.operands, x: source } });
    }
  }

  #doesNothing({ kernel, attrs }: Op, from: Value, to: Value): boolean {
    switch (kernel) {
      case "Identity":
        return from.dtype === to.dtype && sameShape(from.shape, to.shape);
      case "Reshape":
        return sameShape(from.shape, to.shape);
      case "Cast":
        return from.dtype === to.dtype;
      case "Transpose": {
        const { perm } = attrs;
        return Array.isArray(perm) && perm.every((axis, at) => axis === at);
      }
      default:
        return false;
    }
  }

  #permutation(op: Op): number[] {
    const perm = (this.#changed.get(op.id)?.attrs ?? op.attrs)["perm"];
    return Array.isArray(perm) ? perm.map(Number) : [];
  }

  /** The op that makes a value, with its changes so far. */
  #definingOp(id: ValueId): Op | undefined {
    const value = valueAt(this.#graph, id);
    if (value.kind !== "result") return undefined;
    const op = this.#graph.ops[value.op];
    const changed = this.#changed.get(value.op);
    return op === undefined || changed === undefined ? op : { ...op, ...changed };
  }

  #resolve(id: ValueId): ValueId {
    let current = id;
    for (let next = elementAt(this.#source, current); next !== current; ) {
      current = next;
      next = elementAt(this.#source, current);
    }
    return current;
  }

  /**
   * Goes from the last op to the first, so that ops that only a removed op used are removed too.
   */
  #removeDead(): void {
    const { ops, values, results } = this.#graph;
    const users = new Int32Array(values.length);
    const use = (value: ValueId, by: number) => {
      const source = this.#resolve(value);
      users[source] = elementAt(users, source) + by;
    };
    const change = (op: Op, by: number) => {
      const operands = this.#changed.get(op.id)?.operands ?? op.operands;
      forEachOperand(operands, (value) => use(value, by));
    };
    for (let id = 0; id < ops.length; id++) {
      if (this.#removed[id] === 0) change(elementAt(ops, id), 1);
    }
    for (const value of results) use(value, 1);
    for (let id = ops.length - 1; id >= 0; id--) {
      const op = elementAt(ops, id);
      if (this.#removed[id] === 1 || !movesData(op)) continue;
      if (op.results.some((value) => elementAt(users, value) > 0)) continue;
      this.#removed[id] = 1;
      change(op, -1);
    }
  }
}
