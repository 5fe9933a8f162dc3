import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { opcounter } from "../command-line.ts";
import type { Row } from "../generated-table.ts";
import type { RealModel } from "./catalog.ts";

export const COLUMNS: Row = [
  ...["package", "model", "inputs", "params", "MACs", "FLOPs"],
  ...["peak bytes", "ops", "dispatches", "uncounted"],
];

/**
 * A model's row of the table.
 *
 * @param folder what holds `node_modules` with the model's package. Modules are written there.
 * @throws Error with what the command line says where the model cannot be profiled.
 */
export function rowOf(model: RealModel, folder: string): Row {
  const { stdout, stderr, status } = opcounter(
    ["profile", ...argumentsFor(model, folder), "--device", "virtual", "--format", "json"],
    folder,
  );
  if (status !== 0) throw new Error(`${model.package} ${model.name}: ${stderr}`);
  const { inputs, totals, uncounted } = JSON.parse(stdout);
  const shapes = inputs.map(({ shape }: { shape: number[] }) => shape.join("×") || "scalar");
  const figures = [totals.params, totals.macs, totals.flops, totals.peakBytes, totals.ops];
  return [
    model.package,
    model.name,
    shapes.join(" "),
    ...[...figures, totals.dispatches].map((figure) => Number(figure).toLocaleString("en")),
    uncounted.map(({ kernel }: { kernel: string }) => kernel).join(" ") || "–",
  ];
}

function argumentsFor(model: RealModel, folder: string): string[] {
  const modules = join(folder, "modules");
  const write = (kind: string, code: string) => {
    mkdirSync(modules, { recursive: true });
    const file = join(modules, `${model.name}.${kind}.ts`);
    writeFileSync(file, code);
    return file;
  };
  const { target, plugin, options } = model;
  return [
    "path" in target
      ? join(folder, "node_modules", model.package, target.path)
      : write("model", target.module),
    ...(plugin === undefined ? [] : ["--plugin", write("plugin", plugin)]),
    ...options,
  ];
}
