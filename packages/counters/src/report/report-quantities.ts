import type { Integer } from "../expressions/integer.ts";
import type { CostReport, ScopeRow } from "./report.ts";

/** What a value of a quantity is: how it is written, and whether two runs give the same. */
export type QuantityUnit = "count" | "bytes" | "ms";

/** A figure of a report, or of the user's own: what is compared, and what a budget limits. */
export interface ReportQuantity {
  /** `macs`, `peakMemory`; a program's name for it, and in kebab case the command line's. */
  readonly name: string;
  /** As tables write it: `MACs`. */
  readonly title: string;
  /** Of a cost of the user's own its own unit, such as `pJ`. */
  readonly unit: QuantityUnit | (string & {});
  /** Null where the convention has no such figure, or none was measured. */
  readonly of: (report: CostReport) => Integer | null;
  /** The same of one scope with all that is inside; absent where a scope has none of its own. */
  readonly ofScope?: (row: ScopeRow) => Integer | null;
}

/** The built-in quantities, the ones that are asked for most first. */
export const REPORT_QUANTITIES: readonly ReportQuantity[] = [
  {
    ...{ name: "params", title: "params", unit: "count" },
    of: ({ totals }) => totals.params,
    ofScope: ({ params }) => params,
  },
  {
    ...{ name: "trainableParams", title: "trainable params", unit: "count" },
    of: ({ totals }) => totals.trainableParams,
  },
  {
    ...{ name: "statistics", title: "statistics", unit: "count" },
    of: ({ totals }) => totals.statistics,
  },
  { ...{ name: "slots", title: "slots", unit: "count" }, of: ({ totals }) => totals.slots },
  {
    ...{ name: "weightBytes", title: "weights", unit: "bytes" },
    of: ({ weights }) => weights.bytes,
  },
  {
    ...{ name: "storedBytes", title: "weights in files", unit: "bytes" },
    of: ({ weights }) => weights.storedBytes,
  },
  summed("macs", "MACs", "count", ({ macs }) => macs),
  summed("flops", "FLOPs", "count", ({ flops }) => flops),
  summed("transcendentals", "transcendentals", "count", (row) => row.transcendentals),
  summed("activations", "activations", "count", ({ activations }) => activations),
  summed("bytesRead", "bytes read", "bytes", ({ bytesRead }) => bytesRead),
  summed("bytesWritten", "bytes written", "bytes", ({ bytesWritten }) => bytesWritten),
  {
    ...{ name: "peakMemory", title: "peak memory", unit: "bytes" },
    of: ({ totals }) => totals.peakBytes,
  },
  summed("dispatches", "dispatches", "count", ({ dispatches }) => dispatches),
  summed("invocations", "invocations", "count", ({ invocations }) => invocations),
  summed("ops", "ops", "count", ({ ops }) => ops),
  summed("hostOps", "host ops", "count", ({ hostOps }) => hostOps),
  summed("hostBytesUploaded", "uploaded from host", "bytes", (row) => row.hostBytesUploaded),
  summed("gpuTime", "GPU time", "ms", ({ gpuTimeMs }) => gpuTimeMs),
];

/** The quantities of reports, with the costs of the user's own that any of them has. */
export function quantitiesOfReports(reports: readonly CostReport[]): ReportQuantity[] {
  const own = new Map<string, ReportQuantity>();
  for (const { costs } of reports) {
    for (const { name, unit } of costs) {
      own.set(name, {
        ...{ name, title: name, unit },
        // Another report's cost of this name in another unit is another quantity.
        of: ({ costs, totals }) =>
          costs.some((each) => each.name === name && each.unit === unit)
            ? (totals.costs[name] ?? null)
            : null,
        ofScope: (row) => row.costs[name] ?? null,
      });
    }
  }
  return [...REPORT_QUANTITIES, ...own.values()];
}

/** A quantity that totals and scopes have alike. */
function summed(
  name: string,
  title: string,
  unit: QuantityUnit,
  of: (row: CostReport["totals"] | ScopeRow) => Integer | null,
): ReportQuantity {
  return { name, title, unit, of: ({ totals }) => of(totals), ofScope: (row) => of(row) };
}
