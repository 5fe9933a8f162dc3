import { elementAt } from "../element-at.ts";
import type { Graph, Op, OpId, ValueId } from "../graph.ts";
import { forEachOperand, valueAt } from "../graph.ts";
import { workOf } from "../kernels/registry.ts";
import { sizeOf } from "../types.ts";
import type { FusionPattern, Pattern } from "./pattern.ts";

/**
 * The relative error that a constant may have: constants are float32, and often rounded literals.
 */
const TOLERANCE = 1e-3;

/**
 * The value that each pattern of a tree matched so far. It is the value behind views. A tree has few
 * patterns, so two lists are searched. What was tried in vain is forgotten, and written over.
 */
class Bindings {
  readonly #patterns: Pattern[] = [];
  readonly #values: ValueId[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get(pattern: Pattern): ValueId | undefined {
    for (let i = 0; i < this.#count; i++) {
      if (this.#patterns[i] === pattern) return this.#values[i];
    }
    return undefined;
  }

  set(pattern: Pattern, value: ValueId): true {
    this.#patterns[this.#count] = pattern;
    this.#values[this.#count] = value;
    this.#count++;
    return true;
  }

  /** Forgets all but the first `count`. */
  keep(count: number): void {
    this.#count = count;
  }

  forEach(take: (pattern: Pattern, value: ValueId) => void): void {
    for (let i = 0; i < this.#count; i++) {
      take(elementAt(this.#patterns, i), elementAt(this.#values, i));
    }
  }
}

/** The ops of a match in ascending order: the root, the others, and the views between them. */
export type Match = readonly OpId[];

/** The op that defines a value; undefined for inputs, parameters and constants. */
export function definingOp(graph: Graph, id: ValueId): Op | undefined {
  const value = valueAt(graph, id);
  return value.kind === "result" ? graph.ops[value.op] : undefined;
}

/** The value behind views: behind reshapes and casts that share the memory of their operand. */
export function behindViews(graph: Graph, id: ValueId): ValueId {
  let current = id;
  for (;;) {
    const op = definingOp(graph, current);
    const operands = op?.placement === "view" ? Object.values(op.operands) : [];
    const [only] = operands;
    if (operands.length !== 1 || only === undefined) return current;
    current = only;
  }
}

/** Matches a pattern with its root at the given op; undefined where it does not match. */
export function matchPattern(graph: Graph, op: Op, pattern: FusionPattern): Match | undefined {
  const result = op.results[0];
  if (result === undefined) return undefined;
  const bindings = new Bindings();
  if (!match(graph, pattern.root, result, bindings)) return undefined;
  const opOf = (node: Pattern) => {
    const bound = bindings.get(node);
    return bound === undefined ? undefined : definingOp(graph, bound);
  };
  if (pattern.when !== undefined && !pattern.when(graph, opOf)) return undefined;
  return matchedOps(graph, bindings);
}

/** Whether a pattern matches a value. Where it does, its parts are bound; else none is. */
function match(graph: Graph, pattern: Pattern, shown: ValueId, bindings: Bindings): boolean {
  const id = behindViews(graph, shown);
  const bound = bindings.get(pattern);
  if (bound !== undefined) return bound === id;
  switch (pattern.kind) {
    case "any":
      return bindings.set(pattern, id);
    case "scalar":
      return isScalar(graph, id, pattern.value) && bindings.set(pattern, id);
    case "either":
      for (const option of pattern.options) {
        if (match(graph, option, id, bindings)) return bindings.set(pattern, id);
      }
      return false;
    case "op":
      return matchOp(graph, pattern, id, bindings) && bindings.set(pattern, id);
  }
}

function matchOp(
  graph: Graph,
  pattern: Pattern & { kind: "op" },
  id: ValueId,
  bindings: Bindings,
): boolean {
  const op = definingOp(graph, id);
  if (op === undefined || !pattern.kernels.includes(op.kernel)) return false;
  const names = Object.keys(pattern.operands);
  if (matchOperands(graph, pattern, op, names, bindings)) return true;
  const work = workOf(op.kernel);
  if (work?.kind !== "elementwise" || !work.commutative) return false;
  return matchOperands(graph, pattern, op, names.toReversed(), bindings);
}

/** Matches the operands of a pattern with the op's operands of these names, in order. */
function matchOperands(
  graph: Graph,
  { operands }: Pattern & { kind: "op" },
  op: Op,
  names: readonly string[],
  bindings: Bindings,
): boolean {
  const before = bindings.count;
  let place = 0;
  for (const name in operands) {
    const operand = operands[name];
    const value = op.operands[names[place++] ?? ""];
    const matches =
      operand !== undefined && value !== undefined && match(graph, operand, value, bindings);
    if (matches) continue;
    bindings.keep(before);
    return false;
  }
  return true;
}

function isScalar(graph: Graph, id: ValueId, expected: number | undefined): boolean {
  const value = valueAt(graph, id);
  if (sizeOf(value.shape) !== 1) return false;
  if (expected === undefined) return true;
  const [data] = value.kind === "constant" ? (value.data ?? []) : [];
  return typeof data === "number" && Math.abs(data - expected) <= TOLERANCE * Math.abs(expected);
}

/** The ops that matched an op pattern, and the views between them. */
function matchedOps(graph: Graph, bindings: Bindings): Match {
  const matched = new Set<OpId>();
  bindings.forEach((pattern, id) => {
    const op = pattern.kind === "op" ? definingOp(graph, id) : undefined;
    if (op !== undefined) matched.add(op.id);
  });
  for (const id of [...matched]) {
    forEachOperand(elementAt(graph.ops, id).operands, (operand) =>
      addViews(graph, operand, matched),
    );
  }
  return [...matched].sort((a, b) => a - b);
}

/** Adds the views between an op of the match and a value that shows its result. */
function addViews(graph: Graph, shown: ValueId, matched: Set<OpId>): void {
  const source = definingOp(graph, behindViews(graph, shown));
  if (source === undefined || !matched.has(source.id)) return;
  for (let op = definingOp(graph, shown); op !== undefined && op.id !== source.id; ) {
    matched.add(op.id);
    const [operand] = Object.values(op.operands);
    op = operand === undefined ? undefined : definingOp(graph, operand);
  }
}
