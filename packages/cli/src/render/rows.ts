import type { Cost, CostReport, Integer, ScopeRow } from "@opcounter/counters";
import { exact } from "@opcounter/counters";
import { formatType, grouped, shortBytes, type TensorType } from "@opcounter/ir";
import type { DataColumn, DataTable } from "./data-table.ts";
import { formulaOf } from "./formula.ts";
import { milliseconds, percent, short } from "./numbers.ts";
import { ownColumns, weightOf } from "./own-costs.ts";

export type Grouping = "scope" | "owner" | "kernel" | "op";

/** Which rows of a report are shown. */
export interface RowOptions {
  readonly by: Grouping;
  /** Scopes that are deeper than this have no row of their own. */
  readonly depth: number;
  /** How many rows are shown: those that cost the most. Undefined shows all. */
  readonly top: number | undefined;
  /** The cost that rows are sorted by, the highest first; see `checkSort`. */
  readonly sort: string | undefined;
  /** Whether each op's formula is shown with its numbers. */
  readonly verbose: boolean;
}

/** A row of any grouping; what its grouping does not have is null. */
export interface Row {
  /** In full, and as a terminal shows it. */
  readonly name: string;
  readonly shown: string;
  readonly className: string | null;
  readonly scope: string | null;
  readonly outputs: readonly TensorType[];
  readonly calls: number | null;
  readonly ops: number | null;
  readonly params: Integer | null;
  readonly sharedParams: Integer | null;
  readonly cost: Cost;
  readonly formula?: string | undefined;
}

/** The rows of a report that the options ask for, and how many they leave out. */
export function rowsOf(
  report: CostReport,
  options: RowOptions,
): { table: DataTable<Row>; omitted: number } {
  const all = groupedRows(report, options);
  const { top = all.length, sort } = options;
  // The report has its kernels sorted by the same figure already.
  const isInOrder = !isSorted(options) || (options.by === "kernel" && sort === undefined);
  const weight = sort ?? figureOf(report).figure;
  const rows = isInOrder
    ? all
    : all.toSorted((a, b) => weightOf(b.cost, weight) - weightOf(a.cost, weight));
  return {
    table: {
      columns: columnsOf(report, options),
      rows: rows.slice(0, top),
      below: ({ formula }) => formula,
    },
    omitted: Math.max(0, all.length - top),
  };
}

/** The figure a report is about: MACs, or FLOPs under a convention that counts those. */
export function figureOf({ macs }: CostReport): { figure: "macs" | "flops"; title: string } {
  return macs === null ? { figure: "flops", title: "FLOPs" } : { figure: "macs", title: "MACs" };
}

/** Whether rows are sorted by a cost, and not in order of execution. */
function isSorted({ top, sort }: RowOptions): boolean {
  return top !== undefined || sort !== undefined;
}

const NO_SCOPE = "(no scope)";

const NONE = {
  ...{ className: null, scope: null, outputs: [], calls: null, ops: null },
  ...{ params: null, sharedParams: null },
};

function groupedRows(report: CostReport, options: RowOptions): Row[] {
  switch (options.by) {
    case "scope":
      return report.byScope
        .filter(({ depth }) => depth <= options.depth)
        .map((row) => {
          const { scope: name, className, outputs, ops, params } = row;
          const shown = isSorted(options) ? name || NO_SCOPE : indented(row);
          return { ...NONE, name, shown, className, outputs, ops, params, cost: row };
        });
    case "owner":
      return report.byOwner.map((row) => {
        const { owner: name, className, calls, ops, params, sharedParams } = row;
        const shown = name || NO_SCOPE;
        return { ...NONE, name, shown, className, calls, ops, params, sharedParams, cost: row };
      });
    case "kernel":
      return report.byKernel.map((row) => {
        const { kernel: name, ops } = row;
        return { ...NONE, name, shown: name, ops, cost: row };
      });
    case "op":
      return report.ops.map((row) => {
        const { id, kernel, scope, outputs, cost } = row;
        const name = `%${id} ${kernel}`;
        const formula = options.verbose ? formulaOf(report, row) : undefined;
        return { ...NONE, name, shown: name, scope, outputs, cost, formula };
      });
  }
}

