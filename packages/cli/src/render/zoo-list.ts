import type { ZooInput, ZooModel } from "../zoo/zoo-model.ts";
import { type Column, type Paint, renderColumns } from "./columns.ts";

const COLUMNS: readonly Column[] = [
  { title: "model", align: "left", rank: 10, least: 18 },
  { title: "input", align: "left", rank: 8 },
  { title: "paper", align: "left", rank: 9, least: 20 },
];

/** The zoo's models with their inputs and papers, one per line. */
export function renderZooList(
  models: readonly Omit<ZooModel, "build">[],
  width: number,
  paint: Paint,
): string {
  const rows = models.map(({ name, inputs, paper }) => ({
    ...{ name, input: sizes(inputs), paper: `${paper.title} (${paper.year})` },
  }));
  return renderColumns(COLUMNS, rows, width, paint);
}

function sizes(inputs: readonly ZooInput[]): string {
  return inputs.map(({ shape }) => shape.join("x")).join(" ");
}
