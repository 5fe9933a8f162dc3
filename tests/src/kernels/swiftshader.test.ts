// One file, so that one process compiles the shaders of every kernel on SwiftShader, once: that
// takes 10 s.
import "./devices.ts";
import "../executed/kernels.ts";
