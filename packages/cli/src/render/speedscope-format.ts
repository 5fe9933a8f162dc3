import type { Cost } from "@opcounter/counters";
import { OpcounterError } from "@opcounter/ir";
import { opCost } from "./op-cost.ts";
import type { Found, OutputFormat } from "./output-format.ts";
import { type Edge, edgesOf, type Slice, timelineOf } from "./timeline.ts";

/**
 * A flame graph for speedscope: of times where they are known, otherwise of the cost that --sort
 * names, MACs by default. Source: speedscope's file-format-schema.json.
 */
export const speedscopeFormat: OutputFormat = {
  takes: ["sort", "roofline"],
  report: (found) => {
    const frames = new Map<string, number>();
    const { report } = found;
    const profiles = tracksOf(found)
      .filter(({ slices }) => slices.length > 0)
      .map(({ name, unit, slices }) => ({
        ...{ type: "evented", name, unit, startValue: 0, endValue: slices.at(-1)?.end ?? 0 },
        events: edgesOf(slices).map((edge) => eventOf(edge, frames)),
      }));
    if (profiles.length === 0) {
      throw new OpcounterError(
        "options-conflict",
        "Every op costs 0 of what speedscope would show",
        {
          remedy: "name another cost by --sort",
        },
      );
    }
    return JSON.stringify({
      $schema: "https://www.speedscope.app/file-format-schema.json",
      name: report.model,
      exporter: "opcounter",
      shared: { frames: [...frames.keys()].map((name) => ({ name })) },
      profiles,
    });
  },
};

interface Track {
  readonly name: string;
  readonly unit: "nanoseconds" | "none" | "bytes";
  readonly slices: readonly Slice[];
}

function tracksOf(found: Found): Track[] {
  const { report, rows, roofline } = found;
  const isTimed = report.ops.some(({ cost }) => cost.gpuTimeMs !== null) || roofline !== undefined;
  if (isTimed && rows.sort === undefined) {
    const { source, gpu, host } = timelineOf(found);
    return [
      { name: `GPU, ${source}`, unit: "nanoseconds", slices: gpu },
      { name: "host", unit: "nanoseconds", slices: host },
    ];
  }
  const cost = opCost(report, rows.sort);
  return [
    {
      name: cost.name,
      unit: cost.name.startsWith("bytes") ? "bytes" : "none",
      slices: weighted(found, cost.of),
    },
  ];
}

/** Ops end to end, each as long as it costs. */
function weighted({ report }: Found, costOf: (cost: Cost) => number): Slice[] {
  let at = 0;
  return report.ops.flatMap((row) => {
    const start = at;
    at += costOf(row.cost);
    if (at === start) return [];
    const scope = row.scope === "" ? [] : row.scope.split("/");
    return [{ name: `%${row.id} ${row.kernel}`, scope, op: row.id, start, end: at }];
  });
}

function eventOf({ kind, name, at }: Edge, frames: Map<string, number>) {
  const frame = frames.get(name) ?? frames.size;
  frames.set(name, frame);
  return { type: kind === "open" ? "O" : "C", frame, at };
}
