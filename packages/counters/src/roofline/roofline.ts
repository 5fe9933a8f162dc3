import { OpcounterError } from "@opcounter/ir/core";
import { NATIVE } from "../conventions/registry.ts";
import type { Cost, CostReport, OpRow } from "../report/report.ts";
import type { DeviceSpec } from "./device-spec.ts";
import { type Expected, expectedOf, sumExpected, type TimeModel, timeModel } from "./expected.ts";
import { type HostTime, hostTimeOf } from "./host-time.ts";
import { type Bound, boundOf, type Limits, leastOf, limitsOf, type Work } from "./limits.ts";
import { type Transfers, transfersOf } from "./transfers.ts";
import { workOf, workOfOp } from "./work.ts";

/** Something that ran, against the roof over it. */
export interface RooflineRow {
  /** The op's id; null for scopes, groups and the total. */
  readonly op: number | null;
  /** An op as `%12 Conv2D`, or a scope. */
  readonly name: string;
  readonly scope: string;
  readonly flops: number;
  readonly transcendentals: number;
  readonly bytes: number;
  /** Operations per byte; null where no byte is moved. */
  readonly intensity: number | null;
  /** What takes longest at least: arithmetic, transcendentals, memory traffic, or launches. */
  readonly bound: Bound;
  /** The least time it can take, in milliseconds; that of a scope is the sum of its ops'. */
  readonly leastMs: number;
  /** The time that is predicted; null where the spec does not say how near programs come. */
  readonly expected: Expected | null;
  /** What it took; null where it was not measured. */
  readonly measuredMs: number | null;
  /**
   * What is lost against the least time: of the measured time, else of the predicted one. What a
   * cache makes faster than memory loses nothing.
   */
  readonly lostMs: number | null;
  /** How near it came to its bound: least / measured time; null where it was not measured. */
  readonly share: number | null;
}

export interface Roofline {
  readonly spec: DeviceSpec;
  /** The intensity, in operations per byte, above which arithmetic is the bound. */
  readonly ridge: number;
  /** The kernels that run on the host. */
  readonly host: HostTime;
  /** The shortest dispatch that was measured, in milliseconds; null where none was. */
  readonly shortestMs: number | null;
  /**
   * Whether the device idles between ops and so lowers its clock: by the shortest dispatch where it
   * was measured, else where the kernels on the host take longer than all on the device.
   */
  readonly idles: boolean;
  /**
   * What the whole is expected to take where the device idles all the same, as it does where a
   * program runs it seldom; null where `expected` is that, where it was measured, or is not known.
   */
  readonly expectedIdle: Expected | null;
  /** What each pass uploads and reads back, besides the ops. */
  readonly transfers: Transfers;
  readonly total: RooflineRow;
  /** Every op that the device runs and that does or moves anything, in order of execution. */
  readonly ops: readonly RooflineRow[];
  readonly scopes: readonly RooflineRow[];
  /** Ops that run as one kernel, where a pass grouped them. */
  readonly groups: readonly RooflineRow[];
  /** The ops that lose most time; if none was measured or predicted, those that take longest. */
  readonly slowest: readonly RooflineRow[];
}

const SLOWEST = 10;

/**
 * How long each op takes at least on a device, and how long it is expected to take.
 *
 * @throws OpcounterError where the report is by another convention than `native`, whose FLOPs are not
 *   the operations that run.
 */
export function rooflineOf(report: CostReport, spec: DeviceSpec): Roofline {
  const { totals, byScope, model, convention } = report;
  if (convention !== NATIVE) {
    throw new OpcounterError(
      "quantity-uncounted",
      `A roofline is of the operations that run, which ${convention} does not count`,
      { remedy: `count by the convention ${NATIVE}` },
    );
  }
  const onDevice = report.ops.filter(isOnDevice);
  const host = hostTimeOf(report.ops);
  const shortestMs = shortestOf(onDevice);
  const idles = idlesBy(shortestMs, spec) ?? host.ms > busyTime(onDevice, spec);
  const times = timeModel(spec, idles);
  const timed = onDevice.map((op) => timedOp(op, spec, times));
  const ops = timed.map(({ row }) => row);
  const inside = byScopes(timed);
  const rank = ({ lostMs, leastMs }: RooflineRow) => lostMs ?? leastMs;
  return {
    spec,
    ridge: spec.flops / spec.bandwidth,
    host,
    shortestMs,
    idles,
    expectedIdle: idles || shortestMs !== null ? null : idleTime(onDevice, spec),
    transfers: transfersOf(report, spec),
    total: sumRow({ op: null, name: model, scope: "" }, totals, timed, spec),
    ops,
    scopes: byScope.map((row) => {
      const name = row.scope || "(no scope)";
      return sumRow({ op: null, name, scope: row.scope }, row, inside.get(row.scope) ?? [], spec);
    }),
    groups: report.groups.map((row) => {
      const work = { ...workOf(row), dispatches: Math.min(1, row.dispatches) };
      const limits = limitsOf(spec, work);
      return rowOf({ op: null, name: row.pattern, scope: row.scope }, work, row, limits, null);
    }),
    slowest: ops.toSorted((a, b) => rank(b) - rank(a)).slice(0, SLOWEST),
  };
}

