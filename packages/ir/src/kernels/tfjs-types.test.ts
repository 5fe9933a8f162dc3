import type * as tfjs from "@tensorflow/tfjs-core";
import type { AttributesOf } from "./attribute-types.ts";
import type { KernelName, Kernels } from "./registry.ts";

/**
 * Each kernel's operand names and attributes are those of the types that tfjs-core exports. The
 * compiler checks that, so there is nothing to run. Where a declaration differs from tfjs, or an
 * upgrade of tfjs changes a type, this file does not compile.
 */

/** tfjs exports no type where a kernel has no operands or no attributes. */
type NoInputs = Record<never, never>;
type NoAttrs = Record<never, never>;

// tfjs's ops sometimes pass to its kernels what its types exclude:

/** `tf.sum(x)` and its like pass null for "all axes". */
type OrNull<A, N extends keyof A> = Omit<A, N> & { [K in N]: A[K] | null };
/** The argument may be left out of the op, which then passes undefined. */
type OrAbsent<A, N extends keyof A> = Omit<A, N> & { [K in N]?: A[K] };
/** A canvas is not data. The graph records a name for it. */
type HostObjects<A> = { [K in keyof A]: unknown };
/** The graph has no operand for what is not a tensor, such as an image or a video. */
type OnlyTensors<I> = { [K in keyof I as I[K] extends tfjs.TensorInfo ? K : never]: I[K] };

