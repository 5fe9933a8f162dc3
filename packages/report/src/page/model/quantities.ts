import type { Amount, ConventionCounts, Figure, Whole } from "../../document/document.ts";
import { sumOf, type Unit } from "../format.ts";
import type { ReportModel } from "./report-model.ts";

/** Something that ops have an amount of, under one convention. */
export interface Quantity {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly description: string;
  /** Null where the convention has no such figure, or nothing was measured. */
  readonly total: Amount | null;
  /** Whether what parts have adds up to what the whole has. */
  readonly adds: boolean;
  readonly ofOp: (op: number) => Amount | null;
  /** What a whole of the convention adds beside its ops. */
  readonly ofWhole: (whole: Whole) => Amount | null;
  /** What belongs to no op: weights that nothing uses. */
  readonly rest: number;
}

const NONE = () => null;

/** Every quantity that a document has, under one of its conventions. */
export function quantitiesOf(model: ReportModel, convention: ConventionCounts): Quantity[] {
  const quantities = allQuantitiesOf(model, convention);
  return isOfProgram(model) ? quantities.filter(({ id }) => !OF_MODELS.has(id)) : quantities;
}

/** Whether the document is of a recorded WebGPU program. */
export function isOfProgram({ document }: ReportModel): boolean {
  return document.kernels.some(({ family }) => family === "dispatch");
}

/** What ops of a recorded WebGPU program have none of: its buffers are its own, and no op's. */
const OF_MODELS: ReadonlySet<string> = new Set(["params", "activations", "memory"]);

function allQuantitiesOf(model: ReportModel, convention: ConventionCounts): Quantity[] {
  const { ops, totals, predicted } = model.document;
  const bytes = (op: number) => sumOf([ops.bytesRead[op] ?? 0, ops.bytesWritten[op] ?? 0]);
  const under = convention.name === "native" ? "" : `, as ${convention.name} counts them`;
  const plain = { adds: true, ofWhole: NONE, rest: 0 };
  return [
    {
      ...{ ...plain, id: "params", title: "Parameters", unit: "count", total: totals.params },
      description: "Elements of the weights, each at the first op that computes with it",
      ofOp: (op) => ops.params[op] ?? 0,
      rest: totals.unusedParams,
    },
    counted("macs", "MACs", `Multiply-accumulate pairs${under}`, convention.macs),
    counted("flops", "FLOPs", `Floating-point operations${under}`, convention.flops),
    counted(
      "transcendentals",
      "Transcendentals",
      `Exponentials, logarithms, roots and the like${under}`,
      convention.transcendentals,
    ),
    {
      ...{ ...plain, id: "bytes", title: "Bytes", unit: "bytes", ofOp: bytes },
      total: sumOf([totals.bytesRead, totals.bytesWritten]),
      description: "Bytes read and written; views read and write nothing",
    },
    {
      ...{ ...plain, id: "memory", title: "Memory", unit: "bytes", total: totals.peakBytes },
      description:
        "What is alive at the peak, at the op that made it or is the first to compute with it",
      ofOp: (op) => ops.peakBytes[op] ?? 0,
      rest: totals.unusedBytes,
    },
    {
      ...{ ...plain, id: "activations", title: "Activations", unit: "count" },
      total: totals.activations,
      description: "Elements that convolutions and products give",
      ofOp: (op) => ops.activations[op] ?? 0,
    },
    {
      ...{ ...plain, id: "dispatches", title: "Dispatches", unit: "count" },
      total: totals.dispatches,
      description: "Compute dispatches on the device",
      ofOp: (op) => ops.dispatches[op]?.length ?? 0,
    },
    ...timed("gpu", "GPU time", "Time on the device, over the runs' medians", ops.gpuMs),
    ...timed("host", "Host time", "Time inside the kernel on the host", ops.hostMs),
    ...timed(
      "expected",
      "Expected time",
      "Time on the device as its specification predicts it",
      predicted?.expectedMs ?? null,
    ),
    ...timed(
      "least",
      "Least time",
      "Time on the device as its limits allow it at best",
      predicted?.leastMs ?? null,
    ),
    ...model.document.costs.flatMap(({ name, unit, description, total }) => {
      const values = convention.costs[name];
      if (values === undefined) return [];
      return {
        ...{ ...plain, id: `cost:${name}`, title: name, unit, description },
        ...{ total: values.total, adds: total === "sum" },
        ofOp: (op: number) => values.ops[op] ?? 0,
        ofWhole: (whole: Whole) => whole.costs[name] ?? null,
      };
    }),
  ];
}

function counted(
  id: "macs" | "flops" | "transcendentals",
  title: string,
  description: string,
  figure: Figure,
): Quantity {
  return {
    ...{ id, title, description, unit: "count", adds: true, rest: 0, total: figure.total },
    ofOp: (op) => figure.ops[op] ?? null,
    ofWhole: (whole) => whole[id],
  };
}

function timed(
  id: string,
  title: string,
  description: string,
  times: readonly (number | null)[] | null,
): Quantity[] {
  if (times === null) return [];
  const total = times.reduce<number>((sum, time) => sum + (time ?? 0), 0);
  return [
    {
      ...{ id, title, description, unit: "ms", total, adds: true, rest: 0 },
      ofOp: (op) => times[op] ?? null,
      ofWhole: NONE,
    },
  ];
}
