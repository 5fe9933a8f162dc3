import { convolutionFormulas } from "./convolution.ts";
import { creationFormulas } from "./creation.ts";
import { dataMovementFormulas } from "./data-movement.ts";
import { elementwiseFormulas } from "./elementwise.ts";
import type { Formula } from "./formula.ts";
import { fourierFormulas } from "./fourier.ts";
import { imageFormulas } from "./image.ts";
import { matmulFormulas } from "./matmul.ts";
import { normalizationFormulas } from "./normalization.ts";
import { poolingFormulas } from "./pooling.ts";
import { reductionFormulas, softmaxFormulas } from "./reduction.ts";
import { searchFormulas } from "./search.ts";
import { sparseFormulas } from "./sparse.ts";
import { stringFormulas } from "./string.ts";

/** Every formula of the `native` convention, by kernel name. */
export const FORMULAS: ReadonlyMap<string, Formula> = new Map(
  [
    convolutionFormulas,
    dataMovementFormulas,
    elementwiseFormulas,
    creationFormulas,
    fourierFormulas,
    searchFormulas,
    sparseFormulas,
    stringFormulas,
    imageFormulas,
    matmulFormulas,
    normalizationFormulas,
    poolingFormulas,
    reductionFormulas,
    softmaxFormulas,
  ]
    .flat()
    .map((formula) => [formula.kernel, formula]),
);