/** An op with its limits, from which those of scopes are added up. */
interface TimedRow {
  readonly row: RooflineRow;
  readonly limits: Limits;
}

function isOnDevice({ placement, cost }: OpRow): boolean {
  const work = workOf(cost);
  return placement === "gpu" && (work.flops > 0 || work.transcendentals > 0 || work.bytes > 0);
}

/** The shortest dispatch, in milliseconds; null where no time was measured. */
function shortestOf(ops: readonly OpRow[]): number | null {
  let shortest: number | null = null;
  for (const { dispatches } of ops) {
    for (const { gpuTime } of dispatches) {
      const ns = gpuTime?.ns ?? 0;
      // The clock could not tell a time of 0.
      if (ns > 0) shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, ns / 1e6);
    }
  }
  return shortest;
}

/**
 * Whether the shortest dispatch took rather as long as on an idle device than as on a busy one;
 * undefined where that cannot be told.
 */
function idlesBy(shortestMs: number | null, { launchNs, idle }: DeviceSpec): boolean | undefined {
  if (shortestMs === null || launchNs === undefined || idle === undefined) return undefined;
  return 1e6 * shortestMs > Math.sqrt(launchNs * idle.launchNs);
}

/** What the ops are expected to take on a device that idles; null where the spec does not say. */
function idleTime(ops: readonly OpRow[], spec: DeviceSpec): Expected | null {
  const times = spec.idle && timeModel(spec, true);
  return times === undefined ? null : sumExpected(ops.map((op) => expectedOfOp(times, op)));
}

/** The time of the ops on a device that does not idle, in milliseconds, as far as it is known. */
function busyTime(ops: readonly OpRow[], spec: DeviceSpec): number {
  const busy = timeModel(spec, false);
  return ops.reduce((sum, op) => {
    const { row } = timedOp(op, spec, busy);
    return sum + (row.measuredMs ?? row.expected?.ms ?? row.leastMs);
  }, 0);
}

function timedOp(op: OpRow, spec: DeviceSpec, times: TimeModel | undefined): TimedRow {
  const work = workOfOp(op);
  const limits = limitsOf(spec, work);
  const expected = times === undefined ? null : expectedOfOp(times, op);
  const name = { op: op.id, name: `%${op.id} ${op.kernel}`, scope: op.scope };
  return { row: rowOf(name, work, op.cost, limits, expected), limits };
}

function expectedOfOp(times: TimeModel, op: OpRow): Expected {
  return expectedOf(times, workOfOp(op), op.dispatches.at(-1)?.program ?? "");
}

/** The ops inside each scope, at any depth, by the scope's path; "" has those in no scope. */
function byScopes(timed: readonly TimedRow[]): ReadonlyMap<string, TimedRow[]> {
  const scopes = new Map<string, TimedRow[]>();
  for (const each of timed) {
    const path = each.row.scope.split("/");
    for (const depth of path.keys()) {
      const scope = path.slice(0, depth + 1).join("/");
      const inside = scopes.get(scope);
      if (inside === undefined) scopes.set(scope, [each]);
      else inside.push(each);
    }
  }
  return scopes;
}

type Names = Pick<RooflineRow, "op" | "name" | "scope">;

/**
 * A scope's row. Ops run one after another, so that their least times add up. A figure of the
 * user's own for a whole layer is in the scope's cost alone; its limits hold too.
 */
function sumRow(names: Names, cost: Cost, ops: readonly TimedRow[], spec: DeviceSpec): RooflineRow {
  const work = workOf(cost);
  const sum = (of: (limits: Limits) => number) =>
    ops.reduce((total, { limits }) => total + of(limits), 0);
  const whole = limitsOf(spec, work);
  const limits: Limits = {
    compute: Math.max(
      whole.compute,
      sum(({ compute }) => compute),
    ),
    transcendentals: whole.transcendentals,
    memory: whole.memory,
    launch: whole.launch,
  };
  const parts = ops.flatMap(({ row }) => (row.expected === null ? [] : [row.expected]));
  const expected = parts.length === ops.length && ops.length > 0 ? sumExpected(parts) : null;
  const least = Math.max(leastOf(limits), sum(leastOf));
  return rowOf(names, work, cost, limits, expected, least);
}

function rowOf(
  names: Names,
  { flops, transcendentals, bytes }: Work,
  { gpuTimeMs }: Cost,
  limits: Limits,
  expected: Expected | null,
  leastMs = leastOf(limits),
): RooflineRow {
  // A time of 0 is one that the clock could not tell.
  const measuredMs = gpuTimeMs === 0 ? null : gpuTimeMs;
  const took = measuredMs ?? expected?.ms ?? null;
  return {
    ...names,
    flops,
    transcendentals,
    bytes,
    intensity: bytes === 0 ? null : (flops + transcendentals) / bytes,
    bound: boundOf(limits),
    leastMs,
    expected,
    measuredMs,
    lostMs: took === null ? null : Math.max(0, took - leastMs),
    share: measuredMs === null ? null : leastMs / measuredMs,
  };
}
