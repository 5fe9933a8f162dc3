import { z } from "zod";
import { kernel } from "../kernel.ts";
import type { DType, TensorType } from "../types.ts";
import { none, pair, real, triple } from "./attributes.ts";
import { float32, same } from "./shapes.ts";

const resizing = () =>
  z.strictObject({ alignCorners: z.boolean(), halfPixelCenters: z.boolean(), size: pair });

function resized(images: TensorType, size: readonly number[], dtype: DType): TensorType {
  const [batch = 1, , , channels = 1] = images.shape;
  return { dtype, shape: [batch, ...size, channels] };
}

export const resizeBilinear = kernel("ResizeBilinear", {
  operands: { images: "required" },
  attrs: resizing,
  infer: ({ images }, { size }) => [resized(images, size, "float32")],
});

export const resizeNearestNeighbor = kernel("ResizeNearestNeighbor", {
  operands: { images: "required" },
  attrs: resizing,
  infer: ({ images }, { size }) => [resized(images, size, images.dtype)],
});

function resizeGradient<const N extends string>(name: N) {
  return kernel(name, {
    operands: { images: "required", dy: "required" },
    attrs: resizing,
    infer: ({ images }) => [float32(images.shape)],
  });
}

export const resizeBilinearGrad = resizeGradient("ResizeBilinearGrad");
export const resizeNearestNeighborGrad = resizeGradient("ResizeNearestNeighborGrad");

export const cropAndResize = kernel("CropAndResize", {
  operands: { image: "required", boxes: "required", boxInd: "required" },
  attrs: () =>
    z.strictObject({
      cropSize: pair,
      method: z.enum(["bilinear", "nearest"]),
      extrapolationValue: real,
    }),
  infer: ({ image, boxes }, { cropSize }) => [
    float32([boxes.shape[0] ?? 0, ...cropSize, image.shape[3] ?? 1]),
  ],
});

export const flipLeftRight = kernel("FlipLeftRight", {
  operands: { image: "required" },
  attrs: none,
  infer: ({ image }) => [same(image)],
});

export const rotateWithOffset = kernel("RotateWithOffset", {
  operands: { image: "required" },
  attrs: () =>
    z.strictObject({
      radians: z.number(),
      fillValue: z.union([real, triple]),
      center: z.union([z.number(), pair]),
    }),
  infer: ({ image }) => [same(image)],
});

export const transform = kernel("Transform", {
  operands: { image: "required", transforms: "required" },
  attrs: () =>
    z.strictObject({
      interpolation: z.enum(["nearest", "bilinear"]),
      fillMode: z.enum(["constant", "reflect", "wrap", "nearest"]),
      fillValue: real,
      outputShape: pair.exactOptional(),
    }),
  infer: ({ image }, { outputShape }) => {
    const [batch = 1, height = 1, width = 1, channels = 1] = image.shape;
    return [float32([batch, ...(outputShape ?? [height, width]), channels])];
  },
});

const suppression = {
  maxOutputSize: z.int(),
  iouThreshold: real,
  scoreThreshold: real,
};
const detections = { boxes: "required", scores: "required" } as const;

/** How many boxes survive depends on their values. */
export const nonMaxSuppressionV3 = kernel("NonMaxSuppressionV3", {
  operands: detections,
  attrs: () => z.strictObject(suppression),
  infer: () => undefined,
});

export const nonMaxSuppressionV4 = kernel("NonMaxSuppressionV4", {
  operands: detections,
  attrs: () => z.strictObject({ ...suppression, padToMaxOutputSize: z.boolean() }),
  infer: () => undefined,
});

export const nonMaxSuppressionV5 = kernel("NonMaxSuppressionV5", {
  operands: detections,
  attrs: () => z.strictObject({ ...suppression, softNmsSigma: real }),
  infer: () => undefined,
});
