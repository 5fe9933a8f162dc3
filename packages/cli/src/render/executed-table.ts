import { WORK_KINDS } from "@opcounter/executed/work";
import { OpcounterError, shortBytes } from "@opcounter/ir";
import type { ExecutedCost, ExecutedReport } from "../executed/report.ts";
import { floatOperations } from "../executed/waste.ts";
import type { DataColumn, DataTable } from "./data-table.ts";
import { percent, short } from "./numbers.ts";
import type { Found } from "./output-format.ts";
import type { Grouping } from "./rows.ts";

/** Which rows there are. */
export interface ExecutedRows {
  readonly by: Grouping;
  readonly depth: number;
  /** So many that execute most beyond their formulas; all, in order, where it is left out. */
  readonly top?: number | undefined;
}

interface Row {
  readonly name: string;
  readonly scope: string;
  readonly cost: ExecutedCost;
  readonly reasons: readonly string[];
}

/** For people. */
export function executedTable(report: ExecutedReport, asked: ExecutedRows): DataTable<Row> {
  const below = ({ reasons }: Row) => (reasons.length === 0 ? undefined : reasons.join("; "));
  return { columns: COLUMNS, rows: chosenRows(report, asked), below };
}

/** For papers, which have a column for what is below a row in a terminal. */
export function executedTableWithCauses(
  report: ExecutedReport,
  asked: ExecutedRows,
): DataTable<Row> {
  return { columns: [...COLUMNS, CAUSES], rows: chosenRows(report, asked) };
}

/** Every amount, for programs. */
export function executedAmounts(report: ExecutedReport, asked: ExecutedRows): DataTable<Row> {
  const amount = (title: string, value: (cost: ExecutedCost) => number | bigint) =>
    ({
      ...{ title, align: "right", rank: 0 },
      value: ({ cost }) => value(cost),
    }) satisfies DataColumn<Row>;
  return {
    columns: [
      NAME,
      SCOPE,
      amount("dispatches", ({ dispatches }) => dispatches),
      amount("uncounted", ({ uncounted }) => uncounted),
      amount("macs", ({ macs }) => macs),
      amount("products", ({ products }) => products),
      ...WORK_KINDS.map((kind) => amount(kind, ({ work }) => work[kind])),
      amount("bytesRead", ({ bytesRead }) => bytesRead),
      amount("bytesWritten", ({ bytesWritten }) => bytesWritten),
      amount("invocations", ({ invocations }) => invocations),
      amount("idleInvocations", ({ idleInvocations }) => idleInvocations),
      amount("barriers", ({ barriers }) => barriers),
      amount("divergences", ({ divergences }) => divergences),
      CAUSES,
    ],
    rows: chosenRows(report, asked),
  };
}

/**
 * Checks that a format of one table is not asked for another one beside.
 *
 * @throws OpcounterError "options-conflict" where it is.
 */
export function checkOneTable(format: string, { roofline, rows }: Found): void {
  if (roofline !== undefined) {
    throw new OpcounterError(
      "options-conflict",
      `{ format: "${format}" } has one table, and executed work and a roofline are two`,
      { remedy: 'leave out one of them, or use { format: "json" }' },
    );
  }
  if (rows.sort === undefined && rows.columns === undefined) return;
  throw new OpcounterError("options-conflict", "Executed work has columns of its own", {
    remedy: "leave out what orders or chooses others",
  });
}

const NAME: DataColumn<Row> = {
  ...{ title: "most beyond its formula", valueTitle: "name", align: "left", rank: 10 },
  value: ({ name }) => name,
};

const SCOPE: DataColumn<Row> = {
  ...{ title: "scope", align: "left", rank: 6.5, value: ({ scope }) => scope },
};

const CAUSES: DataColumn<Row> = {
  ...{ title: "why", align: "left", rank: 0, value: ({ reasons }) => reasons.join("; ") },
};

function column(
  title: string,
  rank: number,
  amount: (cost: ExecutedCost) => number,
  text: (amount: number, cost: ExecutedCost) => string,
): DataColumn<Row> {
  return {
    ...{ title, align: "right", rank, value: ({ cost }) => amount(cost) },
    text: ({ cost }) => (amount(cost) === 0 ? "" : text(amount(cost), cost)),
  };
}

/** How many times another amount, with two decimals; 0 where there is none. */
function times(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

const decimals = (amount: number) => amount.toFixed(2);

const COLUMNS: readonly DataColumn<Row>[] = [
  NAME,
  SCOPE,
  column("products", 9, ({ products }) => products, short),
  column("per MAC", 8, ({ products, macs }) => times(products, Number(macs)), decimals),
  column("integers", 7, ({ work }) => work.integers, short),
  column("per float", 5, ({ work }) => times(work.integers, floatOperations(work)), decimals),
  column("loaded", 6, ({ work }) => work.loadBytes, shortBytes),
  column(
    "× operands",
    4,
    ({ work, bytesRead }) => times(work.loadBytes, Number(bytesRead)),
    decimals,
  ),
  column("stored", 2, ({ work }) => work.storeBytes, shortBytes),
  column(
    "no result",
    3,
    ({ idleInvocations }) => idleInvocations,
    (idle, { invocations }) => percent(idle, invocations),
  ),
  column("part ways", 1, ({ divergences }) => divergences, short),
];

function chosenRows(report: ExecutedReport, { by, depth, top }: ExecutedRows): Row[] {
  const rows = rowsOf(report, by, depth);
  if (top === undefined) return rows;
  return rows.sort((a, b) => beyond(b.cost) - beyond(a.cost)).slice(0, top);
}

function rowsOf(report: ExecutedReport, by: Grouping, depth: number): Row[] {
  if (by === "kernel") {
    return report.byKernel.map((cost) => ({ name: cost.kernel, scope: "", cost, reasons: [] }));
  }
  // Those at the depth, and those above it with none inside.
  const scopes = report.byScope.filter(
    (row) =>
      row.depth === depth ||
      (row.depth < depth && !report.byScope.some(({ scope }) => scope.startsWith(`${row.scope}/`))),
  );
  if (by === "scope" && scopes.length > 0) {
    return scopes.map((cost) => ({ name: cost.scope, scope: "", cost, reasons: [] }));
  }
  return report.ops.map((op) => ({
    name: `%${op.id} ${op.kernel}`,
    scope: op.scope,
    cost: op,
    reasons: op.waste.map(({ reason }) => reason),
  }));
}

/** Operations that are executed beyond those that the formulas count. */
function beyond({ work, flops }: ExecutedCost): number {
  return floatOperations(work) + work.multiplyAdds + work.integers - Number(flops);
}
