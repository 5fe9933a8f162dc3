import { count, reportToJson } from "@opcounter/counters";
import type { Graph } from "@opcounter/ir/core";
import type { PagePass } from "@opcounter/tracer";

/** A pass as the panel shows it. */
export interface PassRow {
  /** From 1. */
  readonly number: number;
  readonly model: string;
  readonly macs: number | bigint | null;
  /** Null where the page does not run on WebGPU. */
  readonly dispatches: number | null;
  /** Ops that the host computes; null where the backend does not tell. */
  readonly hostOps: number | null;
  readonly hostMs: number;
  readonly peakBytes: number;
  readonly graph: Graph;
}

type Counted = Pick<PassRow, "graph" | "macs" | "dispatches" | "hostOps">;

/** How many passes are kept. */
const MOST = 50;

/** The last passes. What runs again is counted once, and its graph is kept once. */
export class PassList {
  #rows: PassRow[] = [];
  readonly #counted = new Map<string, Counted>();
  #number = 0;

  get rows(): readonly PassRow[] {
    return this.#rows;
  }

  add({ key, graph, hostMs, peakBytes }: PagePass): void {
    const counted = this.#counted.get(key) ?? countOnce(graph);
    // The one that ran last comes last, so that the oldest go first.
    this.#counted.delete(key);
    this.#counted.set(key, counted);
    for (const [oldest] of this.#counted) {
      if (this.#counted.size <= MOST) break;
      this.#counted.delete(oldest);
    }
    const number = ++this.#number;
    this.#rows.push({ number, model: counted.graph.name, hostMs, peakBytes, ...counted });
    if (this.#rows.length > MOST) this.#rows = this.#rows.slice(-MOST);
  }

  clear(): void {
    this.#rows = [];
    this.#counted.clear();
  }

  /** A pass as JSON: what the page measured, and the report of the command line. */
  json({ number, hostMs, peakBytes, graph }: PassRow): string {
    const report: unknown = JSON.parse(reportToJson(count(graph)));
    return JSON.stringify({ pass: number, hostMs, tensorBytes: peakBytes, report }, null, 2);
  }
}

function countOnce(graph: Graph): Counted {
  const { macs, dispatches } = count(graph).totals;
  const isWebGpu = graph.device === "webgpu";
  const onHost = graph.ops.filter(({ placement }) => placement === "cpu").length;
  return {
    ...{ graph, macs },
    dispatches: isWebGpu ? dispatches : null,
    hostOps: graph.device === "webgl" ? null : onHost,
  };
}
