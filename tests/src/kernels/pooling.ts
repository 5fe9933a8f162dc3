import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type KernelCase, runKernel, running, tensor } from "./kernel-case.ts";

const few = fc.integer({ min: 1, max: 3 });
const pooling = fc.record({
  batch: few,
  height: fc.integer({ min: 3, max: 8 }),
  width: fc.integer({ min: 3, max: 8 }),
  channels: few,
  window: few,
  stride: few,
  pad: fc.constantFrom("same" as const, "valid" as const, 1),
  rounding: fc.constantFrom("floor" as const, "round" as const, "ceil" as const),
});

type Pool2D = typeof tf.avgPool;
type Pool3D = typeof tf.avgPool3d;

function pool2D(pool: Pool2D): KernelCase {
  return running(pooling, ({ batch, height, width, channels, window, stride, pad, rounding }) => {
    const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
    pool(x, window, stride, pad, typeof pad === "number" ? rounding : undefined);
  });
}

function pool3D(pool: Pool3D): KernelCase {
  return running(pooling, ({ batch, height, width, channels, window, stride, pad, rounding }) => {
    const x = tensor<tf.Rank.R5>([batch, height, width, 4, channels]);
    pool(x, window, stride, pad, typeof pad === "number" ? rounding : undefined);
  });
}

/** Of square images: tfjs's gradient of resizing on the CPU exchanges height and width. */
function gradient(rank: 4 | 5, pool: (x: tf.Tensor) => tf.Tensor): KernelCase {
  return running(pooling, ({ batch, height, channels }) => {
    const image = [batch, height, height];
    const shape = rank === 4 ? [...image, channels] : [...image, 4, channels];
    tf.grad(pool)(tf.zeros(shape));
  });
}

export const poolingCases: Record<string, KernelCase> = {
  AvgPool: pool2D(tf.avgPool),
  MaxPool: pool2D(tf.maxPool),
  AvgPool3D: pool3D(tf.avgPool3d),
  MaxPool3D: pool3D(tf.maxPool3d),
  AvgPoolGrad: gradient(4, (x) => tf.avgPool(x as tf.Tensor4D, 2, 1, "same")),
  MaxPoolGrad: gradient(4, (x) => tf.maxPool(x as tf.Tensor4D, 2, 1, "same")),
  AvgPool3DGrad: gradient(5, (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 1, "same")),
  MaxPool3DGrad: gradient(5, (x) => tf.maxPool3d(x as tf.Tensor5D, 2, 1, "same")),
  MaxPoolWithArgmax: running(pooling, ({ batch, height, width, channels, window, stride }) => {
    const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
    tf.maxPoolWithArgmax(x, window, stride, "valid");
  }),
  LRN: running(pooling, ({ batch, height, width, channels, window }) => {
    tf.localResponseNormalization(tensor<tf.Rank.R4>([batch, height, width, channels]), window);
  }),
  LRNGrad: gradient(4, (x) => tf.localResponseNormalization(x as tf.Tensor4D, 2)),
  FusedBatchNorm: running(pooling, ({ batch, height, width, channels, window }) => {
    const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
    const each = () => tensor<tf.Rank.R1>([channels]);
    const [mean, variance] = [each(), tf.ones<tf.Rank.R1>([channels])];
    if (window === 1) tf.batchNorm(x, mean, variance);
    else tf.batchNorm(x, mean, variance, each(), each());
  }),
  ResizeBilinear: running(pooling, ({ batch, height, width, channels, window }) => {
    const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
    tf.image.resizeBilinear(x, [height * window, width + window]);
  }),
  ResizeNearestNeighbor: running(pooling, ({ batch, height, width, channels, window }) => {
    const x = tensor<tf.Rank.R4>([batch, height, width, channels]);
    tf.image.resizeNearestNeighbor(x, [height * window, width + window]);
  }),
  ResizeBilinearGrad: gradient(4, (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [5, 7])),
  ResizeNearestNeighborGrad: gradient(4, (x) =>
    tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [5, 7]),
  ),
  CropAndResize: running(pooling, ({ batch, height, width, channels, window }) => {
    const image = tensor<tf.Rank.R4>([batch, height, width, channels]);
    const boxes = tensor<tf.Rank.R2>([window, 4]);
    tf.image.cropAndResize(image, boxes, tensor<tf.Rank.R1>([window], "int32"), [3, window]);
  }),
  FlipLeftRight: running(pooling, ({ batch, height, width, channels }) => {
    tf.image.flipLeftRight(tensor<tf.Rank.R4>([batch, height, width, channels]));
  }),
  RotateWithOffset: running(pooling, ({ batch, height, width }) => {
    tf.image.rotateWithOffset(tensor<tf.Rank.R4>([batch, height, width, 3]), 0.3);
  }),
  Transform: running(pooling, ({ batch, height, width, channels, window }) => {
    const image = tensor<tf.Rank.R4>([batch, height, width, channels]);
    const transforms = tensor<tf.Rank.R2>([batch, 8]);
    if (window === 1) tf.image.transform(image, transforms);
    else tf.image.transform(image, transforms, "bilinear", "constant", 0, [3, window]);
  }),
  DepthToSpace: running(
    fc.tuple(pooling, fc.integer({ min: 2, max: 3 })),
    ([{ batch, height, width, channels }, block]) => {
      const x = tensor<tf.Rank.R4>([batch, height, width, channels * block * block]);
      tf.depthToSpace(x, block, "NHWC");
    },
  ),
  ...Object.fromEntries(
    (["NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5"] as const).map((name) => [
      name,
      running(fc.integer({ min: 1, max: 6 }), (count) => {
        const extra = {
          NonMaxSuppressionV3: {},
          NonMaxSuppressionV4: { padToMaxOutputSize: false },
          NonMaxSuppressionV5: { softNmsSigma: 0.5 },
        }[name];
        runKernel(
          name,
          { boxes: tensor<tf.Rank.R2>([count, 4]), scores: tensor<tf.Rank.R1>([count]) },
          { maxOutputSize: 3, iouThreshold: 0.5, scoreThreshold: 0, ...extra },
        );
      }),
    ]),
  ),
};
