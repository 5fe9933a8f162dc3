import { declaredZero, formula } from "./formula.ts";

export const creationFormulas = [
  /** start + i·step per element. */
  formula("LinSpace", { flops: "2 * M" }),
  formula("Range", { flops: "2 * M" }),
  ...declaredZero("writes constants", ["Fill", "OnesLike", "OneHot", "ZerosLike"]),
  ...declaredZero("moves pixels", ["Draw", "FromPixels"]),
];
