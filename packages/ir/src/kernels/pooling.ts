import { kernel } from "../kernel.ts";
import type { TensorType } from "../types.ts";
import type { AttributeSchemas } from "./attribute-schemas.ts";
import { int32, type Padding, perAxis, same, slideWindow } from "./shapes.ts";

interface PoolAttrs {
  readonly filterSize: number | readonly number[];
  readonly strides: number | readonly number[];
  readonly pad: Padding;
  readonly dimRoundingMode?: "floor" | "round" | "ceil" | undefined;
  readonly dataFormat?: string;
}

function pooled(x: TensorType, attrs: PoolAttrs): TensorType {
  const rank = x.shape.length - 2;
  const first = attrs.dataFormat === "NCDHW" ? 2 : 1;
  const window = {
    sizes: perAxis(attrs.filterSize, rank),
    strides: attrs.strides,
    pad: attrs.pad,
    rounding: attrs.dimRoundingMode,
  };
  const spatial = slideWindow(x.shape.slice(first, first + rank), window, first);
  const shape = x.shape.map((dimension, i) => spatial[i - first] ?? dimension);
  return { dtype: x.dtype, shape };
}

const windowed2d = (a: AttributeSchemas) => ({
  filterSize: a.spatial2d,
  strides: a.spatial2d,
  pad: a.padding2d,
});
const windowed3d = (a: AttributeSchemas) => ({
  filterSize: a.spatial3d,
  strides: a.spatial3d,
  pad: a.padding3d,
});
const rounding = (a: AttributeSchemas) => ({ dimRoundingMode: a.exactOptional(a.roundingMode) });
const x = { x: "required" } as const;

export const avgPool = kernel("AvgPool", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ ...windowed2d(a), ...rounding(a) }),
  infer: ({ x }, attrs) => [pooled(x, attrs)],
});
export const maxPool = kernel("MaxPool", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ ...windowed2d(a), ...rounding(a) }),
  infer: ({ x }, attrs) => [pooled(x, attrs)],
});
export const maxPoolWithArgmax = kernel("MaxPoolWithArgmax", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) =>
    a.strictObject({
      filterSize: a.spatial2d,
      strides: a.spatial2d,
      pad: a.padding3d,
      includeBatchInIndex: a.boolean(),
    }),
  infer: ({ x }, attrs) => {
    const y = pooled(x, attrs);
    return [y, int32(y.shape)];
  },
});
export const avgPool3D = kernel("AvgPool3D", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ ...windowed3d(a), ...rounding(a), dataFormat: a.dataFormat3d }),
  infer: ({ x }, attrs) => [pooled(x, attrs)],
});
export const maxPool3D = kernel("MaxPool3D", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ ...windowed3d(a), ...rounding(a), dataFormat: a.dataFormat3d }),
  infer: ({ x }, attrs) => [pooled(x, attrs)],
});

export const avgPoolGrad = kernel("AvgPoolGrad", {
  operands: { dy: "required", input: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject(windowed2d(a)),
  infer: ({ input }) => [same(input)],
});
export const avgPool3DGrad = kernel("AvgPool3DGrad", {
  operands: { dy: "required", input: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ ...windowed3d(a), ...rounding(a) }),
  infer: ({ input }) => [same(input)],
});
export const maxPoolGrad = kernel("MaxPoolGrad", {
  operands: { dy: "required", input: "required", output: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ ...windowed2d(a), ...rounding(a) }),
  infer: ({ input }) => [same(input)],
});
export const maxPool3DGrad = kernel("MaxPool3DGrad", {
  operands: { dy: "required", input: "required", output: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ ...windowed3d(a), ...rounding(a) }),
  infer: ({ input }) => [same(input)],
});
