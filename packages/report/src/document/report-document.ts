import type { CostReport, MemoryReport, Roofline } from "@opcounter/counters";
import {
  type Advised,
  type Dispatch,
  type Extent,
  formatAttribute,
  formatType,
  type Graph,
  isElementwise,
  MOVING_COMMANDS,
  type Op,
  opDialect,
  type Value,
  workOf,
} from "@opcounter/ir";
import { amount, countsOf } from "./counts.ts";
import {
  type DeviceLimits,
  type DispatchRow,
  type Family,
  type HeldMemory,
  type OpColumns,
  PLACEMENTS,
  type ReportDocument,
  type TimeAccount,
  type Times,
} from "./document.ts";
import { holdingsOf } from "./memory.ts";
import { ownersOf } from "./owners.ts";
import { predictedTimes } from "./predicted.ts";
import { Scopes } from "./scopes.ts";
import { Strings } from "./strings.ts";
import { written } from "./written.ts";

/** What a document is made of. */
export interface DocumentParts {
  readonly graph: Graph;
  /** Reports on this graph, one per convention. The page begins with the first. */
  readonly reports: readonly [CostReport, ...CostReport[]];
  /** What `advise` found, with ids of this graph's ops. Default: none. */
  readonly advice?: Advised;
  /** What the device can do at most, and what that predicts; see `rooflineOf`. */
  readonly roofline?: Roofline | undefined;
  readonly account?: TimeAccount | undefined;
}

/** The document that the page shows, as plain JSON. Takes time linear in the graph per report. */
export function reportDocument(parts: DocumentParts): ReportDocument {
  const { graph, reports, roofline, account, advice } = parts;
  const [report] = reports;
  const strings = new Strings();
  const scopes = new Scopes(graph, strings);
  const kernels = [...new Set(graph.ops.map(({ kernel }) => kernel))];
  const { memory, unusedParams, unusedBytes, ...held } = holdingsOf(graph);
  const places = { strings, scopes, ops: graph.ops.length };
  const { totals, recorded, sparsity, training } = report;
  const { owners, owner } = ownersOf(graph, report, scopes);
  return {
    kind: "opcounter-report",
    version: 1,
    model: graph.name,
    device: graph.device,
    passes: report.passes,
    inputs: report.inputs.map((input) => ({ name: input.name, type: formatType(input) })),
    strings: strings.list,
    kernels: kernels.map((name) => ({ name, family: familyOf(name) })),
    scopes: scopes.columns,
    values: {
      name: graph.values.map((value) => strings.index(nameOf(graph, value))),
      type: graph.values.map((value) => strings.index(formatType(value))),
      op: graph.values.map((value) => (value.kind === "result" ? value.op : -1)),
    },
    ops: { ...opColumns(graph, report, kernels, { strings, scopes }), ...held, owner },
    owners,
    totals: {
      params: amount(totals.params),
      trainableParams: amount(totals.trainableParams),
      statistics: amount(totals.statistics),
      slots: amount(totals.slots),
      bytesRead: amount(totals.bytesRead),
      bytesWritten: amount(totals.bytesWritten),
      activations: amount(totals.activations),
      peakBytes: amount(totals.peakBytes),
      dispatches: totals.dispatches,
      gpuMs: totals.gpuTimeMs,
      unusedParams,
      unusedBytes,
    },
    memory: { ...memory, held: heldMemory(report.memory) },
    conventions: reports.map((each) => countsOf(each, places)),
    costs: report.costs.map(({ name, unit, description, total }) => ({
      ...{ name, unit, description, total },
    })),
    limits: roofline === undefined ? null : limitsOf(roofline),
    predicted: roofline === undefined ? null : predictedTimes(roofline, graph.ops.length, strings),
    times: timesOf(report),
    account: account ?? null,
    unused: recorded?.unused == null ? null : written(recorded.unused),
    left: recorded?.left ?? [],
    sparsity: sparsity === null ? null : written(sparsity),
    training: training === null ? null : written(training),
    advice: advice?.advice.map(withoutScope) ?? [],
    findings: advice?.findings.map(withoutScope) ?? [],
  };
}

/** Contractions whose result is a filter: the others have a weight as an operand. */
const FILTER_GRADIENTS: ReadonlySet<string> = new Set([
  "Conv2DBackpropFilter",
  "Conv3DBackpropFilterV2",
  "DepthwiseConv2dNativeBackpropFilter",
]);

function familyOf(kernel: string): Family {
  if (opDialect(kernel) === "wgsl") return "dispatch";
  if (MOVING_COMMANDS.some(({ name }) => name === kernel)) return "movement";
  if (FILTER_GRADIENTS.has(kernel)) return "contraction";
  if (isElementwise(kernel)) return "elementwise";
  switch (workOf(kernel)?.kind) {
    case "contraction":
      return "contraction";
    case "selection":
    case "rearrangement":
    case "assembly":
    case "creation":
      return "movement";
    default:
      return "other";
  }
}

