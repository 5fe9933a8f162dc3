import { elementAt } from "../element-at.ts";
import type { Call, Graph, Op, ParamValue, Value, ValueId } from "../graph.ts";
import { CALL_KINDS, PARAM_ROLES, PLACEMENTS } from "../graph.ts";
import { DTYPES, STORED_TYPES, sizeOf, type TensorType } from "../types.ts";
import type { Report } from "./findings.ts";

/** Far deeper than the scopes of any model. */
const DEEPEST_SCOPE = 256;

/**
 * Checks the rules that hold for any kernel: ids, definitions and uses, scopes, calls and groups.
 * It also checks what the types say, because a pass in JavaScript may return anything.
 */
export function checkStructure(graph: Graph, report: Report): void {
  checkParts(graph, report);
  // The other rules need these parts, and so do messages that quote lines.
  if (!report.isEmpty) return;
  checkValues(graph, report);
  checkOps(graph, report);
  checkCalls(graph, report);
  checkGroups(graph, report);
  for (const id of graph.results) {
    if (!isValue(graph, id)) report.add(`the graph returns value ${id}, which does not exist`);
  }
}

function checkParts({ ops, calls }: Graph, report: Report): void {
  for (let index = 0; index < ops.length; index++) {
    const op = elementAt(ops, index);
    if (!isRecord(op.operands)) lacks(op, index, "operands", report);
    if (!isRecord(op.attrs)) lacks(op, index, "attrs", report);
    if (!Array.isArray(op.results)) lacks(op, index, "results", report);
    if (!Array.isArray(op.scope)) lacks(op, index, "scope", report);
    else checkDepth("op", index, op.scope, report);
    if (!Array.isArray(op.dispatches)) lacks(op, index, "dispatches", report);
  }
  calls.forEach(({ scope }, index) => {
    if (Array.isArray(scope)) checkDepth("call", index, scope, report);
  });
}

function lacks({ kernel }: Op, index: number, part: string, report: Report): void {
  report.add(`op ${index} (${kernel}) lacks its ${part}, which may be empty`);
}

/** A report has a row per scope, and the renderers go down the scopes by recursion. */
function checkDepth(
  what: "op" | "call",
  index: number,
  { length }: readonly string[],
  report: Report,
): void {
  if (length <= DEEPEST_SCOPE) return;
  report.add(
    `${what} ${index} is in a scope of ${length} names, and at most ${DEEPEST_SCOPE} nest`,
  );
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A sentence about a name that is not one of a fixed set; undefined where it is. */
function strangeName<T>(what: string, name: T, known: readonly T[]): string | undefined {
  if (known.includes(name)) return undefined;
  return `the ${what} ${JSON.stringify(name)}; a ${what} is one of ${known.join(", ")}`;
}

function isValue(graph: Graph, id: ValueId): boolean {
  return graph.values[id] !== undefined;
}

function checkValues(graph: Graph, report: Report): void {
  const inputs: ValueId[] = [];
  for (let index = 0; index < graph.values.length; index++) {
    const value = elementAt(graph.values, index);
    const { id, shape } = value;
    if (id !== index) report.add(`value ${index} has the id ${id}; ids are dense, from 0`);
    for (const what of strangeType(value)) report.add(`value ${index} has ${what}`);
    for (const what of strangeNames(value)) report.add(`value ${index} has ${what}`);
    if (value.kind === "param") checkZeros(value, index, report);
    if (value.kind === "input") inputs.push(index);
    if (value.kind === "constant" && value.data !== undefined) {
      const { length } = value.data;
      const size = sizeOf(shape);
      if (length !== size) {
        report.add(
          `constant ${index} has ${length} elements, but its shape [${shape}] has ${size}`,
        );
      }
    }
    if (value.kind === "result" && graph.ops[value.op]?.results[value.index] !== index) {
      report.add(`value ${index} is not result ${value.index} of op ${value.op}, as it says it is`);
    }
  }
  if (graph.inputs.length !== inputs.length || inputs.some((id, i) => graph.inputs[i] !== id)) {
    report.add(
      `the graph's inputs are [${graph.inputs}], but its input values, in order, are [${inputs}]`,
    );
  }
}

const VALUE_KINDS: readonly Value["kind"][] = ["input", "param", "constant", "result"];

const NOTHING: readonly string[] = [];

/** What is wrong with a type, a sentence each. */
function strangeType({ dtype, shape }: TensorType): readonly string[] {
  const name = strangeName("dtype", dtype, DTYPES);
  const isShape = shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0);
  if (name === undefined && isShape) return NOTHING;
  return [
    ...(name === undefined ? [] : [name]),
    ...(isShape ? [] : [`the shape [${shape}]; dimensions are integers from 0`]),
  ];
}

function strangeNames(value: Value): readonly string[] {
  const kind = strangeName("kind", value.kind, VALUE_KINDS);
  if (kind !== undefined) return [kind];
  if (value.kind !== "param") return NOTHING;
  const { role, stored } = value;
  return [
    strangeName("role", role, PARAM_ROLES),
    stored && strangeName("stored type", stored, STORED_TYPES),
  ].filter((what) => what !== undefined);
}

function checkZeros({ zeros = 0, shape }: ParamValue, index: ValueId, report: Report): void {
  const size = sizeOf(shape);
  if (Number.isSafeInteger(zeros) && zeros >= 0 && zeros <= size) return;
  report.add(`param ${index} has ${zeros} zeros, but its shape [${shape}] has ${size} elements`);
}

