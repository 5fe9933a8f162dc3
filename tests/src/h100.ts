import { readFileSync } from "node:fs";
import { count, rooflineOf, type TimedOp, workOfOp } from "@opcounter/counters";
import { annotate, type Graph, RECORDING, type RecordedTimes, recordingOf } from "@opcounter/ir";
import { openDevice } from "@opcounter/tracer";
import { h100 } from "../../packages/counters/src/roofline/devices/h100.ts";
import { H100_ZOO } from "./h100-zoo.ts";
import { traceZoo, zooGraph } from "./zoo-graph.ts";

/**
 * What was measured on an H100, per model: each op's kernel, placement, time on the device in
 * nanoseconds as median and quartiles (0 where it dispatched nothing), time on the host in
 * milliseconds, and the workgroups of its dispatches.
 */
interface Measured {
  readonly models: Readonly<
    Record<
      string,
      {
        readonly times: {
          readonly runs: number;
          readonly wallMs: number;
          readonly gpuMs: number;
          readonly cpuMs: number;
          readonly readbackMs: number;
        };
        readonly ops: readonly (readonly [
          kernel: string,
          placement: string,
          gpuNs: readonly [median: number, low: number, high: number] | 0,
          hostMs: number,
          workgroups: string,
        ])[];
      }
    >
  >;
}

export const MEASURED: Measured = JSON.parse(
  readFileSync(new URL("../fixtures/reference/h100.json", import.meta.url), "utf8"),
);

/** The graph of a model with the times that were measured, and the account that they give. */
export async function timedGraph(model: string): Promise<Graph> {
  const measured = MEASURED.models[model];
  if (measured === undefined) throw new Error(`${model} was not measured`);
  const graph = await traceZoo(await openDevice("virtual"), model);
  const { times, ops } = measured;
  const opMs = new Map(ops.map(([, , , hostMs], id) => [id, hostMs]));
  const onHost = ops.filter(([, placement]) => placement === "cpu");
  const total = (rows: typeof ops) => rows.reduce((sum, [, , , hostMs]) => sum + hostMs, 0);
  const [hostMs, restMs] = [total(onHost), total(ops) - total(onHost)];
  const dispatches = graph.ops.reduce((sum, { dispatches }) => sum + dispatches.length, 0);
  const parts = [
    { part: "hostKernels", ms: hostMs, count: onHost.length },
    { part: "dispatching", ms: restMs, count: dispatches },
    { part: "unexplained", ms: times.wallMs - hostMs - restMs },
  ] as const;
  const account = { wallMs: times.wallMs, parts, opMs };
  return withTimes(graph, { ...times, opCpuMs: opMs, clockStepNs: null, account });
}

/** The graph of a model with the account that was taken of it. */
export async function accountedGraph(model: string): Promise<Graph> {
  const measured = H100_ZOO.models[model];
  if (measured === undefined) throw new Error(`${model} was not measured`);
  const { runs, wallMs, gpuMs, account, hostMs = [], wallOpMs = [] } = measured;
  const byOp = (all: readonly number[]) => new Map(all.map((each, id) => [id, each]));
  const cpuMs = hostMs.reduce((sum, each) => sum + each, 0);
  const graph = await traceZoo(await openDevice("virtual"), model);
  return withTimes(graph, {
    ...{ runs, wallMs, gpuMs, cpuMs, readbackMs: 0, clockStepNs: null },
    ...{ opCpuMs: byOp(hostMs), account: { ...account, opMs: byOp(wallOpMs) } },
  });
}

function withTimes(graph: Graph, times: RecordedTimes): Graph {
  const recording = recordingOf(graph);
  if (recording === undefined) throw new Error(`the trace of ${graph.name} has no recording`);
  annotate(graph, RECORDING, { ...recording, times });
  return graph;
}

/** An op that was measured, with its kernel and what its time spread over. */
export interface MeasuredOp extends TimedOp {
  readonly kernel: string;
}

/** The ops that were measured, with what each asks of a device, as a virtual device tells it. */
export async function measuredOps(): Promise<readonly MeasuredOp[]> {
  const all: MeasuredOp[] = [];
  for (const [model, { ops: measured }] of Object.entries(MEASURED.models)) {
    const report = count(await zooGraph(model));
    const { idles } = rooflineOf(report, h100);
    report.ops.forEach((op, i) => {
      const [kernel, placement, gpuNs] = measured[i] ?? [];
      if (kernel !== op.kernel || placement !== op.placement) {
        throw new Error(`${model}: op ${i} is ${op.kernel}, and was ${kernel}`);
      }
      const program = op.dispatches.at(-1)?.program;
      if (gpuNs === 0 || gpuNs === undefined || program === undefined) return;
      all.push({
        model,
        kernel: op.kernel,
        program,
        work: workOfOp(op),
        idles,
        measuredMs: gpuNs[0] / 1e6,
      });
    });
  }
  return all;
}
