import { declaredZero } from "../formula.ts";

export const dataMovementFormulas = [
  ...declaredZero("a view of the same data", ["ExpandDims", "Identity", "Reshape"]),
  ...declaredZero("moves data and computes nothing", [
    "BatchToSpaceND",
    "Concat",
    "DepthToSpace",
    "GatherV2",
    "GatherNd",
    "MirrorPad",
    "Pack",
    "PadV2",
    "Reverse",
    "ResizeNearestNeighbor",
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
  ...declaredZero("writes constants", ["Fill", "OnesLike", "OneHot", "ZerosLike"]),
];
