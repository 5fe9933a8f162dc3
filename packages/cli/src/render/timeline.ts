import { analyse, liveness, OpcounterError } from "@opcounter/ir";
import type { Found } from "./output-format.ts";

/** An op on a track, in nanoseconds from the start. Ops of a track follow one another. */
export interface Slice {
  readonly name: string;
  readonly scope: readonly string[];
  readonly op: number;
  readonly start: number;
  readonly end: number;
}

/** When the ops of a pass run. */
export interface Timeline {
  readonly source: "measured" | "predicted";
  /** On the device, and inside the kernels on the host. */
  readonly gpu: readonly Slice[];
  readonly host: readonly Slice[];
  /** Bytes alive while an op runs on the device, by its start. */
  readonly memory: readonly { readonly at: number; readonly bytes: number }[];
}

/**
 * The ops of a pass end to end, in order of execution: what was measured or predicted is how long
 * each takes, and not when it begins.
 *
 * @throws OpcounterError where no times are known.
 */
export function timelineOf({ report, graph, roofline }: Found): Timeline {
  const isMeasured = report.ops.some(({ cost }) => cost.gpuTimeMs !== null);
  const predicted = new Map(
    roofline?.ops.map(({ name, expected, leastMs }) => [name, expected?.ms ?? leastMs]),
  );
  if (!isMeasured && roofline === undefined) {
    throw new OpcounterError("options-conflict", "No times are known for a timeline", {
      remedy: "predict them by --device-spec h100; of a model that is run, measure them by --time",
    });
  }
  const gpu = endToEnd(report.ops, ({ id, kernel, cost }) =>
    isMeasured ? cost.gpuTimeMs : predicted.get(`%${id} ${kernel}`),
  );
  const { bytesAt } = analyse(graph, liveness);
  return {
    source: isMeasured ? "measured" : "predicted",
    gpu,
    host: endToEnd(report.ops, ({ cpuTimeMs }) => cpuTimeMs),
    memory: gpu.map(({ op, start }) => ({ at: start, bytes: bytesAt[op] ?? 0 })),
  };
}

type OpRow = Found["report"]["ops"][number];

/** Slices of the ops that take time. */
function endToEnd(
  ops: readonly OpRow[],
  millisecondsOf: (op: OpRow) => number | null | undefined,
): Slice[] {
  let at = 0;
  return ops.flatMap((op) => {
    const duration = Math.round((millisecondsOf(op) ?? 0) * 1e6);
    if (duration === 0) return [];
    const { id, kernel, scope } = op;
    const start = at;
    at += duration;
    const names = scope === "" ? [] : scope.split("/");
    return [{ name: `%${id} ${kernel}`, scope: names, op: id, start, end: at }];
  });
}

/** A scope or an op that begins or ends on a track. */
export interface Edge {
  readonly kind: "open" | "close";
  readonly name: string;
  readonly at: number;
  /** The op, where it is one. */
  readonly op: number | null;
}

/** The beginnings and ends of a track's ops and of the scopes around them, properly nested. */
export function edgesOf(slices: readonly Slice[]): Edge[] {
  const edges: Edge[] = [];
  let open: readonly string[] = [];
  let at = 0;
  const closeTo = (depth: number) => {
    for (const name of open.slice(depth).reverse())
      edges.push({ kind: "close", name, at, op: null });
    open = open.slice(0, depth);
  };
  for (const { name, scope, op, start, end } of slices) {
    const differs = scope.findIndex((inner, depth) => inner !== open[depth]);
    closeTo(differs === -1 ? scope.length : differs);
    for (const inner of scope.slice(open.length)) {
      edges.push({ kind: "open", name: inner, at: start, op: null });
    }
    open = scope;
    edges.push({ kind: "open", name, at: start, op }, { kind: "close", name, at: end, op });
    at = end;
  }
  closeTo(0);
  return edges;
}