function checkOps(graph: Graph, report: Report): void {
  let next = 0;
  for (let index = 0; index < graph.ops.length; index++) {
    const op = elementAt(graph.ops, index);
    if (op.id !== index) {
      // The rules below report ops by id, so they need the right id.
      report.add(`op ${index} (${op.kernel}) has the id ${op.id}; ids are dense, from 0`);
      continue;
    }
    const strange = strangeName("placement", op.placement, PLACEMENTS);
    if (strange !== undefined) report.addAt(index, `it has ${strange}`);
    checkOperands(graph, op, report);
    next = checkResults(graph, op, next, report);
    for (const { program, workgroups, workgroupSize = [1, 1, 1] } of op.dispatches) {
      if (![...workgroups, ...workgroupSize].every((n) => Number.isSafeInteger(n) && n >= 0)) {
        const sizes = `the workgroups (${workgroups}) of (${workgroupSize})`;
        report.addAt(index, `the dispatch of ${program} has ${sizes}`);
      }
    }
    if (op.call !== undefined) checkCallOf(graph, op, op.call, report);
  }
}

function checkOperands(graph: Graph, op: Op, report: Report): void {
  const own = op.results[0] ?? graph.values.length;
  for (const name in op.operands) {
    const id = op.operands[name];
    const value = id === undefined ? undefined : graph.values[id];
    if (id === undefined || value === undefined) {
      report.addAt(op.id, `operand "${name}" is value ${id}, which does not exist`);
    } else if (value.kind === "result" && value.op >= op.id) {
      report.addAt(op.id, `operand "${name}" is a result of op ${value.op}, which runs later`);
    } else if (id >= own) {
      report.addAt(op.id, `operand "${name}" is value ${id}, which is defined later`);
    }
  }
}

/** Returns the lowest id that the results of the next op can have. */
function checkResults(graph: Graph, op: Op, next: ValueId, report: Report): ValueId {
  const first = op.results[0] ?? next;
  for (let index = 0; index < op.results.length; index++) {
    const id = elementAt(op.results, index);
    const value = graph.values[id];
    if (value?.kind !== "result" || value.op !== op.id || value.index !== index) {
      report.addAt(op.id, `result ${index} is value ${id}, which is not this op's`);
    } else if (id < next || id !== first + index) {
      report.addAt(op.id, `result ${index} is value ${id}; ids are given in order of definition`);
    }
  }
  return Math.max(next, first + op.results.length);
}

function checkCallOf(graph: Graph, op: Op, id: number, report: Report): void {
  const call = graph.calls[id];
  if (call === undefined) {
    report.addAt(op.id, `it belongs to call ${id}, which does not exist`);
  } else if (!startsWith(op.scope, call.scope)) {
    report.addAt(op.id, `its scope is not inside "${call.scope.join("/")}", the scope of its call`);
  }
}

function startsWith(scope: readonly string[], outer: readonly string[]): boolean {
  return outer.every((name, depth) => scope[depth] === name);
}

function checkCalls(graph: Graph, report: Report): void {
  graph.calls.forEach((call, index) => {
    const where = `call ${index} (${call.className})`;
    if (call.id !== index) report.add(`${where} has the id ${call.id}; ids are dense, from 0`);
    const strange = strangeName("kind", call.kind, CALL_KINDS);
    if (strange !== undefined) report.add(`${where} has ${strange}`);
    if (call.parent !== undefined) checkParent(graph, call, index, call.parent, report);
    for (const part of ["inputs", "results", "params"] as const) {
      for (const value of call[part]) {
        const type = typeof value === "number" ? [] : strangeType(value);
        for (const what of type) report.add(`${where} has among its ${part} ${what}`);
        if (typeof value === "number" && !isValue(graph, value)) {
          report.add(`${where} has value ${value} among its ${part}, which does not exist`);
        }
      }
    }
    for (const id of call.params) {
      const kind = graph.values[id]?.kind ?? "param";
      if (kind !== "param") report.add(`${where} has the ${kind} ${id} among its params`);
    }
  });
}

function checkParent(
  graph: Graph,
  call: Call,
  index: number,
  parent: number,
  report: Report,
): void {
  const outer = graph.calls[parent];
  const where = `call ${index} (${call.className})`;
  if (outer === undefined) report.add(`${where} is inside call ${parent}, which does not exist`);
  else if (parent >= index) report.add(`${where} is inside call ${parent}, which begins later`);
  else if (!startsWith(call.scope, outer.scope)) {
    const scopes = `"${call.scope.join("/")}" is not inside "${outer.scope.join("/")}"`;
    report.add(`${where} is inside call ${parent}, but its scope ${scopes}`);
  }
}

function checkGroups(graph: Graph, report: Report): void {
  const groupOf = new Map<number, number>();
  graph.groups.forEach(({ pattern, ops }, index) => {
    const where = `group ${index} (${pattern})`;
    if (ops.length === 0) report.add(`${where} has no ops`);
    ops.forEach((op, place) => {
      if (graph.ops[op] === undefined) report.add(`${where} has op ${op}, which does not exist`);
      if (op <= (ops[place - 1] ?? -1)) report.add(`${where} has its ops not in ascending order`);
      const other = groupOf.get(op);
      if (other !== undefined && other !== index) {
        report.addAt(
          op,
          `it is in group ${other} and in group ${index}; one group at most is right`,
        );
      }
      groupOf.set(op, index);
    });
  });
}
