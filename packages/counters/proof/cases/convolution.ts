import type { KernelName, Shape } from "@opcounter/ir";
import fc from "fast-check";
import type { CountingArithmetic } from "../counting-arithmetic.ts";
import {
  Accumulator,
  at,
  broadcastAt,
  type Dense,
  dense,
  fill,
  indicesOf,
  isInside,
} from "../dense.ts";
import { join, type Layout, layoutOf, partsOf } from "../image-layout.ts";
import { type Proof, proof } from "../proof.ts";
import { implicitPadding, padding, steps, tapsAt, type WindowAttrs, windowOf } from "../window.ts";
import { activate, PLAIN_ACTIVATIONS } from "./activation.ts";

/** Sizes of a convolution. Windows and paddings fit into 7 and more pixels. */
const few = fc.integer({ min: 1, max: 3 });
const side = fc.integer({ min: 7, max: 9 });
const sizes = (axes: 2 | 3) =>
  fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    spatial: fc.array(axes === 2 ? side : fc.constant(7), { minLength: axes, maxLength: axes }),
    window: fc.array(few, { minLength: axes, maxLength: axes }),
    channels: few,
    filters: few,
  });

/** Which channels of the input an output channel sees, and where the filter has their weights. */
type Connection = (output: number) => Iterable<readonly [input: number, ...filter: number[]]>;

function fullyConnected(inputs: number): Connection {
  return function* (output) {
    for (let input = 0; input < inputs; input++) yield [input, input, output];
  };
}

/** Each input channel has outputs of its own. */
function separate(multiplier: number): Connection {
  return function* (output) {
    const input = Math.floor(output / multiplier);
    yield [input, input, output % multiplier];
  };
}

interface Convolution {
  readonly x: Shape;
  readonly filter: Shape;
  readonly attrs: WindowAttrs;
  readonly layout: Layout;
  readonly isDepthwise: boolean;
}

/** Every product of a convolution: one an output element, tap and channel it sees. */
function* products({ x, filter, attrs, layout, isDepthwise }: Convolution): Generator<{
  x: readonly number[];
  filter: readonly number[];
  y: readonly number[];
}> {
  const { batch, spatial } = partsOf(layout, x);
  const [inputs = 1, outputs = 1] = filter.slice(-2);
  const window = windowOf(spatial, filter.slice(0, -2), attrs);
  const connected = isDepthwise ? separate(outputs) : fullyConnected(inputs);
  for (const [image = 0, ...position] of indicesOf([batch, ...window.positions])) {
    for (let output = 0; output < (isDepthwise ? inputs * outputs : outputs); output++) {
      for (const { tap, place } of tapsAt(window, position)) {
        for (const [input, ...weight] of connected(output)) {
          yield {
            x: join(layout, { batch: image, spatial: place, channel: input }),
            filter: [...tap, ...weight],
            y: join(layout, { batch: image, spatial: position, channel: output }),
          };
        }
      }
    }
  }
}

function outputShape({ x, filter, attrs, layout, isDepthwise }: Convolution): number[] {
  const { batch, spatial } = partsOf(layout, x);
  const [inputs = 1, outputs = 1] = filter.slice(-2);
  const { positions } = windowOf(spatial, filter.slice(0, -2), attrs);
  return join(layout, {
    batch,
    spatial: positions,
    channel: isDepthwise ? inputs * outputs : outputs,
  });
}

/** Padding is zeros. */
function orZero(tensor: Dense, index: readonly number[]): number {
  return isInside(tensor.shape, index) ? at(tensor, ...index) : 0;
}

function convolve(n: CountingArithmetic, x: Dense, filter: Dense, convolution: Convolution): Dense {
  const shape = outputShape(convolution);
  const y = new Accumulator(shape);
  for (const product of products(convolution)) {
    const weight = at(filter, ...product.filter);
    y.update(product.y, (sum) => n.mac(sum, orZero(x, product.x), weight));
  }
  return { dtype: "float32", shape, values: y.values };
}

/** The gradient by the input: each product's weight times dy, added where the input was read. */
function gradientByInput(
  n: CountingArithmetic,
  dy: Dense,
  filter: Dense,
  convolution: Convolution,
): readonly number[] {
  const dx = new Accumulator(convolution.x);
  for (const product of products(convolution)) {
    const [a, b] = [at(dy, ...product.y), at(filter, ...product.filter)];
    if (isInside(dx.shape, product.x)) dx.update(product.x, (sum) => n.mac(sum, a, b));
    else n.mac(0, a, b);
  }
  return dx.values;
}

/** The gradient by the filter: each product's input times dy, added up a weight. */
function gradientByFilter(
  n: CountingArithmetic,
  x: Dense,
  dy: Dense,
  convolution: Convolution,
): readonly number[] {
  const dw = new Accumulator(convolution.filter);
  for (const product of products(convolution)) {
    const input = orZero(x, product.x);
    dw.update(product.filter, (sum) => n.mac(sum, input, at(dy, ...product.y)));
  }
  return dw.values;
}

