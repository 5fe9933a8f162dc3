import { formula } from "../formula.ts";

export const imageFormulas = [
  /**
   * Each output mixes four inputs by three linear interpolations a + (b − a)·t, of a difference, a
   * product and a sum. The weights t are computed once a pixel and are left out.
   */
  formula("ResizeBilinear", { flops: "9 * M" }),
];
