import { count } from "@opcounter/counters";
import {
  type Advice,
  advise,
  type Graph,
  type Op,
  recordingOf,
  type Savings,
  savedTogether,
  sizeOf,
} from "@opcounter/ir";
import {
  type ModelInputs,
  openDevice,
  type TensorFunction,
  type TraceOptions,
  trace,
  type traceTraining,
} from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";

/** Anything that gives tensors: a model, or a function. */
export type Program = Parameters<typeof trace>[0];

/** The savings that are integers. */
type Counted = Omit<Savings, "milliseconds" | "of">;

/**
 * What a pass costs, as the graph and the report tell it and not the advice. What is uploaded, and
 * waited for, is of the whole pass.
 *
 * @param isMeant which ops count, by their outermost scopes; all by default.
 */
export function costsOf(graph: Graph, isMeant: (op: Op) => boolean = () => true): Counted {
  const ops = graph.ops.filter(isMeant);
  const ignored = graph.ops.filter((op) => !isMeant(op)).map(({ scope: [outermost] }) => outermost);
  const ignore = [...new Set(ignored)].flatMap((scope) => [`${scope}`, `${scope}/**`]);
  const { totals } = count(graph, { ignore });
  return {
    ops: ops.length,
    dispatches: Number(totals.dispatches),
    bytesRead: Number(totals.bytesRead),
    bytesWritten: Number(totals.bytesWritten),
    bytesUploaded: uploadedEachPass(graph),
    hostOps: ops.filter(({ placement }) => placement === "cpu").length,
    waits: recordingOf(graph)?.reads.length ?? 0,
  };
}

/** By graph, the bytes of tensors from before the pass that it took to the device. */
const uploadedOnce = new WeakMap<Graph, number>();

/**
 * Traces, and looks which tensors dispatches take that were there before the pass, inputs apart:
 * parameters and constants, which only the first pass uploads. A graph does not tell them from what
 * a kernel computes of them on the host, and uploads in each pass.
 */
export async function measured(
  target: Program,
  inputs: ModelInputs = [],
  options: TraceOptions = {},
  run: typeof trace | typeof traceTraining = trace,
): Promise<Graph> {
  const { device: name } = options;
  const device = typeof name === "object" ? name : await openDevice(name);
  const { backend } = device;
  const { write, runWebGPUProgram } = backend;
  const made = new Set<object>(Object.values(inputs).map(({ dataId }) => dataId));
  const before = new Map<object, number>();
  backend.write = (...args) => {
    const dataId = write.apply(backend, args);
    made.add(dataId);
    return dataId;
  };
  backend.runWebGPUProgram = (...args) => {
    for (const { dataId, shape } of args[1]) {
      if (!made.has(dataId)) before.set(dataId, 4 * sizeOf(shape));
    }
    return runWebGPUProgram.apply(backend, args);
  };
  try {
    const graph = await run(target, inputs, { ...options, device });
    uploadedOnce.set(
      graph,
      [...before.values()].reduce((sum, bytes) => sum + bytes, 0),
    );
    return graph;
  } finally {
    Object.assign(backend, { write, runWebGPUProgram });
  }
}

/** Bytes that each pass uploads: without the parameters, and the constants that the program had before. */
function uploadedEachPass(graph: Graph): number {
  const once = uploadedOnce.get(graph);
  if (once === undefined) throw new Error("measured() traces what is to be compared");
  const uploads = (recordingOf(graph)?.events ?? []).map((event) =>
    event.kind === "upload" ? event.bytes : 0,
  );
  return uploads.reduce((sum, bytes) => sum + bytes, 0) - once;
}

/** The difference between what two graphs cost. */
export function lessOf(before: Counted, after: Counted): Counted {
  return {
    ops: before.ops - after.ops,
    dispatches: before.dispatches - after.dispatches,
    bytesRead: before.bytesRead - after.bytesRead,
    bytesWritten: before.bytesWritten - after.bytesWritten,
    bytesUploaded: before.bytesUploaded - after.bytesUploaded,
    hostOps: before.hostOps - after.hostOps,
    waits: before.waits - after.waits,
  };
}

/** What several pieces of advice save together, without what is expected of times. */
export function savedBy(advice: readonly Advice[]): Counted {
  const { milliseconds: _, of: __, ...counted } = savedTogether(advice);
  return counted;
}

/** A program, and the same program with an advice followed. */
export interface Proof {
  readonly rule: string;
  readonly before: Program;
  readonly after: Program;
  readonly inputs: tf.Tensor[];
  /** A part of the remedy's text. */
  readonly remedy: string;
  /** Computes the results of both, where that is not tfjs's cpu backend. */
  readonly values?: (program: Program, inputs: tf.Tensor[]) => Promise<Float32Array>;
}

/**
 * Holds what an advice promises to what a second trace shows, to the unit; that the remedy computes
 * the same; and that, once followed, the advice is gone.
 */
export async function prove({
  rule,
  before,
  after,
  inputs,
  remedy,
  ...rest
}: Proof): Promise<void> {
  const first = await measured(before, inputs, { device: "virtual" });
  const second = await measured(after, inputs, { device: "virtual" });
  const found = advise(first).advice.filter((advice) => advice.rule === rule);
  expect(found, `advice ${rule}`).not.to.deep.equal([]);
  for (const advice of found) expect(advice.remedy).to.include(remedy);
  const shown = lessOf(costsOf(first), costsOf(second));
  expect(savedBy(found), `what ${rule} saves`).to.deep.equal(shown);
  expect(advise(second).advice.filter((advice) => advice.rule === rule)).to.deep.equal([]);
  const { values = valuesOf } = rest;
  expectNear(await values(after, inputs), await values(before, inputs));
}

async function valuesOf(program: Program, inputs: tf.Tensor[]): Promise<Float32Array> {
  return elementsOf(await resultOf(program, inputs));
}

/** What a program computes on WebGPU, by a software GPU: for what tfjs's cpu backend does wrongly. */
export async function valuesOnWebGpu(program: Program, inputs: tf.Tensor[]): Promise<Float32Array> {
  let values = new Float32Array();
  const reading = async (...given: tf.Tensor[]) => {
    const result = await resultOf(program, given);
    values = await elementsOf(result);
    return result;
  };
  await trace(reading, inputs, { device: "software" });
  return values;
}

async function resultOf(program: Program, inputs: tf.Tensor[]): Promise<tf.Tensor> {
  const result: unknown =
    typeof program === "function" ? await program(...inputs) : predict(program, inputs);
  if (!(result instanceof tf.Tensor)) throw new Error("a proof needs one tensor as the result");
  return result;
}

function predict(program: Exclude<Program, TensorFunction>, inputs: tf.Tensor[]): unknown {
  if (!("predict" in program)) throw new Error("a proof takes a model or a function");
  return Reflect.apply(program.predict, program, [inputs.length === 1 ? inputs[0] : inputs]);
}

async function elementsOf(result: tf.Tensor): Promise<Float32Array<ArrayBuffer>> {
  return Float32Array.from(await result.data());
}

function expectNear(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).to.equal(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).to.be.closeTo(value, 1e-4);
}
