import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type KernelCase, runKernel, running, tensor, unlessTfjsThrows } from "./kernel-case.ts";

const side = fc.integer({ min: 5, max: 9 });
const few = fc.integer({ min: 1, max: 3 });
const padding = fc.constantFrom("same" as const, "valid" as const);
const rounding = fc.constantFrom("floor" as const, "round" as const, "ceil" as const);

/** A window that slides: strides and dilations do not go together in tfjs. */
const sliding = fc.record({
  batch: few,
  height: side,
  width: side,
  channels: few,
  filters: few,
  kernel: fc.tuple(few, few),
  stride: few,
  dilation: fc.integer({ min: 1, max: 2 }),
  isDilated: fc.boolean(),
  pad: padding,
});

interface Sliding {
  readonly stride: number;
  readonly dilation: number;
  readonly isDilated: boolean;
}

function stepsOf({ stride, dilation, isDilated }: Sliding): { strides: number; dilations: number } {
  return isDilated ? { strides: 1, dilations: dilation } : { strides: stride, dilations: 1 };
}

const explicit = fc.tuple(few, few, few, few);

export const convolutionCases: Record<string, KernelCase> = {
  Conv2D: running(
    fc.tuple(sliding, rounding, explicit, fc.integer({ min: 0, max: 2 })),
    ([args, mode, sides, form]) => {
      const { batch, height, width, channels, filters, kernel, pad } = args;
      const { strides, dilations } = stepsOf(args);
      const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
      const filter = tensor<tf.Rank.R4>([...kernel, channels, filters]);
      const [top, bottom, left, right] = sides;
      if (form === 0) tf.conv2d(x, filter, strides, pad, "NHWC", dilations);
      if (form === 1) tf.conv2d(x, filter, strides, 1, "NHWC", dilations, mode);
      if (form === 2) {
        const pads: [[number, number], [number, number], [number, number], [number, number]] = [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ];
        tf.conv2d(x, filter, strides, pads, "NHWC", dilations, mode);
      }
    },
  ),
  FusedConv2D: running(fc.tuple(sliding, fc.boolean()), ([args, isChannelsFirst]) => {
    const { batch, height, width, channels, filters, kernel, pad } = args;
    const { strides } = stepsOf({ ...args, isDilated: false });
    const dataFormat = isChannelsFirst ? "NCHW" : "NHWC";
    const shape: [number, number, number, number] = isChannelsFirst
      ? [batch, channels, height, width]
      : [batch, height, width, channels];
    // Few channels before height and width do not fit the tiles of one of its shaders.
    unlessTfjsThrows(/tileAHight/, () => {
      tf.fused.conv2d({
        x: tensor<tf.Rank.R4>(shape),
        filter: tensor<tf.Rank.R4>([...kernel, channels, filters]),
        strides,
        pad,
        dataFormat,
        activation: "relu",
        ...(isChannelsFirst ? {} : { bias: tensor<tf.Rank.R1>([filters]) }),
      });
    });
  }),
  DepthwiseConv2dNative: running(sliding, (args) => {
    const { batch, height, width, channels, filters, kernel, pad } = args;
    const { strides, dilations } = stepsOf(args);
    const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
    tf.depthwiseConv2d(
      x,
      tensor<tf.Rank.R4>([...kernel, channels, filters]),
      strides,
      pad,
      "NHWC",
      dilations,
    );
  }),
  FusedDepthwiseConv2D: running(sliding, (args) => {
    const { batch, height, width, channels, filters, kernel, pad } = args;
    const { strides } = stepsOf({ ...args, isDilated: false });
    tf.fused.depthwiseConv2d({
      x: tensor<tf.Rank.R4>([batch, height, width, channels]),
      filter: tensor<tf.Rank.R4>([...kernel, channels, filters]),
      strides,
      pad,
      bias: tensor<tf.Rank.R1>([channels * filters]),
      activation: "relu6",
    });
  }),
  Conv2DBackpropInput: running(
    sliding,
    ({ batch, height, width, channels, filters, kernel, stride, pad }) => {
      const out = (size: number, window: number) =>
        pad === "same" ? size * stride : (size - 1) * stride + window;
      const dy = tensor<tf.Rank.R4>([batch, height, width, filters]);
      tf.conv2dTranspose(
        dy,
        tensor<tf.Rank.R4>([...kernel, channels, filters]),
        [batch, out(height, kernel[0]), out(width, kernel[1]), channels],
        stride,
        pad,
      );
    },
  ),
  Conv2DBackpropFilter: running(
    sliding,
    ({ batch, height, width, channels, filters, kernel, pad }) => {
      const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
      tf.grad((filter: tf.Tensor) => tf.conv2d(x, filter as tf.Tensor4D, 1, pad))(
        tensor<tf.Rank.R4>([...kernel, channels, filters]),
      );
    },
  ),
  ...Object.fromEntries(
    (["Input", "Filter"] as const).map((part) => [
      `DepthwiseConv2dNativeBackprop${part}`,
      running(sliding, ({ batch, height, width, channels, filters, kernel, pad }) => {
        const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
        const filter = tensor<tf.Rank.R4>([...kernel, channels, filters]);
        const convolve = (x: tf.Tensor, filter: tf.Tensor) =>
          tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, pad);
        tf.grads(convolve)([x, filter]);
      }),
    ]),
  ),
  ...Object.fromEntries(
    (["Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"] as const).map((kernelName) => [
      kernelName,
      running(sliding, ({ batch, height, width, channels, filters, kernel, stride, pad }) => {
        const x = tensor<tf.Rank.R5>([batch, height, width, 4, channels]);
        const filter = tensor<tf.Rank.R5>([...kernel, 2, channels, filters]);
        const convolve = (x: tf.Tensor, filter: tf.Tensor) =>
          tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, stride, pad);
        tf.grads(convolve)([x, filter]);
      }),
    ]),
  ),
  Dilation2D: running(sliding, (args) => {
    const { batch, height, width, channels, kernel, pad } = args;
    const { strides, dilations } = stepsOf(args);
    const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
    tf.dilation2d(x, tensor<tf.Rank.R3>([...kernel, channels]), strides, pad, dilations);
  }),
  ...Object.fromEntries(
    (["Dilation2DBackpropInput", "Dilation2DBackpropFilter"] as const).map((kernelName) => [
      kernelName,
      running(sliding, ({ batch, height, width, channels, kernel, pad }) => {
        const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
        const filter = tensor<tf.Rank.R3>([...kernel, channels]);
        const dy = tf.dilation2d(x, filter, 1, pad, 1);
        runKernel(kernelName, { x, filter, dy }, { strides: 1, pad, dilations: 1 });
      }),
    ]),
  ),
};
