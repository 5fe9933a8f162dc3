import { dimensions, formula } from "./formula.ts";

/** 1 where pixels are interpolated and not only picked. */
const interpolated = (method: string) => ({ l: method === "bilinear" ? 1 : 0 });

export const imageFormulas = [
  /**
   * Each output mixes four inputs by three linear interpolations a + (b − a)·t, of a difference, a
   * product and a sum. The weights t are computed once a pixel and are left out.
   */
  formula("ResizeBilinear", { flops: "9 * M" }),
  /** Each element of dy is added to four inputs, times a weight that is computed once a pixel. */
  formula("ResizeBilinearGrad", {
    symbols: ({ operands: { dy } }) => ({ D: dimensions(dy) }),
    flops: "8 * D",
  }),
  formula("ResizeNearestNeighborGrad", {
    symbols: ({ operands: { dy } }) => ({ D: dimensions(dy) }),
    flops: "D",
  }),
  /** As a resize; less where a box reaches out of its image. */
  formula("CropAndResize", {
    status: "bound",
    source: "three linear interpolations an element, all boxes inside their image",
    symbols: ({ attrs: { method } }) => interpolated(method),
    flops: "l * 9 * M",
  }),
  /**
   * A projection of each of the P output pixels, (a·x + b·y + c) / (g·x + h·y + 1) for both axes: 6
   * products, 6 sums, 2 divisions. Then as a resize; less where the pixel lies outside.
   */
  formula("Transform", {
    status: "bound",
    source: "a projection a pixel and three linear interpolations an element, all inside",
    symbols: ({ attrs: { interpolation }, results: [y] }) => ({
      ...interpolated(interpolation),
      P: y.shape.slice(0, 3).reduce((product, dimension) => product * dimension, 1),
    }),
    flops: "14 * P + l * 9 * M",
  }),
];
