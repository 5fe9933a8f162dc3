import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Something that is measured: what it is called, and one run of it. */
export interface Variant {
  readonly name: string;
  /** The variant that it is compared to; by default the first. */
  readonly to?: string;
  /** Runs once and returns what it took, in milliseconds or whatever the variants have in common. */
  readonly run: () => number | Promise<number>;
}

/** What the runs of a variant took. */
export interface Outcome {
  readonly name: string;
  readonly median: number;
  /** The median of the ratios to what it is compared to, in the same round. */
  readonly ratio: number;
}

/**
 * Runs variants in turn, so that a machine whose speed drifts is fair to each. The first round is
 * for warming up.
 */
export async function inTurn(rounds: number, variants: readonly Variant[]): Promise<Outcome[]> {
  const took = variants.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [place, { run }] of variants.entries()) {
      const each = await run();
      if (round >= 0) took[place]?.push(each);
    }
  }
  return variants.map(({ name, to }, place) => {
    const own = took[place] ?? [];
    const other = took[variants.findIndex(({ name }) => name === (to ?? variants[0]?.name))] ?? [];
    const ratios = own.map((each, round) => each / (other[round] ?? Number.NaN));
    return { name, median: median(own), ratio: median(ratios) };
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The processor time of this process so far, in milliseconds, of all its threads. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Collects the young garbage. A run that begins and ends with it pays for what it makes itself, and
 * for nothing else: V8 collects when 16 MB are full, which with variants in turn may be in the same
 * one each time.
 */
export const collectYoung = exposedGc();

function exposedGc(): () => void {
  setFlagsFromString("--expose-gc");
  const gc: unknown = runInNewContext("gc");
  if (typeof gc !== "function") throw new Error("V8 does not give its gc()");
  return () => gc({ type: "minor" });
}

/** A table of the page. */
export interface Table {
  readonly name: string;
  /** The machine, where it is another than that of the page. */
  readonly on?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
