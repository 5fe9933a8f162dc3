import type { Roofline } from "@opcounter/counters";

/**
 * |predicted / measured − 1| of each op that took any time.
 *
 * @param gpuNs what each op took on the device, in nanoseconds; 0 where it ran nothing there.
 */
export function predictionErrors({ ops }: Roofline, gpuNs: readonly number[]): number[] {
  return ops.flatMap(({ op, expected }) => {
    const ns = gpuNs[op ?? -1] ?? 0;
    return ns === 0 || expected === null ? [] : [Math.abs((1e6 * expected.ms) / ns - 1)];
  });
}
