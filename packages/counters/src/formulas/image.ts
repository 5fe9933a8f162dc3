import { sizeOf } from "@opcounter/ir/core";
import { formula, GRADIENT } from "./formula.ts";

export const imageFormulas = [
  /**
   * Each output mixes four inputs by three linear interpolations a + (b − a)·t, of a difference, a
   * product and a sum. The weights t are computed once per pixel and are left out.
   */
  formula("ResizeBilinear", { flops: "9 * M" }),
  /** Each element of dy is added to four inputs, times a weight that is computed once per pixel. */
  formula("ResizeBilinearGrad", { symbols: GRADIENT, flops: "8 * D" }),
  formula("ResizeNearestNeighborGrad", { symbols: GRADIENT, flops: "D" }),
  /** As a resize; less where a box reaches out of its image. */
  formula("CropAndResize", {
    status: "bound",
    source: "three linear interpolations per element, all boxes inside their image",
    symbols: { bilinear: ({ attrs: { method } }) => (method === "bilinear" ? 1 : 0) },
    flops: "bilinear * 9 * M",
  }),
  /**
   * A projection of each of the output pixels, (a·x + b·y + c) / (g·x + h·y + 1) for both axes: 6
   * products, 6 sums, 2 divisions. Then as a resize; less where the pixel lies outside.
   */
  formula("Transform", {
    status: "bound",
    source: "a projection per pixel and three linear interpolations per element, all inside",
    symbols: {
      bilinear: ({ attrs: { interpolation } }) => (interpolation === "bilinear" ? 1 : 0),
      pixels: ({ results: [y] }) => sizeOf(y.shape.slice(0, 3)),
    },
    flops: "14 * pixels + bilinear * 9 * M",
  }),
];
