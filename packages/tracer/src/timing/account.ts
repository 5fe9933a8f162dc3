import {
  type OpId,
  PASS_PARTS,
  type PassAccount,
  type PassPart,
  type Placement,
  type TimedPart,
} from "@opcounter/ir/core";
import type { Span } from "../devices/timestamps.ts";
import type { HostClock, Idle, Submit, Tally } from "./host-clock.ts";

/** What was measured of one run. Times are in milliseconds unless they say otherwise. */
export interface MeasuredRun {
  readonly wallMs: number;
  /** When each dispatch began and ended by the device's clock, in nanoseconds. */
  readonly spans: readonly Span[];
  readonly clock: HostClock;
  /** When the device had done all work, by the host's clock. */
  readonly ended: number;
}

/** What ran, the same in each run. */
export interface Ran {
  /** One entry per run of a kernel: the op it became, if any. */
  readonly kernels: readonly (OpId | undefined)[];
  /** The op of each dispatch, if any. */
  readonly dispatchOps: readonly (OpId | undefined)[];
  readonly placementOf: (op: OpId) => Placement | undefined;
}

/** The account of one run: milliseconds by part and by op. */
interface RunAccount {
  readonly parts: Readonly<Record<PassPart, Tally>>;
  readonly opMs: ReadonlyMap<OpId, number>;
}

/**
 * Where the wall time of a pass goes. Each part is its mean over the middle half of the runs by wall
 * time, so that parts add up and an outlier is left out.
 */
export function accountOf(runs: readonly MeasuredRun[], ran: Ran): PassAccount {
  const byWall = [...runs].sort((a, b) => a.wallMs - b.wallMs);
  const outside = Math.floor(runs.length / 4);
  const middle = byWall.slice(outside, runs.length - outside);
  const accounts = middle.map((run) => accountOfRun(run, ran));
  const mean = (of: (account: RunAccount) => number) =>
    accounts.reduce((sum, account) => sum + of(account), 0) / accounts.length;
  const parts = PASS_PARTS.map((part): TimedPart => {
    const ms = mean(({ parts }) => parts[part].ms);
    const count = Math.round(mean(({ parts }) => parts[part].count));
    const bytes = Math.round(mean(({ parts }) => parts[part].bytes));
    return { part, ms, ...(count > 0 ? { count } : {}), ...(bytes > 0 ? { bytes } : {}) };
  });
  const ops = new Set(ran.kernels.filter((op) => op !== undefined));
  return {
    wallMs: middle.reduce((sum, { wallMs }) => sum + wallMs, 0) / middle.length,
    parts,
    opMs: new Map([...ops].map((op) => [op, mean(({ opMs }) => opMs.get(op) ?? 0)])),
  };
}

function accountOfRun({ wallMs, spans, clock, ended }: MeasuredRun, ran: Ran): RunAccount {
  const { kernelMs, deviceMs, tallies, idle, submits } = clock;
  const opMs = new Map<OpId, number>();
  const credit = (op: OpId | undefined, ms: number) => {
    if (op !== undefined) opMs.set(op, (opMs.get(op) ?? 0) + ms);
  };
  const hostKernels: Tally = { ms: 0, count: 0, bytes: 0 };
  const dispatching: Tally = { ms: tallies.submits.ms, count: spans.length, bytes: 0 };
  for (const [place, op] of ran.kernels.entries()) {
    const own = kernelMs[place] ?? 0;
    const isOnHost = op !== undefined && ran.placementOf(op) === "cpu";
    const part = isOnHost ? hostKernels : dispatching;
    part.ms += own;
    if (isOnHost) part.count++;
    credit(op, own + (deviceMs[place] ?? 0));
  }
  const busy = onHostClock(spans, submits, ended);
  let gpuMs = 0;
  /** The wait of this kind in which the device runs no dispatch. */
  const idleMs = (kind: Idle["for"]) => {
    const waits = idle.filter((wait) => wait.for === kind);
    let ms = sum(waits.map(({ from, to }) => to - from));
    if (kind === "program") return ms;
    for (const [place, waited] of overlaps(waits, busy).entries()) {
      credit(ran.dispatchOps[place], waited);
      gpuMs += waited;
      ms -= waited;
    }
    return ms;
  };
  const { pipelines, buffers, uploads } = tallies;
  const readbacks = { ...tallies.readbacks, ms: tallies.readbacks.ms + idleMs("readbacks") };
  const just = (ms: number): Tally => ({ ms, count: 0, bytes: 0 });
  const [waiting, program] = [just(idleMs("waiting")), just(idleMs("program"))];
  const gpu = just(gpuMs);
  const host = { hostKernels, dispatching, pipelines, buffers, uploads, program };
  const known = { ...host, gpu, readbacks, waiting };
  const explained = sum(Object.values(known).map(({ ms }) => ms));
  return { parts: { ...known, unexplained: just(wallMs - explained) }, opMs };
}

/**
 * The dispatches' spans, in milliseconds by the host's clock. No dispatch begins before its submit,
 * and some submit finds the device idle and begins at once; the last dispatch ends before `ended`.
 */
export function onHostClock(
  spans: readonly Span[],
  submits: readonly Submit[],
  ended: number,
): Span[] {
  let [earliest, latest, submitted] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (const { at, dispatches } of submits) {
    const first = dispatches > submitted ? spans[submitted] : undefined;
    if (first !== undefined) earliest = Math.max(earliest, at - first[0] / 1e6);
    submitted = dispatches;
  }
  for (const [, end] of spans) latest = Math.min(latest, ended - end / 1e6);
  const offset = Math.min(earliest, latest);
  return spans.map(([begin, end]) => [begin / 1e6 + offset, end / 1e6 + offset]);
}

/**
 * How long each span that is busy overlaps with stretches of waiting, which are in order. What
 * several spans overlap with goes to the first of them.
 */
export function overlaps(
  waits: readonly Pick<Idle, "from" | "to">[],
  busy: readonly Span[],
): number[] {
  let next = 0;
  let done = Number.NEGATIVE_INFINITY;
  return busy.map(([begin, end]) => {
    let ms = 0;
    for (let wait = waits[next]; wait !== undefined && wait.from < end; wait = waits[++next]) {
      ms += Math.max(0, Math.min(end, wait.to) - Math.max(begin, done, wait.from));
      // The rest of this wait is for the next span.
      if (wait.to > end) break;
    }
    done = Math.max(done, end);
    return ms;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
