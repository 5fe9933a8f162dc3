import { reasonOf } from "../errors.ts";
import type { Graph, Op } from "../graph.ts";
import { type Kernel, operandTypes } from "../kernel.ts";
import { formatAttributes } from "../print.ts";
import { formatType, sameShape, type TensorType } from "../types.ts";

/**
 * Yields one sentence for each operand, attribute and result type of an op that is not as its
 * kernel declares. The sentences do not name the op. The values that the op refers to must exist.
 */
export function* checkKernel(graph: Graph, op: Op, kernel: Kernel): Generator<string> {
  const operands = [...wrongOperands(op, kernel)];
  yield* operands;
  const attributes = [...wrongAttributes(op, kernel)];
  yield* attributes;
  if (operands.length === 0 && attributes.length === 0) yield* wrongResults(graph, op, kernel);
}

function* wrongOperands({ operands }: Op, { operands: spec }: Kernel): Generator<string> {
  const names = Object.keys(operands);
  if (spec === "variadic") {
    const stranger = names.find((name, index) => name !== String(index));
    if (stranger !== undefined) {
      yield `its operands are a list, named 0, 1 and so on, but one is called "${stranger}"`;
    }
    return;
  }
  for (const [name, kind] of Object.entries(spec)) {
    if (kind === "required" && !(name in operands)) yield `operand "${name}" is missing`;
  }
  const lengths = new Map<string, number>();
  for (const name of names) {
    if (spec[name] === "required" || spec[name] === "optional") continue;
    const dot = name.lastIndexOf(".");
    const list = name.slice(0, Math.max(dot, 0));
    const index = lengths.get(list) ?? 0;
    if (spec[list] !== "list" || name.slice(dot + 1) !== String(index)) {
      yield `it has an operand "${name}", which its kernel does not declare`;
    }
    lengths.set(list, index + 1);
  }
}

function* wrongAttributes({ attrs }: Op, { attrs: spec }: Kernel): Generator<string> {
  const wrong = (name: string, what: string) =>
    `attribute "${name}": ${what}, in ${formatAttributes(attrs)}`;
  for (const [name, type] of Object.entries(spec)) {
    if (!Object.hasOwn(attrs, name)) {
      if (!("optional" in type)) yield wrong(name, "it is missing");
    } else if (!type.accepts(attrs[name])) {
      yield wrong(name, `it must be ${type.expected}`);
    }
  }
  for (const name of Object.keys(attrs)) {
    if (!Object.hasOwn(spec, name)) yield wrong(name, "its kernel has no such attribute");
  }
}

function* wrongResults(graph: Graph, op: Op, kernel: Kernel): Generator<string> {
  const inferred = infer(graph, op, kernel);
  if (inferred === undefined) return;
  if (typeof inferred === "string") {
    yield `its operands do not fit together: ${inferred}`;
    return;
  }
  if (inferred.length !== op.results.length) {
    yield `it has ${op.results.length} results where its kernel gives ${inferred.length}`;
  }
  for (const [index, id] of op.results.entries()) {
    const expected = inferred[index];
    const actual = graph.values[id];
    if (expected === undefined || actual === undefined || sameType(expected, actual)) continue;
    yield `result ${index} is ${formatType(actual)}, but its operands and attributes give ${formatType(expected)}`;
  }
}

function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** The inferred types. Undefined where they depend on values; a sentence where inference fails. */
function infer(graph: Graph, op: Op, kernel: Kernel): readonly TensorType[] | string | undefined {
  // Sound: operands and attributes were found to be as the kernel declares them.
  const operands = operandTypes(graph, op, kernel.operands) as Parameters<Kernel["infer"]>[0];
  const attrs = op.attrs as Parameters<Kernel["infer"]>[1];
  try {
    return kernel.infer(operands, attrs);
  } catch (error) {
    return reasonOf(error);
  }
}
