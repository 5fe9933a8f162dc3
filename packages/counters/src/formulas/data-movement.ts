import { declaredZero } from "./formula.ts";

export const dataMovementFormulas = [
  ...declaredZero("a view of the same data", ["ExpandDims", "Identity", "Reshape"]),
  ...declaredZero("moves data and computes nothing", [
    "BatchToSpaceND",
    "Concat",
    "DepthToSpace",
    "Diag",
    "FlipLeftRight",
    "GatherV2",
    "GatherNd",
    "MirrorPad",
    "Pack",
    "PadV2",
    "Reverse",
    "ResizeNearestNeighbor",
    "RotateWithOffset",
    "Slice",
    "SpaceToBatchND",
    "SplitV",
    "StridedSlice",
    "Tile",
    "Transpose",
    "Unpack",
  ]),
  ...declaredZero("changes the element type, without arithmetic", ["Cast"]),
  ...declaredZero("takes complex numbers apart or puts them together", ["Complex", "Imag", "Real"]),
];
