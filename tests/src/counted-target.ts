import { type CostReport, count } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir";
import { openDevice, trace, withBackend } from "@opcounter/tracer";
import * as tf from "@tensorflow/tfjs";

export type Shapes = readonly (readonly number[])[];

/** The graph of a function of zeros of these shapes, traced on the virtual device. */
export async function graphOf(target: Parameters<typeof trace>[0], shapes: Shapes): Promise<Graph> {
  const device = await openDevice("virtual");
  return withBackend(device, async () => {
    const inputs = shapes.map((shape) => tf.zeros([...shape]));
    return trace(target, inputs, { device }).finally(() => tf.dispose(inputs));
  });
}

/** What a function costs under a convention. */
export async function costOf(
  target: Parameters<typeof trace>[0],
  shapes: Shapes,
  convention: string,
): Promise<CostReport> {
  return count(await graphOf(target, shapes), { convention, strict: true });
}

export async function figureOf(
  ...args: Parameters<typeof costOf>
): Promise<number | bigint | null> {
  const { macs, flops } = await costOf(...args);
  return macs ?? flops;
}
