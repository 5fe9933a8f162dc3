import type { CostReport, OpRow } from "@opcounter/counters";
import { type Dispatch, grouped, invocationsOf, shortBytes } from "@opcounter/ir";
import { type Cells, type Column, type Paint, renderColumns } from "./columns.ts";
import { milliseconds, short } from "./numbers.ts";

const COLUMNS: readonly Column[] = [
  { title: "op", align: "left", rank: 10 },
  { title: "scope", align: "left", rank: 6.5 },
  { title: "program", align: "left", rank: 9 },
  { title: "workgroups", align: "right", rank: 7 },
  { title: "of", align: "right", rank: 5 },
  { title: "invocations", align: "right", rank: 8 },
  { title: "MACs", align: "right", rank: 6 },
  { title: "outputs", align: "right", rank: 4 },
  { title: "bound", align: "right", rank: 2 },
  { title: "GPU time", align: "right", rank: 8 },
  { title: "shader", align: "left", rank: 1 },
];

/**
 * Every dispatch in order, with its op. Beside the invocations are the MACs of the op and the
 * elements of its results.
 */
export function renderDispatches(report: CostReport, width: number, paint: Paint): string {
  const rows = report.ops.flatMap((op) =>
    op.dispatches.map((dispatch, i) => cells(op, dispatch, i)),
  );
  return renderColumns(COLUMNS, rows, width, paint);
}

function cells(op: OpRow, dispatch: Dispatch, index: number): Cells {
  const { program, workgroups, workgroupSize, buffers, shader = "", gpuTime } = dispatch;
  const outputs = op.outputs.reduce(
    (sum, { shape }) => sum + shape.reduce((product, dimension) => product * dimension, 1),
    0,
  );
  // The work of an op is printed once, with its first dispatch.
  const own: Cells =
    index > 0 ? {} : { MACs: op.cost.macs ? short(op.cost.macs) : "", outputs: short(outputs) };
  const invocations = invocationsOf(dispatch);
  return {
    name: `%${op.id} ${op.kernel}`,
    scope: op.scope,
    program,
    workgroups: workgroups.join("×"),
    of: workgroupSize?.join("×") ?? "",
    invocations: invocations === undefined ? "" : grouped(invocations),
    ...own,
    bound: buffers === undefined ? "" : shortBytes(buffers.reduce((sum, bytes) => sum + bytes, 0)),
    "GPU time":
      gpuTime === undefined ? "" : milliseconds(gpuTime.ns === null ? null : gpuTime.ns / 1e6),
    shader,
  };
}
