import { reasonOf } from "../errors.ts";
import type { Attributes, Graph, Op } from "../graph.ts";
import { type Kernel, type OperandKind, operandTypes } from "../kernel.ts";
import { formatAttributes } from "../print.ts";
import { formatType, sameShape, type TensorType } from "../types.ts";

/** What is wrong with an op: one sentence each, which do not name the op. */
type Problems = string[];

/**
 * Adds one sentence for each operand, attribute and result type of an op that is not as its kernel
 * declares. The values that the op refers to must exist. An op that is right, as nearly all are,
 * makes no garbage: a graph may have millions.
 */
export function checkKernel(graph: Graph, op: Op, kernel: Kernel, problems: Problems): void {
  const before = problems.length;
  checkOperands(op, kernel, problems);
  checkAttributes(op, kernel, problems);
  if (problems.length === before) checkResults(graph, op, kernel, problems);
}

function checkOperands({ operands }: Op, { operands: spec }: Kernel, problems: Problems): void {
  if (spec === "named") return;
  if (spec === "variadic") {
    const stranger = Object.keys(operands).find((name, index) => name !== String(index));
    if (stranger === undefined) return;
    problems.push(`its operands are a list, named 0, 1 and so on, but one is called "${stranger}"`);
    return;
  }
  for (const name in spec) {
    if (spec[name] !== "required" || name in operands) continue;
    problems.push(`operand "${name}" is missing`);
  }
  let areSingle = true;
  for (const name in operands) areSingle &&= isSingle(spec[name]);
  if (!areSingle) checkLists(Object.keys(operands), spec, problems);
}

function isSingle(kind: OperandKind | undefined): boolean {
  return kind === "required" || kind === "optional";
}

/** The operands that are not declared by their names: elements of lists, in order. */
function checkLists(
  names: readonly string[],
  spec: Readonly<Record<string, OperandKind>>,
  problems: Problems,
): void {
  const lengths = new Map<string, number>();
  for (const name of names) {
    if (isSingle(spec[name])) continue;
    const dot = name.lastIndexOf(".");
    const list = name.slice(0, Math.max(dot, 0));
    const index = lengths.get(list) ?? 0;
    if (spec[list] !== "list" || name.slice(dot + 1) !== String(index)) {
      problems.push(`it has an operand "${name}", which its kernel does not declare`);
    }
    lengths.set(list, index + 1);
  }
}

function checkAttributes({ attrs }: Op, { attrs: spec }: Kernel, problems: Problems): void {
  for (const name in spec) {
    const type = spec[name];
    if (type === undefined) continue;
    if (!Object.hasOwn(attrs, name)) {
      if (!("optional" in type)) problems.push(wrong(attrs, name, "it is missing"));
    } else if (!type.accepts(attrs[name])) {
      problems.push(wrong(attrs, name, `it must be ${type.expected}`));
    }
  }
  for (const name in attrs) {
    if (Object.hasOwn(spec, name)) continue;
    problems.push(wrong(attrs, name, "its kernel has no such attribute"));
  }
}

function wrong(attrs: Attributes, name: string, what: string): string {
  return `attribute "${name}": ${what}, in ${formatAttributes(attrs)}`;
}

function checkResults(graph: Graph, op: Op, kernel: Kernel, problems: Problems): void {
  const inferred = infer(graph, op, kernel);
  if (inferred === undefined) return;
  if (typeof inferred === "string") {
    problems.push(`its operands do not fit together: ${inferred}`);
    return;
  }
  if (inferred.length !== op.results.length) {
    problems.push(`it has ${op.results.length} results where its kernel gives ${inferred.length}`);
  }
  op.results.forEach((id, index) => {
    const expected = inferred[index];
    const actual = graph.values[id];
    if (expected === undefined || actual === undefined || sameType(expected, actual)) return;
    problems.push(
      `result ${index} is ${formatType(actual)}, but its operands and attributes give ${formatType(expected)}`,
    );
  });
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
