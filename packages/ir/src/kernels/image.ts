import { kernel } from "../kernel.ts";
import type { DType, TensorType } from "../types.ts";
import {
  boolean,
  either,
  integer,
  none,
  number,
  oneOf,
  optional,
  pair,
  real,
  triple,
} from "./attribute-types.ts";
import { float32, fourOf, lengthOf, same } from "./shapes.ts";

const resizing = { alignCorners: boolean, halfPixelCenters: boolean, size: pair };

function resized(images: TensorType, size: readonly number[], dtype: DType): TensorType {
  const [batch, , , channels] = fourOf(images.shape);
  return { dtype, shape: [batch, ...size, channels] };
}

export const resizeBilinear = kernel("ResizeBilinear", {
  operands: { images: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: resizing,
  infer: ({ images }, { size }) => [resized(images, size, "float32")],
});

export const resizeNearestNeighbor = kernel("ResizeNearestNeighbor", {
  operands: { images: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: resizing,
  infer: ({ images }, { size }) => [resized(images, size, images.dtype)],
});

function resizeGradient<const N extends string>(name: N) {
  return kernel(name, {
    operands: { images: "required", dy: "required" },
    work: { kind: "computation" },
    host: "nowhere",
    attrs: resizing,
    infer: ({ images }) => [float32(images.shape)],
  });
}

export const resizeBilinearGrad = resizeGradient("ResizeBilinearGrad");
export const resizeNearestNeighborGrad = resizeGradient("ResizeNearestNeighborGrad");

export const cropAndResize = kernel("CropAndResize", {
  operands: { image: "required", boxes: "required", boxInd: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: {
    cropSize: pair,
    method: oneOf("bilinear", "nearest"),
    extrapolationValue: real,
  },
  infer: ({ image, boxes }, { cropSize }) => [
    float32([lengthOf(boxes.shape, 0), ...cropSize, lengthOf(image.shape, 3)]),
  ],
});

export const flipLeftRight = kernel("FlipLeftRight", {
  operands: { image: "required" },
  work: { kind: "rearrangement" },
  host: "cpu",
  attrs: none,
  infer: ({ image }) => [same(image)],
});

export const rotateWithOffset = kernel("RotateWithOffset", {
  operands: { image: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: {
    radians: number,
    fillValue: either(real, triple),
    center: either(number, pair),
  },
  infer: ({ image }) => [same(image)],
});

export const transform = kernel("Transform", {
  operands: { image: "required", transforms: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: {
    interpolation: oneOf("nearest", "bilinear"),
    fillMode: oneOf("constant", "reflect", "wrap", "nearest"),
    fillValue: real,
    outputShape: optional(pair),
  },
  infer: ({ image }, { outputShape }) => {
    const [batch, height, width, channels] = fourOf(image.shape);
    return [float32([batch, ...(outputShape ?? [height, width]), channels])];
  },
});

const suppression = {
  maxOutputSize: integer,
  iouThreshold: real,
  scoreThreshold: real,
};
const detections = { boxes: "required", scores: "required" } as const;

/** The values of the boxes decide how many are kept. */
export const nonMaxSuppressionV3 = kernel("NonMaxSuppressionV3", {
  operands: detections,
  work: { kind: "computation" },
  host: "cpu",
  attrs: suppression,
  infer: () => undefined,
});

export const nonMaxSuppressionV4 = kernel("NonMaxSuppressionV4", {
  operands: detections,
  work: { kind: "computation" },
  host: "cpu",
  attrs: { ...suppression, padToMaxOutputSize: boolean },
  infer: () => undefined,
});

export const nonMaxSuppressionV5 = kernel("NonMaxSuppressionV5", {
  operands: detections,
  work: { kind: "computation" },
  host: "cpu",
  attrs: { ...suppression, softNmsSigma: real },
  infer: () => undefined,
});
