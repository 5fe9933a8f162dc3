import { kernel } from "../kernel.ts";
import { number } from "./attribute-types.ts";
import { same } from "./shapes.ts";

export const fusedBatchNorm = kernel("FusedBatchNorm", {
  operands: {
    x: "required",
    mean: "required",
    variance: "required",
    offset: "optional",
    scale: "optional",
  },
  work: { kind: "elementwise", commutative: false, activation: false },
  host: "cpu",
  attrs: { varianceEpsilon: number },
  infer: ({ x }) => [same(x)],
});

const response = {
  depthRadius: number,
  bias: number,
  alpha: number,
  beta: number,
};

export const lrn = kernel("LRN", {
  operands: { x: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: response,
  infer: ({ x }) => [same(x)],
});

export const lrnGrad = kernel("LRNGrad", {
  operands: { x: "required", y: "required", dy: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: response,
  infer: ({ x }) => [same(x)],
});
