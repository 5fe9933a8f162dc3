import type { Graph, Op, OpId, ValueId } from "../graph.ts";
import { valueAt } from "../graph.ts";
import { workOf } from "../kernels/registry.ts";
import { sizeOf } from "../types.ts";
import type { FusionPattern, Pattern } from "./pattern.ts";

/**
 * The relative error that a constant may have: constants are float32, and often rounded literals.
 */
const TOLERANCE = 1e-3;

/** The value that each pattern of a tree matched. It is the value behind views. */
type Bindings = ReadonlyMap<Pattern, ValueId>;

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
  const bindings = match(graph, pattern.root, result, new Map());
  if (bindings === undefined) return undefined;
  const opOf = (node: Pattern) => {
    const bound = bindings.get(node);
    return bound === undefined ? undefined : definingOp(graph, bound);
  };
  if (pattern.when !== undefined && !pattern.when(graph, opOf)) return undefined;
  return matchedOps(graph, bindings);
}

function match(
  graph: Graph,
  pattern: Pattern,
  shown: ValueId,
  bindings: Bindings,
): Bindings | undefined {
  const id = behindViews(graph, shown);
  const bound = bindings.get(pattern);
  if (bound !== undefined) return bound === id ? bindings : undefined;
  switch (pattern.kind) {
    case "any":
      return new Map(bindings).set(pattern, id);
    case "scalar":
      return isScalar(graph, id, pattern.value) ? new Map(bindings).set(pattern, id) : undefined;
    case "either":
      for (const option of pattern.options) {
        const found = match(graph, option, id, bindings);
        if (found !== undefined) return new Map(found).set(pattern, id);
      }
      return undefined;
    case "op":
      return matchOp(graph, pattern, id, bindings);
  }
}

function matchOp(
  graph: Graph,
  pattern: Pattern & { kind: "op" },
  id: ValueId,
  bindings: Bindings,
): Bindings | undefined {
  const op = definingOp(graph, id);
  if (op === undefined || !pattern.kernels.includes(op.kernel)) return undefined;
  const names = Object.keys(pattern.operands);
  const found = matchOperands(graph, pattern, op, names, bindings);
  if (found !== undefined) return new Map(found).set(pattern, id);
  const work = workOf(op.kernel);
  if (work?.kind !== "elementwise" || !work.commutative) return undefined;
  const exchanged = matchOperands(graph, pattern, op, [...names].reverse(), bindings);
  return exchanged === undefined ? undefined : new Map(exchanged).set(pattern, id);
}

/** Matches the operands of a pattern with the op's operands of these names, in order. */
function matchOperands(
  graph: Graph,
  { operands }: Pattern & { kind: "op" },
  op: Op,
  names: readonly string[],
  bindings: Bindings,
): Bindings | undefined {
  let found: Bindings | undefined = bindings;
  for (const [i, operand] of Object.values(operands).entries()) {
    const value = op.operands[names[i] ?? ""];
    if (found === undefined || value === undefined) return undefined;
    found = match(graph, operand, value, found);
  }
  return found;
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
  for (const [pattern, id] of bindings) {
    const op = pattern.kind === "op" ? definingOp(graph, id) : undefined;
    if (op !== undefined) matched.add(op.id);
  }
  for (const id of [...matched]) {
    for (const operand of Object.values(graph.ops[id]?.operands ?? {})) {
      addViews(graph, operand, matched);
    }
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
