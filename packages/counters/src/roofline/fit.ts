import { median, quantile } from "@opcounter/ir/core";
import type { DeviceSpec, Efficiency } from "./device-spec.ts";
import { launchTime, type TimeModel, timeModel, workTime } from "./expected.ts";
import type { Work } from "./limits.ts";

/** An op whose time was measured. */
export interface TimedOp {
  readonly model: string;
  /** The WebGPU program of its last dispatch. */
  readonly program: string;
  readonly work: Work;
  /** Whether the device idles between the model's dispatches. */
  readonly idles: boolean;
  readonly measuredMs: number;
}

/** A spec whose launches are known, so that programs can be fitted. */
export type LaunchSpec = DeviceSpec & { readonly launchNs: number };

/** Of ten ops, eight take between the low and the high of the spread. */
const [LOW, HIGH] = [0.1, 0.9];
/** No program is taken to need less time beyond the launch than this share of it. */
const LEAST_SHARE = 0.01;
/** The slowdowns of an idle device that are tried. */
const SLOWDOWNS = Array.from({ length: 91 }, (_, i) => (10 + i) / 10);

/**
 * A device's spec with the efficiency of every program that ran, as fitted to measured times. A
 * program's efficiency is the least time of all its ops over what they took beyond their launches;
 * that of a program that did not run is the median of all. An idle device's slowdown is the one
 * that fits best. Spreads are of what the fit had not seen: a model predicted from the others, a
 * program from the others.
 *
 * @throws RangeError where no op is given.
 */
export function fitPrograms(spec: LaunchSpec, ops: readonly TimedOp[]): DeviceSpec {
  const fitted = withEfficiencies(spec, ops);
  const ratios = ratiosByModel(spec, ops);
  const unknown = spreadOf(ratiosOfUnknown(fitted, ops));
  const programs = Object.entries(fitted.programs).map(([program, { efficiency }]) => {
    const own = ratios.get(program);
    // What only one model has is predicted nowhere else: it is no surer than an unknown program.
    return [program, { efficiency, ...(own === undefined ? unknown : spreadOf(own)) }] as const;
  });
  const { efficiency } = fitted.otherPrograms;
  return {
    ...fitted,
    programs: Object.fromEntries(programs),
    otherPrograms: { efficiency, ...unknown },
  };
}

/** Measured / predicted times by program, of each model as the other models predict it. */
function ratiosByModel(spec: LaunchSpec, ops: readonly TimedOp[]): Map<string, number[]> {
  const ratios = new Map<string, number[]>();
  for (const model of new Set(ops.map((op) => op.model))) {
    const others = ops.filter((op) => op.model !== model);
    if (others.length === 0) break;
    const from = withEfficiencies(spec, others);
    const predicted = predictor(from);
    for (const op of ops) {
      if (op.model !== model || !Object.hasOwn(from.programs, op.program)) continue;
      const ratio = op.measuredMs / predicted(op);
      const known = ratios.get(op.program);
      if (known === undefined) ratios.set(op.program, [ratio]);
      else known.push(ratio);
    }
  }
  return ratios;
}

/** Measured / predicted time of each program, the median of its ops, as the others predict it. */
function ratiosOfUnknown(fitted: FittedSpec, ops: readonly TimedOp[]): number[] {
  return Object.keys(fitted.programs).map((program) => {
    const { [program]: _, ...programs } = fitted.programs;
    const predicted = predictor({ ...fitted, programs, otherPrograms: medianOf(programs) });
    const own = ops.filter((op) => op.program === program);
    return median(own.map((op) => op.measuredMs / predicted(op)));
  });
}

function spreadOf(ratios: readonly number[]): Pick<Efficiency, "low" | "high"> {
  return { low: Math.min(1, quantile(ratios, LOW)), high: Math.max(1, quantile(ratios, HIGH)) };
}

type FittedSpec = LaunchSpec & Required<Pick<DeviceSpec, "programs">> & FittedPrograms;

interface FittedPrograms {
  readonly programs: Readonly<Record<string, Efficiency>>;
  readonly otherPrograms: Efficiency;
}

/** The spec with the efficiencies and the slowdown that fit the ops best; spreads are not known. */
function withEfficiencies(spec: LaunchSpec, ops: readonly TimedOp[]): FittedSpec {
  const { idle } = spec;
  const hasBoth = ops.some(({ idles }) => idles) && ops.some(({ idles }) => !idles);
  if (idle === undefined || !hasBoth) return { ...spec, ...efficiencies(spec, ops) };
  const candidates = SLOWDOWNS.map((slowdown) => {
    const slowed = { ...spec, idle: { ...idle, slowdown } };
    const fitted = { ...slowed, ...efficiencies(slowed, ops) };
    const predicted = predictor(fitted);
    const miss = (op: TimedOp) => Math.abs(Math.log(predicted(op) / op.measuredMs));
    return { fitted, error: ops.reduce((sum, op) => sum + miss(op), 0) };
  });
  return candidates.reduce((best, next) => (next.error < best.error ? next : best)).fitted;
}

function efficiencies(spec: LaunchSpec, ops: readonly TimedOp[]): FittedPrograms {
  const perfect: FittedSpec = { ...spec, programs: {}, otherPrograms: exactly(1) };
  const [busy, idling] = [modelOf(perfect, false), modelOf(perfect, true)];
  const known = new Map<string, { least: number; took: number }>();
  for (const { program, work, idles, measuredMs } of ops) {
    const model = idles ? idling : busy;
    const launch = launchTime(model, work);
    const sum = known.get(program) ?? { least: 0, took: 0 };
    sum.least += workTime(model, work);
    sum.took += Math.max(measuredMs - launch, LEAST_SHARE * launch);
    known.set(program, sum);
  }
  const programs = Object.fromEntries(
    [...known].map(([program, { least, took }]) => [program, exactly(least / took)]),
  );
  return { programs, otherPrograms: medianOf(programs) };
}

/** An efficiency whose spread is not known yet. */
function exactly(efficiency: number): Efficiency {
  return { efficiency, low: 1, high: 1 };
}

/** What stands for other programs; as good as the limits where there are none. */
function medianOf(programs: Readonly<Record<string, Efficiency>>): Efficiency {
  const all = Object.values(programs).map(({ efficiency }) => efficiency);
  return exactly(all.length === 0 ? 1 : median(all));
}

/** The times of ops by a spec, without their spreads. */
function predictor(spec: FittedSpec): (op: TimedOp) => number {
  const [busy, idling] = [modelOf(spec, false), modelOf(spec, true)];
  return ({ work, program, idles }) => {
    const model = idles ? idling : busy;
    const { efficiency } = model.efficiencyOf(program);
    return launchTime(model, work) + workTime(model, work) / efficiency;
  };
}

function modelOf(spec: FittedSpec, idles: boolean): TimeModel {
  const model = timeModel(spec, idles);
  if (model === undefined) throw new Error("a spec that was fitted lacks what a prediction needs");
  return model;
}
