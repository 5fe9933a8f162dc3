import type { CostReport, Integer, NamedType } from "@opcounter/counters";
import { grouped, shortBytes } from "@opcounter/ir";
import type { DataColumn, DataTable } from "./data-table.ts";
import { short } from "./numbers.ts";
import { ownColumns } from "./own-costs.ts";

/** What a table of models has of each. */
export interface ModelRow {
  readonly name: string;
  readonly inputs: readonly NamedType[];
  readonly params: Integer;
  readonly macs: Integer | null;
  readonly flops: Integer | null;
  readonly peakBytes: Integer;
  readonly dispatches: number;
  readonly ops: number;
}

/** The columns of models. On a narrow terminal those of the lowest rank are left out first. */
export const MODEL_COLUMNS = {
  name: { title: "model", align: "left", rank: 10, value: ({ name }) => name },
  inputs: {
    ...{ title: "input", align: "left", rank: 2 },
    value: ({ inputs }) => inputs.map(({ shape }) => shape.join("x") || "scalar").join(" "),
  },
  params: {
    ...{ title: "params", align: "right", rank: 9, value: ({ params }) => params },
    text: ({ params }) => short(params),
  },
  macs: {
    ...{ title: "MACs", align: "right", rank: 7, value: ({ macs }) => macs },
    text: ({ macs }) => short(macs),
  },
  flops: {
    ...{ title: "FLOPs", align: "right", rank: 6, value: ({ flops }) => flops },
    text: ({ flops }) => short(flops),
  },
  peakMemory: {
    ...{ title: "peak memory", align: "right", rank: 5, value: ({ peakBytes }) => peakBytes },
    text: ({ peakBytes }) => shortBytes(peakBytes),
  },
  dispatches: {
    ...{ title: "dispatches", align: "right", rank: 3, value: ({ dispatches }) => dispatches },
    text: ({ dispatches }) => grouped(dispatches),
  },
  ops: {
    ...{ title: "ops", align: "right", rank: 1, value: ({ ops }) => ops },
    text: ({ ops }) => grouped(ops),
  },
} as const satisfies Readonly<Record<string, DataColumn<ModelRow>>>;

/** A report as a row. */
interface ReportRow extends ModelRow {
  readonly cost: CostReport["totals"];
}

/** The table of a paper: one row for each report. They are by the same convention and costs. */
export function modelsTable(reports: readonly CostReport[]): DataTable<ReportRow> {
  const isCounted = ({ value }: DataColumn<ReportRow>) => rows.some((row) => value(row) !== null);
  const rows = reports.map(({ model, inputs, totals }) => ({
    ...{ name: model, inputs, cost: totals },
    ...totals,
  }));
  const columns: DataColumn<ReportRow>[] = Object.values(MODEL_COLUMNS);
  const own = reports[0] === undefined ? [] : ownColumns(reports[0]);
  return { columns: [...columns.filter(isCounted), ...own], rows };
}