/** Operands and attributes of each kernel, as tfjs declares them. */
interface Declared {
  Abs: [tfjs.AbsInputs, NoAttrs];
  Acos: [tfjs.AcosInputs, NoAttrs];
  Acosh: [tfjs.AcoshInputs, NoAttrs];
  Add: [tfjs.AddInputs, NoAttrs];
  AddN: [tfjs.AddNInputs, NoAttrs];
  All: [tfjs.AllInputs, OrNull<tfjs.AllAttrs, "axis">];
  Any: [tfjs.AnyInputs, OrNull<tfjs.AnyAttrs, "axis">];
  ArgMax: [tfjs.ArgMaxInputs, tfjs.ArgMaxAttrs];
  ArgMin: [tfjs.ArgMinInputs, tfjs.ArgMinAttrs];
  Asin: [tfjs.AsinInputs, NoAttrs];
  Asinh: [tfjs.AsinhInputs, NoAttrs];
  Atan: [tfjs.AtanInputs, NoAttrs];
  Atan2: [tfjs.Atan2Inputs, NoAttrs];
  Atanh: [tfjs.AtanhInputs, NoAttrs];
  AvgPool: [tfjs.AvgPoolInputs, tfjs.AvgPoolAttrs];
  AvgPool3D: [tfjs.AvgPool3DInputs, tfjs.AvgPool3DAttrs];
  AvgPool3DGrad: [tfjs.AvgPool3DGradInputs, tfjs.AvgPool3DGradAttrs];
  AvgPoolGrad: [tfjs.AvgPoolGradInputs, tfjs.AvgPoolGradAttrs];
  BatchMatMul: [tfjs.BatchMatMulInputs, tfjs.BatchMatMulAttrs];
  BatchToSpaceND: [tfjs.BatchToSpaceNDInputs, tfjs.BatchToSpaceNDAttrs];
  Bincount: [tfjs.BincountInputs, tfjs.BincountAttrs];
  BitwiseAnd: [tfjs.BitwiseAndInputs, NoAttrs];
  BroadcastArgs: [tfjs.BroadcastArgsInputs, NoAttrs];
  Cast: [tfjs.CastInputs, tfjs.CastAttrs];
  Ceil: [tfjs.CeilInputs, NoAttrs];
  ClipByValue: [tfjs.ClipByValueInputs, tfjs.ClipByValueAttrs];
  Complex: [tfjs.ComplexInputs, NoAttrs];
  ComplexAbs: [tfjs.ComplexAbsInputs, NoAttrs];
  Concat: [tfjs.ConcatInputs, tfjs.ConcatAttrs];
  Conv2D: [tfjs.Conv2DInputs, tfjs.Conv2DAttrs];
  Conv2DBackpropFilter: [tfjs.Conv2DBackpropFilterInputs, tfjs.Conv2DBackpropFilterAttrs];
  Conv2DBackpropInput: [tfjs.Conv2DBackpropInputInputs, tfjs.Conv2DBackpropInputAttrs];
  Conv3D: [tfjs.Conv3DInputs, tfjs.Conv3DAttrs];
  Conv3DBackpropFilterV2: [tfjs.Conv3DBackpropFilterV2Inputs, tfjs.Conv3DBackpropFilterV2Attrs];
  Conv3DBackpropInputV2: [tfjs.Conv3DBackpropInputV2Inputs, tfjs.Conv3DBackpropInputV2Attrs];
  Cos: [tfjs.CosInputs, NoAttrs];
  Cosh: [tfjs.CoshInputs, NoAttrs];
  CropAndResize: [tfjs.CropAndResizeInputs, tfjs.CropAndResizeAttrs];
  Cumprod: [tfjs.CumprodInputs, tfjs.CumprodAttrs];
  Cumsum: [tfjs.CumsumInputs, tfjs.CumsumAttrs];
  DenseBincount: [tfjs.DenseBincountInputs, tfjs.DenseBincountAttrs];
  DepthToSpace: [tfjs.DepthToSpaceInputs, tfjs.DepthToSpaceAttrs];
  // tf.layers.depthwiseConv2d passes null where no dilation rate is given.
  DepthwiseConv2dNative: [
    tfjs.DepthwiseConv2dNativeInputs,
    OrNull<tfjs.DepthwiseConv2dNativeAttrs, "dilations">,
  ];
  DepthwiseConv2dNativeBackpropFilter: [
    tfjs.DepthwiseConv2dNativeBackpropFilterInputs,
    tfjs.DepthwiseConv2dNativeBackpropFilterAttrs,
  ];
  DepthwiseConv2dNativeBackpropInput: [
    tfjs.DepthwiseConv2dNativeBackpropInputInputs,
    tfjs.DepthwiseConv2dNativeBackpropInputAttrs,
  ];
  Diag: [tfjs.DiagInputs, NoAttrs];
  Dilation2D: [tfjs.Dilation2DInputs, tfjs.Dilation2DAttrs];
  /**
   * tfjs exports no attributes for the two gradients: they are passed those of the forward kernel.
   */
  Dilation2DBackpropFilter: [tfjs.Dilation2DBackpropFilterInputs, tfjs.Dilation2DAttrs];
  Dilation2DBackpropInput: [tfjs.Dilation2DBackpropInputInputs, tfjs.Dilation2DAttrs];
  Draw: [tfjs.DrawInputs, HostObjects<tfjs.DrawAttrs>];
  Einsum: [tfjs.EinsumInputs, tfjs.EinsumAttrs];
  Elu: [tfjs.EluInputs, NoAttrs];
  EluGrad: [tfjs.EluGradInputs, NoAttrs];
  Equal: [tfjs.EqualInputs, NoAttrs];
  Erf: [tfjs.ErfInputs, NoAttrs];
  Exp: [tfjs.ExpInputs, NoAttrs];
  ExpandDims: [tfjs.ExpandDimsInputs, tfjs.ExpandDimsAttrs];
  Expm1: [tfjs.Expm1Inputs, NoAttrs];
  FFT: [tfjs.FFTInputs, NoAttrs];
  Fill: [NoInputs, tfjs.FillAttrs];
  FlipLeftRight: [tfjs.FlipLeftRightInputs, NoAttrs];
  Floor: [tfjs.FloorInputs, NoAttrs];
  FloorDiv: [tfjs.FloorDivInputs, NoAttrs];
  FromPixels: [OnlyTensors<tfjs.FromPixelsInputs>, tfjs.FromPixelsAttrs];
  FusedBatchNorm: [tfjs.FusedBatchNormInputs, tfjs.FusedBatchNormAttrs];
  FusedConv2D: [tfjs.FusedConv2DInputs, OrAbsent<tfjs.FusedConv2DAttrs, "dimRoundingMode">];
  FusedDepthwiseConv2D: [
    tfjs.FusedDepthwiseConv2DInputs,
    OrAbsent<tfjs.FusedDepthwiseConv2DAttrs, "dimRoundingMode">,
  ];
  GatherNd: [tfjs.GatherNdInputs, NoAttrs];
  GatherV2: [tfjs.GatherV2Inputs, tfjs.GatherV2Attrs];
  Greater: [tfjs.GreaterInputs, NoAttrs];
  GreaterEqual: [tfjs.GreaterEqualInputs, NoAttrs];
  IFFT: [tfjs.IFFTInputs, NoAttrs];
  Identity: [tfjs.IdentityInputs, NoAttrs];
  Imag: [tfjs.ImagInputs, NoAttrs];
  IsFinite: [tfjs.IsFiniteInputs, NoAttrs];
  IsInf: [tfjs.IsInfInputs, NoAttrs];
  IsNan: [tfjs.IsNanInputs, NoAttrs];
  LRN: [tfjs.LRNInputs, tfjs.LRNAttrs];
  LRNGrad: [tfjs.LRNGradInputs, tfjs.LRNGradAttrs];
  LeakyRelu: [tfjs.LeakyReluInputs, tfjs.LeakyReluAttrs];
  Less: [tfjs.LessInputs, NoAttrs];
  LessEqual: [tfjs.LessEqualInputs, NoAttrs];
  LinSpace: [NoInputs, tfjs.LinSpaceAttrs];
  /** The arguments of `tf.setdiff1dAsync`, which is no kernel. */
  ListDiff: [Record<"x" | "y", tfjs.TensorInfo>, NoAttrs];
  Log: [tfjs.LogInputs, NoAttrs];
  Log1p: [tfjs.Log1pInputs, NoAttrs];
  LogicalAnd: [tfjs.LogicalAndInputs, NoAttrs];
  LogicalNot: [tfjs.LogicalNotInputs, NoAttrs];
  LogicalOr: [tfjs.LogicalOrInputs, NoAttrs];
  Max: [tfjs.MaxInputs, OrNull<tfjs.MaxAttrs, "reductionIndices">];
  MaxPool: [tfjs.MaxPoolInputs, tfjs.MaxPoolAttrs];
  MaxPool3D: [tfjs.MaxPool3DInputs, tfjs.MaxPool3DAttrs];
  MaxPool3DGrad: [tfjs.MaxPool3DGradInputs, tfjs.MaxPool3DGradAttrs];
  MaxPoolGrad: [tfjs.MaxPoolGradInputs, tfjs.MaxPoolGradAttrs];
  MaxPoolWithArgmax: [tfjs.MaxPoolWithArgmaxInputs, tfjs.MaxPoolWithArgmaxAttrs];
  Maximum: [tfjs.MaximumInputs, NoAttrs];
  Mean: [tfjs.MeanInputs, OrNull<tfjs.MeanAttrs, "axis">];
  Min: [tfjs.MinInputs, OrNull<tfjs.MinAttrs, "axis">];
  Minimum: [tfjs.MinimumInputs, NoAttrs];
  MirrorPad: [tfjs.MirrorPadInputs, tfjs.MirrorPadAttrs];
  Mod: [tfjs.ModInputs, NoAttrs];
  Multinomial: [tfjs.MultinomialInputs, tfjs.MultinomialAttrs];
  Multiply: [tfjs.MultiplyInputs, NoAttrs];
  Neg: [tfjs.NegInputs, NoAttrs];
  NonMaxSuppressionV3: [tfjs.NonMaxSuppressionV3Inputs, tfjs.NonMaxSuppressionV3Attrs];
  NonMaxSuppressionV4: [tfjs.NonMaxSuppressionV4Inputs, tfjs.NonMaxSuppressionV4Attrs];
  NonMaxSuppressionV5: [tfjs.NonMaxSuppressionV5Inputs, tfjs.NonMaxSuppressionV5Attrs];
  NotEqual: [tfjs.NotEqualInputs, NoAttrs];
  OneHot: [tfjs.OneHotInputs, tfjs.OneHotAttrs];
  OnesLike: [tfjs.OnesLikeInputs, NoAttrs];
  Pack: [tfjs.PackInputs, tfjs.PackAttrs];
  PadV2: [tfjs.PadV2Inputs, tfjs.PadV2Attrs];
  Pow: [tfjs.PowInputs, NoAttrs];
  Prelu: [tfjs.PreluInputs, NoAttrs];
  Prod: [tfjs.ProdInputs, OrNull<tfjs.ProdAttrs, "axis">];
  RaggedGather: [tfjs.RaggedGatherInputs, tfjs.RaggedGatherAttrs];
  RaggedRange: [tfjs.RaggedRangeInputs, NoAttrs];
  RaggedTensorToTensor: [tfjs.RaggedTensorToTensorInputs, tfjs.RaggedTensorToTensorAttrs];
  Range: [NoInputs, tfjs.RangeAttrs];
  Real: [tfjs.RealInputs, NoAttrs];
  RealDiv: [tfjs.RealDivInputs, NoAttrs];
  Reciprocal: [tfjs.ReciprocalInputs, NoAttrs];
  Relu: [tfjs.ReluInputs, NoAttrs];
  Relu6: [tfjs.Relu6Inputs, NoAttrs];
  Reshape: [tfjs.ReshapeInputs, tfjs.ReshapeAttrs];
  ResizeBilinear: [tfjs.ResizeBilinearInputs, tfjs.ResizeBilinearAttrs];
  ResizeBilinearGrad: [tfjs.ResizeBilinearGradInputs, tfjs.ResizeBilinearGradAttrs];
  ResizeNearestNeighbor: [tfjs.ResizeNearestNeighborInputs, tfjs.ResizeNearestNeighborAttrs];
  ResizeNearestNeighborGrad: [
    tfjs.ResizeNearestNeighborGradInputs,
    tfjs.ResizeNearestNeighborGradAttrs,
  ];
  Reverse: [tfjs.ReverseInputs, OrAbsent<tfjs.ReverseAttrs, "dims">];
  RotateWithOffset: [tfjs.RotateWithOffsetInputs, tfjs.RotateWithOffsetAttrs];
  Round: [tfjs.RoundInputs, NoAttrs];
  Rsqrt: [tfjs.RsqrtInputs, NoAttrs];
  ScatterNd: [tfjs.ScatterNdInputs, tfjs.ScatterNdAttrs];
  SearchSorted: [tfjs.SearchSortedInputs, tfjs.SearchSortedAttrs];
  Select: [tfjs.SelectInputs, NoAttrs];
  Selu: [tfjs.SeluInputs, NoAttrs];
  Sigmoid: [tfjs.SigmoidInputs, NoAttrs];
  Sign: [tfjs.SignInputs, NoAttrs];
  Sin: [tfjs.SinInputs, NoAttrs];
  Sinh: [tfjs.SinhInputs, NoAttrs];
  Slice: [tfjs.SliceInputs, OrAbsent<tfjs.SliceAttrs, "size">];
  Softmax: [tfjs.SoftmaxInputs, tfjs.SoftmaxAttrs];
  Softplus: [tfjs.SoftplusInputs, NoAttrs];
  SpaceToBatchND: [tfjs.SpaceToBatchNDInputs, tfjs.SpaceToBatchNDAttrs];
  SparseFillEmptyRows: [tfjs.SparseFillEmptyRowsInputs, NoAttrs];
  SparseReshape: [tfjs.SparseReshapeInputs, NoAttrs];
  SparseSegmentMean: [tfjs.SparseSegmentMeanInputs, NoAttrs];
  SparseSegmentSum: [tfjs.SparseSegmentSumInputs, NoAttrs];
  SparseToDense: [tfjs.SparseToDenseInputs, tfjs.SparseToDenseAttrs];
  SplitV: [tfjs.SplitVInputs, tfjs.SplitVAttrs];
  Sqrt: [tfjs.SqrtInputs, NoAttrs];
  Square: [tfjs.SquareInputs, NoAttrs];
  SquaredDifference: [tfjs.SquaredDifferenceInputs, NoAttrs];
  StaticRegexReplace: [tfjs.StaticRegexReplaceInputs, tfjs.StaticRegexReplaceAttrs];
  Step: [tfjs.StepInputs, tfjs.StepAttrs];
  StridedSlice: [tfjs.StridedSliceInputs, OrAbsent<tfjs.StridedSliceAttrs, "strides">];
  StringNGrams: [tfjs.StringNGramsInputs, tfjs.StringNGramsAttrs];
  StringSplit: [tfjs.StringSplitInputs, tfjs.StringSplitAttrs];
  StringToHashBucketFast: [tfjs.StringToHashBucketFastInputs, tfjs.StringToHashBucketFastAttrs];
  Sub: [tfjs.SubInputs, NoAttrs];
  Sum: [tfjs.SumInputs, OrNull<tfjs.SumAttrs, "axis">];
  Tan: [tfjs.TanInputs, NoAttrs];
  Tanh: [tfjs.TanhInputs, NoAttrs];
  /** tfjs declares an empty interface, which anything is assignable to. */
  TensorScatterUpdate: [tfjs.TensorScatterUpdateInputs, NoAttrs];
  Tile: [tfjs.TileInputs, tfjs.TileAttrs];
  TopK: [tfjs.TopKInputs, tfjs.TopKAttrs];
  Transform: [tfjs.TransformInputs, tfjs.TransformAttrs];
  Transpose: [tfjs.TransposeInputs, tfjs.TransposeAttrs];
  Unique: [tfjs.UniqueInputs, tfjs.UniqueAttrs];
  Unpack: [tfjs.UnpackInputs, tfjs.UnpackAttrs];
  UnsortedSegmentSum: [tfjs.UnsortedSegmentSumInputs, tfjs.UnsortedSegmentSumAttrs];
  /** The argument of `tf.whereAsync`, which is no kernel. */
  Where: [Record<"condition", tfjs.TensorInfo>, NoAttrs];
  ZerosLike: [tfjs.ZerosLikeInputs, NoAttrs];
  _FusedMatMul: [tfjs._FusedMatMulInputs, tfjs._FusedMatMulAttrs];
}

