import type { Integer, NamedType } from "@opcounter/counters";
import { grouped, shortBytes } from "@opcounter/ir";
import { markdownTable } from "markdown-table";
import type { ZooRow } from "../zoo/zoo-row.ts";
import { type Cells, type Column, type Paint, renderColumns } from "./columns.ts";
import { fold } from "./lines.ts";
import { short } from "./numbers.ts";

const COLUMNS: readonly Column[] = [
  { title: "model", align: "left", rank: 10 },
  { title: "input", align: "left", rank: 2 },
  { title: "params", align: "right", rank: 9 },
  { title: "thop@2019-09", align: "right", rank: 8 },
  { title: "thop@head", align: "right", rank: 4 },
  { title: "MACs", align: "right", rank: 7 },
  { title: "FLOPs", align: "right", rank: 6 },
  { title: "peak memory", align: "right", rank: 5 },
  { title: "dispatches", align: "right", rank: 3 },
  { title: "ops", align: "right", rank: 1 },
];

const LEGEND = "thop@…: MACs as these versions of PyTorch-OpCounter count; the rest is native";

/** The zoo's table for a terminal. */
export function renderZooTable(rows: readonly ZooRow[], width: number, paint: Paint): string {
  return [
    renderColumns(COLUMNS, rows.map(cells), width, paint),
    "",
    paint.dim(fold(LEGEND, width)),
  ].join("\n");
}

/** The zoo's table in Markdown, with every column. */
export function zooTableMarkdown(rows: readonly ZooRow[]): string {
  const lines = rows
    .map(cells)
    .map((row) => COLUMNS.map(({ title }, i) => (i === 0 ? row["name"] : row[title]) ?? ""));
  return markdownTable([COLUMNS.map(({ title }) => title), ...lines], {
    align: COLUMNS.map(({ align }) => align),
  });
}

function cells({ name, inputs, params, macs, flops, ...row }: ZooRow): Cells {
  return {
    name,
    input: inputs.map(size).join(" "),
    // As in thop's README: in millions and billions, with two decimals.
    params: inUnits(params, 1e6, "M"),
    "thop@2019-09": inUnits(macs["thop@2019-09"], 1e9, "G"),
    "thop@head": short(macs["thop@head"]),
    MACs: short(macs.native),
    FLOPs: short(flops),
    "peak memory": shortBytes(row.peakBytes),
    dispatches: grouped(row.dispatches),
    ops: grouped(row.ops),
  };
}

function size({ shape }: NamedType): string {
  return shape.join("x") || "scalar";
}

/** A count with two decimals: 0.57 G; <0.01 G if it is above 0 and below that. */
function inUnits(value: Integer | null, unit: number, symbol: string): string {
  if (value === null) return "–";
  const units = Number(value) / unit;
  return units > 0 && units < 0.005 ? `<0.01 ${symbol}` : `${units.toFixed(2)} ${symbol}`;
}
