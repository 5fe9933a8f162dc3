import { kernel } from "../kernel.ts";
import { integer, integers, listOf, none, string } from "./attribute-types.ts";
import { lengthOf } from "./shapes.ts";

/** Sparse and ragged tensors. The values of operands decide the length of most results. */

export const sparseFillEmptyRows = kernel("SparseFillEmptyRows", {
  operands: {
    indices: "required",
    values: "required",
    denseShape: "required",
    defaultValue: "required",
  },
  work: { kind: "computation" },
  host: "cpu",
  attrs: none,
  infer: () => undefined,
});

export const sparseReshape = kernel("SparseReshape", {
  operands: { inputIndices: "required", inputShape: "required", newShape: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: none,
  infer: ({ inputIndices, newShape }) => [
    {
      dtype: inputIndices.dtype,
      shape: [lengthOf(inputIndices.shape, 0), lengthOf(newShape.shape, 0)],
    },
    { dtype: newShape.dtype, shape: newShape.shape },
  ],
});

function segmentReduction<const N extends string>(name: N) {
  return kernel(name, {
    operands: { data: "required", indices: "required", segmentIds: "required" },
    work: { kind: "computation" },
    host: "cpu",
    attrs: none,
    infer: () => undefined,
  });
}

export const sparseSegmentMean = segmentReduction("SparseSegmentMean");
export const sparseSegmentSum = segmentReduction("SparseSegmentSum");

export const sparseToDense = kernel("SparseToDense", {
  operands: { sparseIndices: "required", sparseValues: "required", defaultValue: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { outputShape: integers },
  infer: ({ sparseValues }, { outputShape }) => [{ dtype: sparseValues.dtype, shape: outputShape }],
});

export const raggedGather = kernel("RaggedGather", {
  operands: { paramsNestedSplits: "list", paramsDenseValues: "required", indices: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: { outputRaggedRank: integer },
  infer: () => undefined,
});

export const raggedRange = kernel("RaggedRange", {
  operands: { starts: "required", limits: "required", deltas: "required" },
  work: { kind: "computation" },
  host: "cpu",
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
  work: { kind: "computation" },
  host: "cpu",
  attrs: { rowPartitionTypes: listOf(string) },
  infer: () => undefined,
});
