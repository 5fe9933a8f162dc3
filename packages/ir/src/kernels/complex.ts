import { kernel } from "../kernel.ts";
import { none } from "./attribute-types.ts";

export const complex = kernel("Complex", {
  operands: { real: "required", imag: "required" },
  work: { kind: "computation" },
  host: "cpu",
  attrs: none,
  infer: ({ real }) => [{ dtype: "complex64", shape: real.shape }],
});

function part<const N extends string>(name: N) {
  return kernel(name, {
    operands: { input: "required" },
    work: { kind: "computation" },
    host: "cpu",
    attrs: none,
    // The WebGPU backend gives the part in the shape that the tensor had before it was reshaped.
    infer: () => undefined,
  });
}

function transform<const N extends string>(name: N) {
  return kernel(name, {
    operands: { input: "required" },
    work: { kind: "computation" },
    host: "cpu",
    attrs: none,
    infer: ({ input }) => [{ dtype: "complex64", shape: input.shape }],
  });
}

export const real = part("Real");
export const imag = part("Imag");
export const fft = transform("FFT");
export const ifft = transform("IFFT");
