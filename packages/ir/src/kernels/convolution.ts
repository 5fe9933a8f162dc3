import { kernel } from "../kernel.ts";
import type { Shape, TensorType } from "../types.ts";
import {
  activation,
  dataFormat2d,
  dataFormat3d,
  implicitPadding,
  nullable,
  number,
  optional,
  padding2d,
  padding3d,
  roundingMode,
  shape4d,
  shape5d,
  spatial2d,
  spatial3d,
} from "./attribute-types.ts";
import { float32, fourOf, lengthOf, type Padding, slideWindow } from "./shapes.ts";

interface ConvolutionAttrs {
  readonly strides: number | readonly number[];
  readonly pad: Padding;
  readonly dataFormat?: string;
  readonly dilations?: number | readonly number[] | null;
  readonly dimRoundingMode?: "floor" | "round" | "ceil" | undefined;
}

/**
 * The shape of the output: the window slides over the spatial axes; the format places the channels.
 */
function convolved(x: Shape, filter: Shape, attrs: ConvolutionAttrs, channels: number): number[] {
  if (x.length !== filter.length) {
    throw new Error(`the input [${x}] and the filter [${filter}] differ in their number of axes`);
  }
  const channelsFirst = attrs.dataFormat?.startsWith("NC") ?? false;
  const firstAxis = channelsFirst ? 2 : 1;
  const rank = x.length - 2;
  const inputChannels = x[channelsFirst ? 1 : x.length - 1];
  if (inputChannels !== filter.at(-2)) {
    throw new Error(
      `the input has ${inputChannels} channels and the filter takes ${filter.at(-2)}`,
    );
  }
  const spatial = slideWindow(
    x.slice(firstAxis, firstAxis + rank),
    {
      sizes: filter.slice(0, rank),
      strides: attrs.strides,
      dilations: attrs.dilations ?? 1,
      pad: attrs.pad,
      rounding: attrs.dimRoundingMode,
    },
    firstAxis,
  );
  const batch = lengthOf(x, 0);
  return channelsFirst ? [batch, channels, ...spatial] : [batch, ...spatial, channels];
}

function conv(x: TensorType, filter: TensorType, attrs: ConvolutionAttrs): [TensorType] {
  return [float32(convolved(x.shape, filter.shape, attrs, lengthOf(filter.shape, -1)))];
}

function depthwise(x: TensorType, filter: TensorType, attrs: ConvolutionAttrs): [TensorType] {
  const channels = lengthOf(filter.shape, 2) * lengthOf(filter.shape, 3);
  return [float32(convolved(x.shape, filter.shape, attrs, channels))];
}

const conv2dAttrs = {
  strides: spatial2d,
  pad: padding2d,
  dataFormat: dataFormat2d,
  dilations: spatial2d,
  dimRoundingMode: optional(roundingMode),
};
const fusedAttrs = {
  ...conv2dAttrs,
  activation,
  leakyreluAlpha: optional(number),
};
/** The work of a window of weights that slides over x. */
function convolution(fused: string | null) {
  return { kind: "contraction", factors: ["filter"], pads: "x", fused } as const;
}
/** The work of a gradient by the input, which is also a transposed convolution. */
const byWeights = { kind: "contraction", factors: ["filter"], pads: null, fused: null } as const;

const fusedOperands = {
  x: "required",
  filter: "required",
  bias: "optional",
  preluActivationWeights: "optional",
} as const;
const forward = { x: "required", filter: "required" } as const;
const byInput = { dy: "required", filter: "required" } as const;
const byFilter = { x: "required", dy: "required" } as const;

export const conv2D = kernel("Conv2D", {
  operands: forward,
  work: convolution("FusedConv2D"),
  host: "wasm",
  attrs: conv2dAttrs,
  infer: ({ x, filter }, attrs) => conv(x, filter, attrs),
});

export const fusedConv2D = kernel("FusedConv2D", {
  operands: fusedOperands,
  work: convolution("FusedConv2D"),
  host: "wasm",
  attrs: fusedAttrs,
  infer: ({ x, filter }, attrs) => conv(x, filter, attrs),
});

export const depthwiseConv2dNative = kernel("DepthwiseConv2dNative", {
  operands: forward,
  work: convolution("FusedDepthwiseConv2D"),
  host: "wasm",
  attrs: { ...conv2dAttrs, dilations: nullable(spatial2d) },
  infer: ({ x, filter }, attrs) => depthwise(x, filter, attrs),
});

