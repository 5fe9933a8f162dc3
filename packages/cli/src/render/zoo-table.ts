import type { Integer } from "@opcounter/counters";
import type { ZooConvention, ZooRow } from "../zoo/zoo-row.ts";
import type { Paint } from "./columns.ts";
import { type DataColumn, type DataTable, tableForTerminal } from "./data-table.ts";
import { fold } from "./lines.ts";
import { MODEL_COLUMNS, type ModelRow } from "./model-table.ts";
import { short } from "./numbers.ts";

interface ZooTableRow extends ModelRow {
  readonly by: ZooRow["macs"];
  readonly productsPerMac?: number | null;
}

/** Executed over logical work: 1 where shaders multiply what the formulas ask for, and no more. */
const EXECUTED: DataColumn<ZooTableRow> = {
  ...{ title: "executed per MAC", align: "right", rank: 8 },
  value: ({ productsPerMac }) => productsPerMac ?? null,
  text: ({ productsPerMac }) => productsPerMac?.toFixed(2) ?? "–",
};

/** The zoo's table: parameters as in thop's README, and MACs as two of thop's versions count. */
export function zooTable(rows: readonly ZooRow[]): DataTable<ZooTableRow> {
  const { name, inputs, params, ...rest } = MODEL_COLUMNS;
  const isExecuted = rows.some(({ productsPerMac }) => productsPerMac !== undefined);
  return {
    columns: [
      name,
      inputs,
      // In millions and billions, with two decimals.
      { ...params, text: (row) => inUnits(row.params, 1e6, "M") },
      macsBy("thop@2019-09", 8, (macs) => inUnits(macs, 1e9, "G")),
      macsBy("thop@head", 4, short),
      ...(isExecuted ? [EXECUTED] : []),
      ...Object.values(rest),
    ],
    rows: rows.map(({ macs, ...row }) => ({ ...row, macs: macs.native, by: macs })),
  };
}

const LEGEND = "thop@…: MACs as these versions of PyTorch-OpCounter count; the rest is native";

/** The zoo's table for a terminal. */
export function renderZooTable(rows: readonly ZooRow[], width: number, paint: Paint): string {
  return [tableForTerminal(zooTable(rows), width, paint), "", paint.dim(fold(LEGEND, width))].join(
    "\n",
  );
}

function macsBy(
  title: ZooConvention,
  rank: number,
  show: (macs: Integer | null) => string,
): DataColumn<ZooTableRow> {
  const value = ({ by }: ZooTableRow) => by[title];
  return { title, align: "right", rank, value, text: (row) => show(value(row)) };
}

/** A count with two decimals: 0.57 G; <0.01 G if it is above 0 and below that. */
function inUnits(value: Integer | null, unit: number, symbol: string): string {
  if (value === null) return "–";
  const units = Number(value) / unit;
  return units > 0 && units < 0.005 ? `<0.01 ${symbol}` : `${units.toFixed(2)} ${symbol}`;
}