const conv2dRuns = (kernel: "Conv2D" | "DepthwiseConv2dNative") =>
  fc
    .record({
      sizes: sizes(2),
      steps: steps(2),
      pad: padding,
      // Depthwise convolution is for NHWC alone in TensorFlow.js.
      dataFormat:
        kernel === "Conv2D"
          ? fc.constantFrom("NHWC" as const, "NCHW" as const)
          : fc.constant("NHWC" as const),
    })
    .chain(({ sizes, steps, pad, dataFormat }) => {
      const { batch, spatial, window, channels, filters } = sizes;
      const [strides, dilations] = [pairOf(steps.strides), pairOf(steps.dilations)];
      const x = join(layoutOf(dataFormat), { batch, spatial, channel: channels });
      return fc.record({
        operands: fc.record({ x: dense(x), filter: dense([...window, channels, filters]) }),
        attrs: fc.constant({
          strides,
          dilations,
          dataFormat,
          // Explicit padding names the axes of NHWC or NCHW.
          pad: typeof pad === "object" && dataFormat === "NCHW" ? 1 : pad,
        }),
      });
    });

function pairOf([first = 1, second = 1]: readonly number[]): [number, number] {
  return [first, second];
}

function convolutionOf(
  kernel: KernelName,
  operands: { readonly x: Dense; readonly filter: Dense },
  attrs: WindowAttrs & { readonly dataFormat?: string },
): Convolution {
  return {
    x: operands.x.shape,
    filter: operands.filter.shape,
    attrs,
    layout: layoutOf(attrs.dataFormat),
    isDepthwise: kernel.includes("Depthwise"),
  };
}

function plain(kernel: "Conv2D" | "DepthwiseConv2dNative"): Proof {
  return proof(kernel, conv2dRuns(kernel), (n, { operands, attrs }) => [
    convolve(n, operands.x, operands.filter, convolutionOf(kernel, operands, attrs)).values,
  ]);
}

function fused(
  kernel: "FusedConv2D" | "FusedDepthwiseConv2D",
  unfused: "Conv2D" | "DepthwiseConv2dNative",
): Proof {
  const runs = fc
    .record({
      run: conv2dRuns(unfused),
      activation: fc.constantFrom(...PLAIN_ACTIVATIONS, "leakyrelu" as const, "prelu" as const),
      hasBias: fc.boolean(),
    })
    .chain(({ run, activation, hasBias }) => {
      const convolution = convolutionOf(unfused, run.operands, run.attrs);
      const { channel } = partsOf(convolution.layout, outputShape(convolution));
      return fc.record({
        operands: fc.record({
          x: fc.constant(run.operands.x),
          filter: fc.constant(run.operands.filter),
          ...(hasBias ? { bias: dense([channel]) } : {}),
          ...(activation === "prelu" ? { preluActivationWeights: dense([channel]) } : {}),
        }),
        attrs: fc.constant({
          ...run.attrs,
          activation,
          ...(activation === "leakyrelu" ? { leakyreluAlpha: 0.5 } : {}),
        }),
      });
    });
  return proof(kernel, runs, (n, { operands, attrs }) => {
    const { x, filter, bias, preluActivationWeights } = operands;
    const convolution = convolutionOf(unfused, operands, attrs);
    const y = convolve(n, x, filter, convolution);
    return [
      fill(y.shape, (index) => {
        const { channel } = partsOf(convolution.layout, index);
        const product = at(y, ...index);
        const biased = bias === undefined ? product : n.add(product, broadcastAt(bias, [channel]));
        const slope =
          preluActivationWeights === undefined
            ? attrs.leakyreluAlpha
            : broadcastAt(preluActivationWeights, [channel]);
        return activate(n, attrs.activation, biased, slope);
      }),
    ];
  });
}

/** The runs of a gradient: those of the convolution, with its output's gradient. */
const gradientRuns = (kernel: "Conv2D" | "DepthwiseConv2dNative") =>
  conv2dRuns(kernel).chain(({ operands, attrs: { strides, pad, dataFormat } }) => {
    // TensorFlow.js has no gradients of dilated convolutions, nor of ones padded side by side.
    const attrs = { strides, pad: typeof pad === "object" ? ("valid" as const) : pad };
    const convolution = convolutionOf(kernel, operands, { ...attrs, dataFormat });
    return fc.record({
      x: fc.constant(operands.x),
      filter: fc.constant(operands.filter),
      dy: dense(outputShape(convolution)),
      attrs: fc.constant({ ...attrs, dataFormat }),
    });
  });

function quadruple([a = 1, b = 1, c = 1, d = 1]: Shape): [number, number, number, number] {
  return [a, b, c, d];
}

function quintuple([a = 1, ...rest]: Shape): [number, number, number, number, number] {
  return [a, ...quadruple(rest)];
}

