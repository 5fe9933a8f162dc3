import { z } from "zod";
import { kernel } from "../kernel.ts";
import { integers, none } from "./attributes.ts";

/** Sparse and ragged tensors. Most results are as long as the values of an operand say. */

export const sparseFillEmptyRows = kernel("SparseFillEmptyRows", {
  operands: {
    indices: "required",
    values: "required",
    denseShape: "required",
    defaultValue: "required",
  },
  attrs: none,
  infer: () => undefined,
});

export const sparseReshape = kernel("SparseReshape", {
  operands: { inputIndices: "required", inputShape: "required", newShape: "required" },
  attrs: none,
  infer: ({ inputIndices, newShape }) => [
    {
      dtype: inputIndices.dtype,
      shape: [inputIndices.shape[0] ?? 0, newShape.shape[0] ?? 0],
    },
    { dtype: newShape.dtype, shape: newShape.shape },
  ],
});

function segmentReduction<const N extends string>(name: N) {
  return kernel(name, {
    operands: { data: "required", indices: "required", segmentIds: "required" },
    attrs: none,
    infer: () => undefined,
  });
}

export const sparseSegmentMean = segmentReduction("SparseSegmentMean");
export const sparseSegmentSum = segmentReduction("SparseSegmentSum");

export const sparseToDense = kernel("SparseToDense", {
  operands: { sparseIndices: "required", sparseValues: "required", defaultValue: "required" },
  attrs: () => z.strictObject({ outputShape: integers }),
  infer: ({ sparseValues }, { outputShape }) => [{ dtype: sparseValues.dtype, shape: outputShape }],
});

export const raggedGather = kernel("RaggedGather", {
  operands: { paramsNestedSplits: "list", paramsDenseValues: "required", indices: "required" },
  attrs: () => z.strictObject({ outputRaggedRank: z.int() }),
  infer: () => undefined,
});

export const raggedRange = kernel("RaggedRange", {
  operands: { starts: "required", limits: "required", deltas: "required" },
  attrs: none,
  infer: () => undefined,
});

export const raggedTensorToTensor = kernel("RaggedTensorToTensor", {
  operands: {
    shape: "required",
    values: "required",
    defaultValue: "required",
    rowPartitionTensors: "list",
  },
  attrs: () => z.strictObject({ rowPartitionTypes: z.array(z.string()) }),
  infer: () => undefined,
});
