import type { KernelName } from "@opcounter/ir";
import { convolutionProofs } from "./cases/convolution.ts";
import { creationProofs } from "./cases/creation.ts";
import { dataMovementProofs } from "./cases/data-movement.ts";
import { dilationProofs } from "./cases/dilation.ts";
import { elementwiseProofs } from "./cases/elementwise.ts";
import { fourierProofs } from "./cases/fourier.ts";
import { imageProofs } from "./cases/image.ts";
import { matmulProofs } from "./cases/matmul.ts";
import { normalizationProofs } from "./cases/normalization.ts";
import { poolingProofs } from "./cases/pooling.ts";
import { reductionProofs } from "./cases/reduction.ts";
import { searchProofs } from "./cases/search.ts";
import { sparseProofs } from "./cases/sparse.ts";
import { suppressionProofs } from "./cases/suppression.ts";
import type { Proof } from "./proof.ts";

/** A proof for every kernel but those in `UNPROVEN`. */
export const PROOFS: readonly Proof[] = [
  convolutionProofs,
  creationProofs,
  dataMovementProofs,
  dilationProofs,
  elementwiseProofs,
  fourierProofs,
  imageProofs,
  matmulProofs,
  normalizationProofs,
  poolingProofs,
  reductionProofs,
  searchProofs,
  sparseProofs,
  suppressionProofs,
].flat();

/** Kernels whose formula cannot be proven by running them, and why. */
export const UNPROVEN: Readonly<Partial<Record<KernelName, string>>> = {
  ...Object.fromEntries(
    (["StaticRegexReplace", "StringNGrams", "StringSplit", "StringToHashBucketFast"] as const).map(
      (kernel) => [kernel, "its operands are texts, which the counting numbers cannot be"],
    ),
  ),
  Where: "it is a function of tfjs and no kernel",
  ListDiff: "it is a function of tfjs and no kernel",
  Draw: "it draws on a page's canvas, and Node has none",
  FromPixels: "it reads pixels of a page, and its operand is no tensor",
  SparseReshape: "all it gives are indices, whose arithmetic no formula counts",
};
