import { OpcounterError } from "@opcounter/ir/core";
import type { Device } from "../devices/device.ts";
import { Timestamps } from "../devices/timestamps.ts";
import { quartiles } from "./statistics.ts";

/** A measured rate, in operations or bytes per second. */
export interface MeasuredRate {
  readonly name: string;
  readonly unit: "FLOP/s" | "op/s" | "B/s";
  /** The median and the quartiles over the runs. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

/** Work of one size. */
export interface Work {
  /** Operations or bytes. */
  readonly amount: number;
  /** Runs one or more dispatches, each in a compute pass that writes its timestamps. */
  run(timestamps: Timestamps): void;
  dispose(): void;
}

/** Work is made larger until it takes this long, so that the device's clock is fine enough. */
const LONG_ENOUGH_NS = 20e6;
const RUNS = 11;
/** Of a slow device fewer runs are taken, so that they take no longer than this, but this many. */
const AT_MOST_NS = 1e9;
const LEAST_RUNS = 3;

/** Measures the rate of work, at the first of its sizes that takes long enough. */
export async function measureRate(
  name: string,
  unit: MeasuredRate["unit"],
  sizes: Iterable<() => Work>,
  device: Device,
): Promise<MeasuredRate> {
  let rates: number[] = [];
  for (const make of sizes) {
    const work = make();
    try {
      const first = Math.min(...(await timed(device, work, 2)));
      const enough = first >= LONG_ENOUGH_NS;
      const most = enough ? Math.min(RUNS, Math.floor(AT_MOST_NS / first)) : 0;
      const times = await timed(device, work, Math.max(LEAST_RUNS, most));
      rates = times.map((ns) => (1e9 * work.amount) / ns);
      if (enough) break;
    } finally {
      work.dispose();
    }
  }
  if (rates.length === 0) throw noTime(device, name);
  return { name, unit, ...quartiles(rates), runs: rates.length };
}

/** How long each run took on the device, in nanoseconds. Runs without a time are left out. */
export async function timed(
  device: Device,
  work: Pick<Work, "run">,
  runs: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const timestamps = new Timestamps(device.backend.device);
    try {
      work.run(timestamps);
      const total = (await timestamps.read()).reduce((sum, ns) => sum + ns, 0);
      if (total > 0) times.push(total);
    } finally {
      timestamps.destroy();
    }
  }
  return times;
}

export function noTime(device: Device, name: string): OpcounterError {
  return new OpcounterError(
    "device-unsuited",
    `The clock of device "${device.name}" shows no time for the work "${name}", so there is nothing to measure.`,
  );
}
