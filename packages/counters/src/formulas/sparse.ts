import { sizeOf, type TensorType } from "@opcounter/ir/core";
import { declaredZero, elements, formula } from "./formula.ts";

/** Sparse, ragged and segment kernels. */

/** Rows of data that indices pick. */
interface Segments {
  readonly operands: { readonly data: TensorType; readonly indices: TensorType };
}

const SEGMENTS = {
  picked: ({ operands: { indices } }: Segments) => elements(indices),
  width: ({ operands: { data } }: Segments) => sizeOf(data.shape.slice(1)),
};

export const sparseFormulas = [
  /** Updates of the same place are added: a sum for each element of them. */
  formula("ScatterNd", {
    symbols: { updates: ({ operands: { updates } }) => elements(updates) },
    flops: "updates",
  }),
  formula("UnsortedSegmentSum", { flops: "N" }),
  /** A sum for each element that an index picks. */
  formula("SparseSegmentSum", {
    symbols: SEGMENTS,
    flops: "picked * width",
  }),
  /** As the sum, and a division per output that has anything to divide. */
  formula("SparseSegmentMean", {
    status: "bound",
    source: "a sum for each element that is picked, and a division per output",
    symbols: SEGMENTS,
    flops: "picked * width + M",
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
    symbols: {
      values: ({ results: [, values] }) => {
        if (values === undefined) throw new Error("a RaggedRange has no values");
        return elements(values);
      },
    },
    flops: "2 * values",
  }),
];