function indented({ scope, depth }: ScopeRow): string {
  if (scope === "") return NO_SCOPE;
  return `${"  ".repeat(depth - 1)}${scope.slice(scope.lastIndexOf("/") + 1)}`;
}

/** On a narrow terminal the columns of the lowest rank are left out first. */
function columnsOf(report: CostReport, { by }: RowOptions): DataColumn<Row>[] {
  const isShared = report.byOwner.some(({ sharedParams }) => sharedParams !== 0);
  const only = (groupings: readonly Grouping[], column: DataColumn<Row>) =>
    groupings.includes(by) ? [column] : [];
  return [
    {
      ...{ title: by, align: "left", rank: 10, value: ({ name }) => name },
      text: ({ shown }) => shown,
    },
    ...only(["scope", "owner"], {
      ...{ title: "class", align: "left", rank: 3, value: ({ className }) => className },
    }),
    ...only(["op"], { title: "scope", align: "left", rank: 8, value: ({ scope }) => scope }),
    ...only(["scope", "op"], {
      ...{ title: "output", align: "left", rank: 2 },
      value: ({ outputs }) => outputs.map(formatType).join(" "),
    }),
    ...only(
      ["owner"],
      countColumn("calls", 6, ({ calls }) => calls),
    ),
    ...only(
      ["scope", "owner", "kernel"],
      countColumn("ops", 1, ({ ops }) => ops),
    ),
    ...only(
      ["scope", "owner"],
      shortColumn("params", 7, ({ params }) => params),
    ),
    ...(isShared ? only(["owner"], sharedColumn) : []),
    ...costColumns(report),
  ];
}

const sharedColumn: DataColumn<Row> = {
  ...{ title: "shared", align: "right", rank: 6, value: ({ sharedParams }) => sharedParams },
  text: ({ sharedParams }) => (sharedParams === 0 ? "" : short(sharedParams)),
};

function costColumns(report: CostReport): DataColumn<Row>[] {
  const { figure, title } = figureOf(report);
  const whole = report.totals[figure];
  const bytes = ({ cost }: Row) => exact(BigInt(cost.bytesRead) + BigInt(cost.bytesWritten));
  return [
    shortColumn(title, 9, ({ cost }) => cost[figure]),
    {
      ...{ title: "share", align: "right", rank: 8 },
      value: ({ cost }) => (Number(whole) === 0 ? null : Number(cost[figure]) / Number(whole)),
      text: ({ cost }) => percent(cost[figure], whole),
    },
    ...(figure === "flops" ? [] : [shortColumn("flops", 6, ({ cost }) => cost.flops)]),
    {
      ...{ title: "bytes", align: "right", rank: 5, value: bytes },
      text: (row) => shortBytes(bytes(row)),
    },
    shortColumn("activations", 0, ({ cost }) => cost.activations),
    countColumn("dispatches", 4, ({ cost }) => cost.dispatches),
    {
      ...{ title: "on host", align: "right", rank: 5, value: ({ cost }) => cost.hostOps },
      text: ({ cost: { hostOps }, ops }) =>
        hostOps === 0 ? "" : ops === null ? "yes" : grouped(hostOps),
    },
    {
      ...{ title: "GPU time", align: "right", rank: 8, value: ({ cost }) => cost.gpuTimeMs },
      text: ({ cost: { gpuTimeMs } }) => (gpuTimeMs === null ? "" : milliseconds(gpuTimeMs)),
    },
    ...ownColumns(report),
  ];
}

function shortColumn(
  title: string,
  rank: number,
  value: (row: Row) => Integer | null,
): DataColumn<Row> {
  return { title, align: "right", rank, value, text: (row) => short(value(row)) };
}

function countColumn(
  title: string,
  rank: number,
  value: (row: Row) => number | null,
): DataColumn<Row> {
  const text = (row: Row) => grouped(value(row) ?? 0);
  return { title, align: "right", rank, value, text };
}