/** A tensor's own name; `%12` for the result of op 12, `%12.1` for the second of several. */
function nameOf(graph: Graph, value: Value): string {
  switch (value.kind) {
    case "input":
    case "param":
      return value.name;
    case "constant":
      return value.data === undefined ? "constant" : `constant ${formatAttribute(value.data)}`;
    case "result":
      return graph.ops[value.op]?.results.length === 1
        ? `%${value.op}`
        : `%${value.op}.${value.index}`;
  }
}

type Traffic = Pick<OpColumns, "bytesRead" | "bytesWritten" | "activations" | "gpuMs" | "hostMs">;

function opColumns(
  graph: Graph,
  report: CostReport,
  kernels: readonly string[],
  { strings, scopes }: { strings: Strings; scopes: Scopes },
): Omit<OpColumns, "params" | "peakBytes" | "owner"> {
  const { ops } = graph;
  const kernelIndex = new Map(kernels.map((name, index) => [name, index]));
  const counted = new Set(report.ops.map(({ id }) => id));
  const operands = (op: Op) =>
    Object.entries(op.operands).map(([name, id]) => [strings.index(name), id] as const);
  const attributes = (op: Op) =>
    Object.entries(op.attrs).map(
      ([name, value]) => [strings.index(name), strings.index(formatAttribute(value))] as const,
    );
  return {
    kernel: ops.map(({ kernel }) => kernelIndex.get(kernel) ?? -1),
    scope: ops.map(({ scope }) => scopes.of(scope)),
    placement: ops.map(({ placement }) => PLACEMENTS.indexOf(placement)),
    operands: ops.map(operands),
    results: ops.map(({ results }) => results),
    attributes: ops.map(attributes),
    // What the user ignores has no figures, and is no part of the total.
    dispatches: ops.map(({ id, dispatches }) =>
      counted.has(id) ? dispatches.map((dispatch) => dispatchRow(dispatch, strings)) : [],
    ),
    ...trafficOf(graph, report),
  };
}

function trafficOf(graph: Graph, report: CostReport): Traffic {
  const rows = new Map(report.ops.map((row) => [row.id, row]));
  const each = <T>(of: (row: CostReport["ops"][number]) => T, none: T) =>
    graph.ops.map(({ id }) => {
      const row = rows.get(id);
      return row === undefined ? none : of(row);
    });
  const times = (column: (number | null)[]) =>
    column.every((time) => time === null) ? null : column;
  return {
    bytesRead: each(({ cost }) => amount(cost.bytesRead), 0),
    bytesWritten: each(({ cost }) => amount(cost.bytesWritten), 0),
    activations: each(({ cost }) => amount(cost.activations), 0),
    gpuMs: times(each<number | null>(({ cost }) => cost.gpuTimeMs, null)),
    hostMs: times(each<number | null>(({ cpuTimeMs }) => cpuTimeMs, null)),
  };
}

function dispatchRow(dispatch: Dispatch, strings: Strings): DispatchRow {
  const extent = (size: Extent | undefined) => strings.index(size?.join("×"));
  const { program, workgroups, workgroupSize, gpuTime } = dispatch;
  return [
    strings.index(program),
    extent(workgroups),
    extent(workgroupSize),
    gpuTime === undefined ? null : gpuTime.ns,
  ];
}

/** The limits that are drawn, of what may be known of a device besides. */
function limitsOf({ spec: { name, flops, bandwidth, launchNs } }: Roofline): DeviceLimits {
  return { name, flops, bandwidth, launchNs: launchNs ?? null };
}

function heldMemory(memory: MemoryReport): HeldMemory | null {
  const { recordedUsedBytes, recordedAllocatedBytes, explanation, differences } = written(memory);
  if (recordedUsedBytes === null || explanation === null) return null;
  return {
    usedBytes: recordedUsedBytes,
    allocatedBytes: recordedAllocatedBytes,
    explanation,
    differences: differences.map(({ cause, name, op, buffers, bytes }) => {
      return { cause, name, op, buffers, bytes };
    }),
  };
}

function timesOf({ recorded }: CostReport): Times | null {
  if (recorded?.times == null) return null;
  const { runs, wallMs, gpuMs, cpuMs, readbackMs } = recorded.times;
  return { runs, wallMs, gpuMs, cpuMs, readbackMs };
}

/** A scope is that of the ops, which the page knows. */
function withoutScope<T extends { readonly scope: unknown }>({ scope: _, ...entry }: T) {
  return entry;
}
