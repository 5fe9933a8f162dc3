import { kernel } from "../kernel.ts";
import type { DType, TensorType } from "../types.ts";
import type { AttributeSchemas } from "./attribute-schemas.ts";
import { float32, same } from "./shapes.ts";

const resizing = (a: AttributeSchemas) =>
  a.strictObject({ alignCorners: a.boolean(), halfPixelCenters: a.boolean(), size: a.pair });

function resized(images: TensorType, size: readonly number[], dtype: DType): TensorType {
  const [batch = 1, , , channels = 1] = images.shape;
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
  attrs: (a) =>
    a.strictObject({
      cropSize: a.pair,
      method: a.enum(["bilinear", "nearest"]),
      extrapolationValue: a.real,
    }),
  infer: ({ image, boxes }, { cropSize }) => [
    float32([boxes.shape[0] ?? 0, ...cropSize, image.shape[3] ?? 1]),
  ],
});

export const flipLeftRight = kernel("FlipLeftRight", {
  operands: { image: "required" },
  work: { kind: "rearrangement" },
  host: "cpu",
  attrs: (a) => a.none,
  infer: ({ image }) => [same(image)],
});

export const rotateWithOffset = kernel("RotateWithOffset", {
  operands: { image: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) =>
    a.strictObject({
      radians: a.number(),
      fillValue: a.union([a.real, a.triple]),
      center: a.union([a.number(), a.pair]),
    }),
  infer: ({ image }) => [same(image)],
});

export const transform = kernel("Transform", {
  operands: { image: "required", transforms: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) =>
    a.strictObject({
      interpolation: a.enum(["nearest", "bilinear"]),
      fillMode: a.enum(["constant", "reflect", "wrap", "nearest"]),
      fillValue: a.real,
      outputShape: a.exactOptional(a.pair),
    }),
  infer: ({ image }, { outputShape }) => {
    const [batch = 1, height = 1, width = 1, channels = 1] = image.shape;
    return [float32([batch, ...(outputShape ?? [height, width]), channels])];
  },
});

const suppression = (a: AttributeSchemas) => ({
  maxOutputSize: a.int(),
  iouThreshold: a.real,
  scoreThreshold: a.real,
});
const detections = { boxes: "required", scores: "required" } as const;

/** The values of the boxes decide how many are kept. */
export const nonMaxSuppressionV3 = kernel("NonMaxSuppressionV3", {
  operands: detections,
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject(suppression(a)),
  infer: () => undefined,
});

export const nonMaxSuppressionV4 = kernel("NonMaxSuppressionV4", {
  operands: detections,
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ ...suppression(a), padToMaxOutputSize: a.boolean() }),
  infer: () => undefined,
});

export const nonMaxSuppressionV5 = kernel("NonMaxSuppressionV5", {
  operands: detections,
  work: { kind: "computation" },
  host: "cpu",
  attrs: (a) => a.strictObject({ ...suppression(a), softNmsSigma: a.real }),
  infer: () => undefined,
});
