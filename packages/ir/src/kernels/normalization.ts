import { z } from "zod";
import { kernel } from "../kernel.ts";
import { same } from "./shapes.ts";

export const fusedBatchNorm = kernel("FusedBatchNorm", {
  operands: {
    x: "required",
    mean: "required",
    variance: "required",
    offset: "optional",
    scale: "optional",
  },
  attrs: () => z.strictObject({ varianceEpsilon: z.number() }),
  infer: ({ x }) => [same(x)],
});

const response = () =>
  z.strictObject({
    depthRadius: z.number(),
    bias: z.number(),
    alpha: z.number(),
    beta: z.number(),
  });

export const lrn = kernel("LRN", {
  operands: { x: "required" },
  attrs: response,
  infer: ({ x }) => [same(x)],
});

export const lrnGrad = kernel("LRNGrad", {
  operands: { x: "required", y: "required", dy: "required" },
  attrs: response,
  infer: ({ x }) => [same(x)],
});