/** The names of properties. An index signature, which allows any name, gives none. */
type NamesOf<T> = keyof {
  [N in keyof T as string extends N ? never : number extends N ? never : N]: T[N];
};
type OperandNames<Inputs> = Inputs extends "variadic" | readonly unknown[]
  ? "variadic"
  : NamesOf<Inputs>;

type Same<A, B> = [A, B] extends [B, A] ? true : false;
/** Assignable both ways, and with the same names: an optional property more is a difference. */
type SameAttrs<A, B> = Same<[A, NamesOf<A>], [B, NamesOf<B>]>;

type AttrsOf<N extends KernelName> = AttributesOf<Kernels[N]["attrs"]>;
type OperandsOf<N extends KernelName> = Kernels[N]["operands"];

/** Names each difference between a declaration and tfjs; `never` where there is none. */
type Difference = {
  [N in KernelName]: N extends keyof Declared
    ?
        | (Same<OperandNames<OperandsOf<N>>, OperandNames<Declared[N][0]>> extends true
            ? never
            : `operands of ${N}`)
        | (SameAttrs<AttrsOf<N>, Declared[N][1]> extends true ? never : `attributes of ${N}`)
    : `tfjs's types of ${N} in the table`;
}[KernelName];

type Holds<T extends true> = T;
type None<T extends never> = T;

export type Differences = None<Difference>;
/** The table has no kernel that is not declared; one that is missing fails above. */
export type Strangers = None<Exclude<keyof Declared, KernelName>>;

/** The comparison finds each kind of difference. */
export type Comparison = [
  Holds<Same<Same<"x", "x" | "y">, false>>,
  Holds<
    Same<OperandNames<tfjs.FusedConv2DInputs>, "x" | "filter" | "bias" | "preluActivationWeights">
  >,
  Holds<Same<OperandNames<tfjs.ConcatInputs>, "variadic">>,
  Holds<Same<SameAttrs<{ axis: number }, { axis: number | null }>, false>>,
  Holds<Same<SameAttrs<{ axis: number }, { axis?: number }>, false>>,
  Holds<Same<SameAttrs<{ axis: number }, { axis: number; keepDims?: boolean }>, false>>,
  Holds<Same<SameAttrs<tfjs.SumAttrs, tfjs.MeanAttrs>, true>>,
];
