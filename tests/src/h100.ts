import { readFileSync } from "node:fs";
import { count, rooflineOf, type TimedOp, workOfOp } from "@opcounter/counters";
import { openDevice } from "@opcounter/tracer";
import { h100 } from "../../packages/counters/src/roofline/devices/h100.ts";
import { traceZoo } from "./zoo-graph.ts";

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
        readonly times: { readonly gpuMs: number; readonly wallMs: number };
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

/** An op that was measured, with its kernel and what its time spread over. */
export interface MeasuredOp extends TimedOp {
  readonly kernel: string;
}

/** The ops that were measured, with what each asks of a device, as a virtual device tells it. */
export async function measuredOps(): Promise<readonly MeasuredOp[]> {
  const device = await openDevice("virtual");
  const all: MeasuredOp[] = [];
  for (const [model, { ops: measured }] of Object.entries(MEASURED.models)) {
    const report = count(await traceZoo(device, model));
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
