import { kernel } from "../kernel.ts";
import type { TensorType } from "../types.ts";
import {
  boolean,
  dataFormat3d,
  optional,
  padding2d,
  padding3d,
  roundingMode,
  spatial2d,
  spatial3d,
} from "./attribute-types.ts";
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

const windowed2d = {
  filterSize: spatial2d,
  strides: spatial2d,
  pad: padding2d,
};
const windowed3d = {
  filterSize: spatial3d,
  strides: spatial3d,
  pad: padding3d,
};
const rounding = { dimRoundingMode: optional(roundingMode) };
const x = { x: "required" } as const;

export const avgPool = kernel("AvgPool", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: { ...windowed2d, ...rounding },
  infer: ({ x }, attrs) => [pooled(x, attrs)],
});
export const maxPool = kernel("MaxPool", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: { ...windowed2d, ...rounding },
  infer: ({ x }, attrs) => [pooled(x, attrs)],
});
export const maxPoolWithArgmax = kernel("MaxPoolWithArgmax", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: {
    filterSize: spatial2d,
    strides: spatial2d,
    pad: padding3d,
    includeBatchInIndex: boolean,
  },
  infer: ({ x }, attrs) => {
    const y = pooled(x, attrs);
    return [y, int32(y.shape)];
  },
});
export const avgPool3D = kernel("AvgPool3D", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: { ...windowed3d, ...rounding, dataFormat: dataFormat3d },
  infer: ({ x }, attrs) => [pooled(x, attrs)],
});
export const maxPool3D = kernel("MaxPool3D", {
  operands: x,
  work: { kind: "computation" },
  host: "cpu",
  attrs: { ...windowed3d, ...rounding, dataFormat: dataFormat3d },
  // The WebGPU backend keeps the dtype, the CPU backend gives floats.
  infer: ({ x }, attrs) => (x.dtype === "float32" ? [pooled(x, attrs)] : undefined),
});

export const avgPoolGrad = kernel("AvgPoolGrad", {
  operands: { dy: "required", input: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: windowed2d,
  infer: ({ input }) => [same(input)],
});
export const avgPool3DGrad = kernel("AvgPool3DGrad", {
  operands: { dy: "required", input: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { ...windowed3d, ...rounding },
  infer: ({ input }) => [same(input)],
});
export const maxPoolGrad = kernel("MaxPoolGrad", {
  operands: { dy: "required", input: "required", output: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { ...windowed2d, ...rounding },
  infer: ({ input }) => [same(input)],
});
export const maxPool3DGrad = kernel("MaxPool3DGrad", {
  operands: { dy: "required", input: "required", output: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { ...windowed3d, ...rounding },
  infer: ({ input }) => [same(input)],
});
