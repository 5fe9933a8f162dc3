import { declaredZero, elements, formula } from "./formula.ts";

/** Sparse, ragged and segment kernels. U is the number of elements that are added or placed. */

export const sparseFormulas = [
  /** Updates of the same place are added: a sum for each element of them. */
  formula("ScatterNd", {
    symbols: ({ operands: { updates } }) => ({ U: elements(updates) }),
    flops: "U",
  }),
  formula("UnsortedSegmentSum", { flops: "N" }),
  /** A sum for each element that an index picks; W is the width of a row. */
  formula("SparseSegmentSum", {
    symbols: ({ operands: { data, indices } }) => ({
      I: elements(indices),
      W: data.shape.slice(1).reduce((product, dimension) => product * dimension, 1),
    }),
    flops: "I * W",
  }),
  /** As the sum, and a division an output that has anything to divide. */
  formula("SparseSegmentMean", {
    status: "bound",
    source: "a sum for each element that is picked, and a division an output",
    symbols: ({ operands: { data, indices } }) => ({
      I: elements(indices),
      W: data.shape.slice(1).reduce((product, dimension) => product * dimension, 1),
    }),
    flops: "I * W + M",
  }),
  ...declaredZero("moves data and computes nothing", [
    "RaggedGather",
    "RaggedTensorToTensor",
    "SparseFillEmptyRows",
    "SparseToDense",
    "TensorScatterUpdate",
  ]),
  ...declaredZero("computes indices only", ["BroadcastArgs", "SparseReshape"]),
  /** Each row starts at its start and adds its delta; how long the rows are is in the operands. */
  formula("RaggedRange", {
    symbols: ({ results }) => ({ Z: elements(results[1]) }),
    flops: "2 * Z",
  }),
];