const conv3dRuns = fc
  .record({ sizes: sizes(3), steps: steps(3), pad: implicitPadding })
  .chain(({ sizes: { batch, spatial, window, channels, filters }, steps, pad }) =>
    fc.record({
      x: dense([batch, ...spatial, channels]),
      filter: dense([...window, channels, filters]),
      strides: fc.constant(tripleOf(steps.strides)),
      dilations: fc.constant(tripleOf(steps.dilations)),
      pad: fc.constant(pad),
    }),
  );

function tripleOf([first = 1, second = 1, third = 1]: readonly number[]): [number, number, number] {
  return [first, second, third];
}

const gradient3dRuns = conv3dRuns.chain(({ x, filter, strides, pad }) => {
  const convolution = convolutionOf("Conv3D", { x, filter }, { strides, pad });
  return fc.record({
    x: fc.constant(x),
    filter: fc.constant(filter),
    dy: dense(outputShape(convolution)),
    attrs: fc.constant({ strides, pad }),
  });
});

export const convolutionProofs: readonly Proof[] = [
  plain("Conv2D"),
  plain("DepthwiseConv2dNative"),
  fused("FusedConv2D", "Conv2D"),
  fused("FusedDepthwiseConv2D", "DepthwiseConv2dNative"),
  proof(
    "Conv3D",
    conv3dRuns.map(({ x, filter, ...attrs }) => ({
      operands: { x, filter },
      attrs: { ...attrs, dataFormat: "NDHWC" },
    })),
    (n, { operands, attrs }) => [
      convolve(n, operands.x, operands.filter, convolutionOf("Conv3D", operands, attrs)).values,
    ],
  ),
  proof(
    "Conv2DBackpropInput",
    gradientRuns("Conv2D").map(({ x, filter, dy, attrs: { strides, pad, dataFormat } }) => ({
      operands: { dy, filter },
      attrs: { strides, pad, dataFormat, inputShape: quadruple(x.shape) },
    })),
    (n, { operands: { dy, filter }, attrs }) => {
      const x = { ...dy, shape: attrs.inputShape };
      return [gradientByInput(n, dy, filter, convolutionOf("Conv2D", { x, filter }, attrs))];
    },
  ),
  proof(
    "Conv2DBackpropFilter",
    gradientRuns("Conv2D").map(({ x, filter, dy, attrs: { strides, pad, dataFormat } }) => ({
      operands: { x, dy },
      attrs: { strides, pad, dataFormat, filterShape: quadruple(filter.shape) },
    })),
    (n, { operands: { x, dy }, attrs }) => {
      const filter = { ...dy, shape: attrs.filterShape };
      return [gradientByFilter(n, x, dy, convolutionOf("Conv2D", { x, filter }, attrs))];
    },
  ),
  proof(
    "DepthwiseConv2dNativeBackpropInput",
    gradientRuns("DepthwiseConv2dNative").map(({ x, filter, dy, attrs: { strides, pad } }) => ({
      operands: { dy, filter },
      attrs: { strides, pad, dilations: 1, inputShape: quadruple(x.shape) },
    })),
    (n, { operands: { dy, filter }, attrs }) => {
      const x = { ...dy, shape: attrs.inputShape };
      const convolution = convolutionOf("DepthwiseConv2dNative", { x, filter }, attrs);
      return [gradientByInput(n, dy, filter, convolution)];
    },
  ),
  proof(
    "DepthwiseConv2dNativeBackpropFilter",
    gradientRuns("DepthwiseConv2dNative").map(({ x, filter, dy, attrs: { strides, pad } }) => ({
      operands: { x, dy },
      attrs: { strides, pad, dilations: 1, filterShape: quadruple(filter.shape) },
    })),
    (n, { operands: { x, dy }, attrs }) => {
      const filter = { ...dy, shape: attrs.filterShape };
      const convolution = convolutionOf("DepthwiseConv2dNative", { x, filter }, attrs);
      return [gradientByFilter(n, x, dy, convolution)];
    },
  ),
  proof(
    "Conv3DBackpropInputV2",
    gradient3dRuns.map(({ x, filter, dy, attrs }) => ({
      operands: { dy, filter },
      attrs: { ...attrs, inputShape: quintuple(x.shape) },
    })),
    (n, { operands: { dy, filter }, attrs }) => {
      const x = { ...dy, shape: attrs.inputShape };
      return [gradientByInput(n, dy, filter, convolutionOf("Conv3D", { x, filter }, attrs))];
    },
  ),
  proof(
    "Conv3DBackpropFilterV2",
    gradient3dRuns.map(({ x, filter, dy, attrs }) => ({
      operands: { x, dy },
      attrs: { ...attrs, filterShape: quintuple(filter.shape) },
    })),
    (n, { operands: { x, dy }, attrs }) => {
      const filter = { ...dy, shape: attrs.filterShape };
      return [gradientByFilter(n, x, dy, convolutionOf("Conv3D", { x, filter }, attrs))];
    },
  ),
];
