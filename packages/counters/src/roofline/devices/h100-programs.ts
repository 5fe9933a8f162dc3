import type { DeviceSpec } from "../device-spec.ts";

/**
 * How near TensorFlow.js's programs come to an H100's limits, by `fitPrograms` from the times of
 * resnet50, mobilenet_v2, densenet121, gpt2 and vit_b_16. A test holds these figures to the fit.
 */
export const H100_PROGRAMS: Pick<DeviceSpec, "idle" | "programs" | "otherPrograms"> = {
  idle: { launchNs: 25_000, slowdown: 6 },
  programs: {
    PadProgram: { efficiency: 0.279, low: 0.933, high: 1.09 },
    Conv2DMMProgram: { efficiency: 0.559, low: 0.78, high: 1.27 },
    BatchNormProgram: { efficiency: 0.328, low: 0.919, high: 1.06 },
    UnaryOpProgram: { efficiency: 0.477, low: 0.944, high: 1.03 },
    Pool2DProgram: { efficiency: 0.338, low: 0.932, high: 1.15 },
    MatMulPackedProgram: { efficiency: 0.985, low: 0.768, high: 1.46 },
    BinaryOpProgram: { efficiency: 0.699, low: 0.933, high: 1.05 },
    ReduceProgram: { efficiency: 0.0406, low: 0.978, high: 1.04 },
    DepthwiseConv2DVec4Program: { efficiency: 0.144, low: 0.564, high: 1.35 },
    ConcatProgram: { efficiency: 0.307, low: 0.777, high: 1 },
    MatMulSmallOutputSizeProgram: { efficiency: 0.172, low: 0.564, high: 1.35 },
    GatherProgram: { efficiency: 0.0477, low: 0.564, high: 1.35 },
    SliceProgram: { efficiency: 0.124, low: 0.977, high: 1.04 },
    TileProgram: { efficiency: 0.0503, low: 0.985, high: 1.02 },
    TransposeProgram: { efficiency: 0.109, low: 0.983, high: 1.03 },
    SoftmaxProgram: { efficiency: 0.0716, low: 0.896, high: 1.07 },
  },
  otherPrograms: { efficiency: 0.225, low: 0.564, high: 1.35 },
};
