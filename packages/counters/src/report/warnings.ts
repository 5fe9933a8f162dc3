import {
  counted,
  type Graph,
  grouped,
  paramsOf,
  type Recording,
  shortBytes,
  sizeOf,
  type TensorCount,
  uncompiledDType,
} from "@opcounter/ir/core";
import { type Integer, total } from "../expressions/integer.ts";
import type { CountedOp } from "../rules/counted.ts";
import type { OwnRule, SparsityReport } from "./report.ts";

/** What `ignore` left out, where `kept` ops are left. */
export function ignoredWarning(graph: Graph, kept: number, ignore: readonly string[]): string[] {
  const left = graph.ops.length - kept;
  if (ignore.length === 0) return [];
  const patterns = ignore.join(", ");
  if (left === 0) return [`Nothing was left out: no op is in a scope that matches ${patterns}.`];
  return [
    `${grouped(left)} of ${counted(graph.ops.length, "op")} ${left === 1 ? "was" : "were"} left out, in scopes that match ${patterns}; parameters and peak memory are the whole model's.`,
  ];
}

/** From here on a person waits, and is told what makes it faster. */
const LONG_MS = 1000;

/** A program's own work on values that it reads is no op. */
export function hostValuesWarning({ hostValues }: Recording): string[] {
  if (hostValues === undefined) return [];
  const { read, made } = hostValues;
  const reads = amount("value", read);
  const between =
    made.tensors === 0
      ? `from ${reads} that it reads`
      : `between reading ${reads} and making ${amount("tensor", made)}`;
  return [`What the program computes itself ${between} is not counted.`];
}

/** `2 values (2,500 elements)` */
function amount(noun: string, { tensors, elements }: TensorCount): string {
  return `${counted(tensors, noun)} (${counted(elements, "element")})`;
}

/** Values that have to come back from the device while the pass runs. */
export function readsWarning({ reads, evaluated }: Recording): string[] {
  if (reads.length === 0) return [];
  const said = `The program reads ${counted(reads.length, "value")} back in mid-pass`;
  if (evaluated === undefined) return [`${said}.`];
  const { ops, milliseconds, missing } = evaluated;
  const how = `for that ${counted(ops, "op")} ${ops === 1 ? "was" : "were"} computed on the host in ${grouped(Math.round(milliseconds))} ms, which the counts leave out`;
  const faster =
    missing === undefined || milliseconds < LONG_MS
      ? ""
      : ` npm install ${missing} brings what computes convolutions and products faster.`;
  return [`${said}; ${how}.${faster}`];
}

/**
 * Nodes of a graph model that TensorFlow.js computes in JavaScript, without a kernel. Each is an op
 * of the graph, unless a version of TensorFlow.js does it in another way.
 */
const HOST_NODES = /^(NonMaxSuppressionV\d|Where|ListDiff)$/;

export function hostNodesWarning(graph: Graph): string[] {
  const busy = new Set(graph.ops.map(({ call }) => call));
  const idle = graph.calls.filter(
    ({ id, kind, className }) => kind === "node" && HOST_NODES.test(className) && !busy.has(id),
  );
  if (idle.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { className } of idle) counts.set(className, (counts.get(className) ?? 0) + 1);
  const nodes = [...counts]
    .map(([name, count]) => `${name} (${counted(count, "node")})`)
    .join(", ");
  return [
    `Not counted, since TensorFlow.js computes it on the CPU without a kernel, from values it reads back: ${nodes}.`,
  ];
}

/** How many kernels a sentence names. */
const MOST_NAMED = 5;

/**
 * Ops that TensorFlow.js runs on the host in mid-pass, which often takes longer than all the device
 * does. It leaves there what is small and what has never been on the device, such as a weight.
 */
export function hostOpsWarning(ops: readonly CountedOp[]): string[] {
  const byKernel = new Map<string, number>();
  const uploaded: Integer[] = [];
  for (const { op, traffic } of ops) {
    if (traffic.hostOps === 0) continue;
    byKernel.set(op.kernel, (byKernel.get(op.kernel) ?? 0) + 1);
    uploaded.push(traffic.hostBytesUploaded);
  }
  if (uploaded.length === 0) return [];
  const kernels = [...byKernel].sort(([, a], [, b]) => b - a);
  const named = kernels.slice(0, MOST_NAMED).map(([kernel, times]) => `${kernel} ×${times}`);
  if (kernels.length > MOST_NAMED) named.push("…");
  const bytes = total(uploaded);
  const then =
    bytes === 0 ? "" : `, and ${shortBytes(bytes)} of their results are uploaded each pass`;
  return [
    `${counted(uploaded.length, "op")} ${uploaded.length === 1 ? "runs" : "run"} on the host (${named.join(", ")})${then}.`,
  ];
}

/** Ops that a real device refuses, since tfjs's shader does not compile for their dtype. */
export function uncompiledWarning(graph: Graph): string[] {
  const kernels = new Map<string, number>();
  for (const op of graph.ops) {
    const dtype = uncompiledDType(graph, op);
    if (dtype === undefined) continue;
    const name = `${op.kernel} of ${dtype}`;
    kernels.set(name, (kernels.get(name) ?? 0) + 1);
  }
  return [...kernels].map(
    ([name, times]) =>
      `${name} (${counted(times, "op")}) does not compile on a real device: TensorFlow.js's shader for it is wrong. Multiply by tf.scalar(1) before it, which makes it float32.`,
  );
}

/** A frozen graph keeps shapes and axes among its weights, which surprises whoever compares. */
export function integerParamsWarning(graph: Graph): string[] {
  const sizes = (onlyIntegers: boolean) =>
    paramsOf(graph)
      .filter(({ dtype, role }) => role === "weight" && !(onlyIntegers && dtype !== "int32"))
      .reduce((total, { shape }) => total + sizeOf(shape), 0);
  const integers = sizes(true);
  if (integers === 0) return [];
  return [
    `${grouped(integers)} of the ${counted(sizes(false), "parameter")} ${integers === 1 ? "is" : "are"} int32, such as shapes and axes frozen into the model.`,
  ];
}

/** Rules of the user's own, which change what the convention's name stands for. */
export function ownRulesWarning(rules: readonly OwnRule[]): string[] {
  const used = rules.filter(({ times }) => times > 0);
  const idle = rules.filter(({ times }) => times === 0);
  return [
    ...(used.length === 0
      ? []
      : [
          `Rules of your own counted ${used.map(({ rule, times }) => `${rule} (${counted(times, "time")})`).join(", ")}.`,
        ]),
    ...(idle.length === 0
      ? []
      : [`Rules of your own that counted nothing: ${idle.map(({ rule }) => rule).join(", ")}.`]),
  ];
}

/** Zeros that are in effect, but in which ops is not known. */
export function sparsityWarning(sparsity: SparsityReport | null): string[] {
  const weights = sparsity?.usedInParts ?? [];
  if (weights.length === 0) return [];
  const names = weights.map(({ weight, zeros }) => `${weight} (${zeros})`).join(", ");
  return [
    `Effective MACs count ops in full that use a weight in parts, such as slices; zeros in such weights: ${names}.`,
  ];
}
