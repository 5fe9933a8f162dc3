import { OpcounterError } from "@opcounter/ir/core";
import { NATIVE } from "./conventions/registry.ts";
import { counted } from "./report/cost-sum.ts";
import type { CostReport, OpRow } from "./report/report.ts";

/** What a device can do at most. Published by its maker, or measured by `opcounter calibrate`. */
export interface DeviceSpec {
  readonly name: string;
  /** Float32 operations per second; a fused multiply-add is two. */
  readonly flops: number;
  /** Bytes per second from and to the device's memory. */
  readonly bandwidth: number;
}

/** Something that ran, against the roof over it. */
export interface RooflineRow {
  /** An op as `%12 Conv2D`, or a scope. */
  readonly name: string;
  readonly scope: string;
  readonly flops: number;
  readonly bytes: number;
  /** Operations per byte; null where no byte is moved. */
  readonly intensity: number | null;
  /** What bounds it: the time its arithmetic takes at least, or that of its memory traffic. */
  readonly bound: "compute" | "memory";
  /** The least time it can take, in milliseconds. */
  readonly predictedMs: number;
  /** What it took; null where it was not measured. */
  readonly measuredMs: number | null;
  /** Operations and bytes per second that it reached; null where it was not measured. */
  readonly achievedFlops: number | null;
  readonly achievedBandwidth: number | null;
  /** How near it came to its bound: predicted / measured time. */
  readonly share: number | null;
}

export interface Roofline {
  readonly spec: DeviceSpec;
  /** The intensity, in operations per byte, above which arithmetic is the bound. */
  readonly ridge: number;
  readonly total: RooflineRow;
  /** Every op that does or moves anything, in order of execution. */
  readonly ops: readonly RooflineRow[];
  readonly scopes: readonly RooflineRow[];
  /** Ops that run as one kernel, where a pass grouped them. */
  readonly groups: readonly RooflineRow[];
  /** The ops farthest from their limit, by time lost; by predicted time where none was measured. */
  readonly farthest: readonly RooflineRow[];
}

const FARTHEST = 10;

/**
 * The roofline model (Williams, Waterman and Patterson 2009): f operations on b bytes take at least
 * max(f / peak rate, b / peak bandwidth). Transcendentals count as one operation.
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
  const ops = report.ops
    .map((op) => rowOf(spec, `%${op.id} ${op.kernel}`, op.scope, op.cost))
    .filter(({ flops, bytes }) => flops > 0 || bytes > 0);
  const lost = ({ measuredMs, predictedMs }: RooflineRow) =>
    measuredMs === null ? predictedMs : measuredMs - predictedMs;
  return {
    spec,
    ridge: spec.flops / spec.bandwidth,
    total: rowOf(spec, model, "", totals),
    ops,
    scopes: byScope.map((row) => rowOf(spec, row.scope || "(no scope)", row.scope, row)),
    groups: report.groups.map((row) => rowOf(spec, row.pattern, row.scope, row)),
    farthest: ops.toSorted((a, b) => lost(b) - lost(a)).slice(0, FARTHEST),
  };
}

type Work = Pick<
  OpRow["cost"],
  "flops" | "transcendentals" | "bytesRead" | "bytesWritten" | "gpuTimeMs"
>;

function rowOf(spec: DeviceSpec, name: string, scope: string, work: Work): RooflineRow {
  const flops = Number(counted(work.flops)) + Number(counted(work.transcendentals));
  const bytes = Number(work.bytesRead) + Number(work.bytesWritten);
  const [computeMs, memoryMs] = [(1e3 * flops) / spec.flops, (1e3 * bytes) / spec.bandwidth];
  const predictedMs = Math.max(computeMs, memoryMs);
  // A time of 0 is one that the clock could not tell.
  const measuredMs = work.gpuTimeMs === 0 ? null : work.gpuTimeMs;
  const perSecond = (amount: number) => (measuredMs === null ? null : (1e3 * amount) / measuredMs);
  return {
    name,
    scope,
    flops,
    bytes,
    intensity: bytes === 0 ? null : flops / bytes,
    bound: computeMs > memoryMs ? "compute" : "memory",
    predictedMs,
    measuredMs,
    achievedFlops: perSecond(flops),
    achievedBandwidth: perSecond(bytes),
    share: measuredMs === null ? null : predictedMs / measuredMs,
  };
}
