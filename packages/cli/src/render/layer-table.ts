import type { CostReport, OpRow, ScopeRow } from "@opcounter/counters";
import { type Graph, type TensorType, typeOfCallValue } from "@opcounter/ir";
import type { Cells, Column } from "./columns.ts";
import type { Units } from "./figures.ts";
import { figuresOf, headlineOf } from "./figures.ts";
import { indented, NO_SCOPE } from "./rows.ts";
import { type ScopeApart, scopesApart } from "./scopes-apart.ts";
import { visible } from "./visible.ts";

const WORDS: readonly Column[] = [
  { title: "layer", align: "left", rank: 10 },
  { title: "class", align: "left", rank: 7 },
  { title: "kernel", align: "left", rank: 5, least: 6 },
  { title: "stride", align: "left", rank: 3, least: 6 },
  { title: "input", align: "left", rank: 4 },
  { title: "output", align: "left", rank: 6 },
];

interface LayerTable {
  readonly columns: readonly Column[];
  readonly rows: readonly Cells[];
}

/**
 * A row per layer, with its shapes, as torchinfo's summary has them. Parameters and multiply-adds of
 * a layer with layers inside are those that no row inside it has, so that the columns add up.
 */
export function layerTable(
  report: CostReport,
  graph: Graph,
  { depth, units }: { depth: number; units: Units },
): LayerTable {
  const headline = headlineOf(report);
  const figures = figuresOf({ macs: report.macs, costs: [] }).filter(
    ({ name }) => name === "params" || name === headline,
  );
  const titleOf = (name: string, title: string) => (name === "macs" ? "mult-adds" : title);
  const inputs = inputsByScope(graph);
  const ops = opsByScope(report);
  const apart = new Map(scopesApart(report, depth).map((row) => [row.scope, row]));
  const cellsOf = (row: ScopeRow): Cells => {
    const own = apart.get(row.scope);
    const values = figures.map(({ name, title, valueIn, text }) => {
      const value = own === undefined ? null : valueIn(figuresOfRow(own));
      return [titleOf(name, title), value === null ? "–" : text(value, units)];
    });
    return {
      ...Object.fromEntries(values),
      ...windowOf(ops.get(row.scope) ?? []),
      name: row.scope === "" ? NO_SCOPE : indented(row),
      class: row.className ?? "",
      input: (inputs.get(row.scope) ?? []).map(sizeOf).join(" "),
      output: row.outputs.map(sizeOf).join(" "),
    };
  };
  return {
    columns: [
      ...WORDS,
      ...figures.map(
        ({ name, title, rank }): Column => ({ title: titleOf(name, title), align: "right", rank }),
      ),
    ],
    rows: report.byScope.filter((row) => row.depth <= depth).map(cellsOf),
  };
}

function figuresOfRow(row: ScopeApart) {
  return { ...row, calls: null, shared: null, memory: null };
}

/** What each layer or node is called with, by its scope as reports write it. */
function inputsByScope(graph: Graph): ReadonlyMap<string, readonly TensorType[]> {
  return new Map(
    graph.calls.map(({ scope, inputs }) => [
      visible(scope.join("/")),
      inputs.map((value) => typeOfCallValue(graph, value)),
    ]),
  );
}

function opsByScope({ ops }: CostReport): ReadonlyMap<string, readonly OpRow[]> {
  const byScope = new Map<string, OpRow[]>();
  for (const op of ops) {
    const known = byScope.get(op.scope);
    if (known === undefined) byScope.set(op.scope, [op]);
    else known.push(op);
  }
  return byScope;
}

/** The kernel size and stride of the first convolution or pool among a layer's own ops. */
function windowOf(ops: readonly OpRow[]): Cells {
  for (const { inputs, attrs, outputs } of ops) {
    const axes = (outputs[0]?.shape.length ?? 0) - 2;
    const { filterSize, strides } = attrs;
    const filter = inputs["filter"]?.shape.slice(0, -2);
    const kernel = filter ?? perAxis(filterSize, axes);
    if (kernel === undefined) continue;
    return { kernel: kernel.join("×"), stride: perAxis(strides, axes)?.join("×") ?? "" };
  }
  return {};
}

/** TensorFlow.js writes a size that all axes have once. */
function perAxis(size: unknown, axes: number): readonly unknown[] | undefined {
  if (Array.isArray(size)) return size;
  return typeof size === "number" ? new Array<number>(Math.max(axes, 0)).fill(size) : undefined;
}

/** `1×224×224×3` */
function sizeOf({ shape }: TensorType): string {
  return shape.join("×") || "scalar";
}