export const fusedDepthwiseConv2D = kernel("FusedDepthwiseConv2D", {
  operands: fusedOperands,
  work: convolution("FusedDepthwiseConv2D"),
  host: "wasm",
  attrs: fusedAttrs,
  infer: ({ x, filter }, attrs) => depthwise(x, filter, attrs),
});

export const conv2DBackpropInput = kernel("Conv2DBackpropInput", {
  operands: byInput,
  work: byWeights,
  host: "cpu",
  attrs: {
    strides: spatial2d,
    pad: padding2d,
    dataFormat: dataFormat2d,
    dimRoundingMode: optional(roundingMode),
    inputShape: shape4d,
  },
  infer: (_, { inputShape }) => [float32(inputShape)],
});

export const conv2DBackpropFilter = kernel("Conv2DBackpropFilter", {
  operands: byFilter,
  work: { kind: "computation" },
  host: "cpu",
  attrs: {
    strides: spatial2d,
    pad: padding2d,
    dataFormat: dataFormat2d,
    dimRoundingMode: optional(roundingMode),
    filterShape: shape4d,
  },
  infer: (_, { filterShape }) => [float32(filterShape)],
});

export const depthwiseConv2dNativeBackpropInput = kernel("DepthwiseConv2dNativeBackpropInput", {
  operands: byInput,
  work: byWeights,
  host: "cpu",
  attrs: {
    strides: spatial2d,
    pad: padding2d,
    dilations: spatial2d,
    dimRoundingMode: optional(roundingMode),
    inputShape: shape4d,
  },
  infer: (_, { inputShape }) => [float32(inputShape)],
});

export const depthwiseConv2dNativeBackpropFilter = kernel("DepthwiseConv2dNativeBackpropFilter", {
  operands: byFilter,
  work: { kind: "computation" },
  host: "cpu",
  attrs: {
    strides: spatial2d,
    pad: padding2d,
    dilations: spatial2d,
    dimRoundingMode: optional(roundingMode),
    filterShape: shape4d,
  },
  infer: (_, { filterShape }) => [float32(filterShape)],
});

export const conv3D = kernel("Conv3D", {
  operands: forward,
  work: convolution(null),
  host: "cpu",
  attrs: {
    strides: spatial3d,
    pad: implicitPadding,
    dataFormat: dataFormat3d,
    dilations: spatial3d,
  },
  // Unlike a Conv2D, it keeps the dtype. Of two dtypes, the backends give different ones.
  infer: ({ x, filter }, attrs) => {
    const [{ shape }] = conv(x, filter, attrs);
    return x.dtype === filter.dtype ? [{ dtype: x.dtype, shape }] : undefined;
  },
});

export const conv3DBackpropInputV2 = kernel("Conv3DBackpropInputV2", {
  operands: byInput,
  work: byWeights,
  host: "cpu",
  attrs: { strides: spatial3d, pad: implicitPadding, inputShape: shape5d },
  infer: (_, { inputShape }) => [float32(inputShape)],
});

export const conv3DBackpropFilterV2 = kernel("Conv3DBackpropFilterV2", {
  operands: byFilter,
  work: { kind: "computation" },
  host: "cpu",
  attrs: { strides: spatial3d, pad: implicitPadding, filterShape: shape5d },
  infer: (_, { filterShape }) => [float32(filterShape)],
});

const dilationAttrs = { strides: spatial2d, pad: padding3d, dilations: spatial2d };

export const dilation2D = kernel("Dilation2D", {
  operands: forward,
  work: { kind: "computation" },
  host: "cpu",
  attrs: dilationAttrs,
  infer: ({ x, filter }, attrs) => {
    // The filter is [height, width, channels]: a dilation computes each channel by itself.
    const [batch, height, width, channels] = fourOf(x.shape);
    const window = { ...attrs, sizes: filter.shape.slice(0, 2) };
    const spatial = slideWindow([height, width], window, 1);
    return [{ dtype: x.dtype, shape: [batch, ...spatial, channels] }];
  },
});

const dilationGradient = { x: "required", filter: "required", dy: "required" } as const;

export const dilation2DBackpropInput = kernel("Dilation2DBackpropInput", {
  operands: dilationGradient,
  work: { kind: "computation" },
  host: "cpu",
  attrs: dilationAttrs,
  infer: ({ x }) => [{ dtype: x.dtype, shape: x.shape }],
});

export const dilation2DBackpropFilter = kernel("Dilation2DBackpropFilter", {
  operands: dilationGradient,
  work: { kind: "computation" },
  host: "cpu",
  attrs: dilationAttrs,
  infer: ({ filter }) => [{ dtype: filter.dtype, shape: filter.shape }],
});
