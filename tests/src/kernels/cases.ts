import { convolutionCases } from "./convolution.ts";
import { dataMovementCases, matmulCases, reductionCases, sparseCases } from "./data-movement.ts";
import { elementwiseCases } from "./elementwise.ts";
import type { KernelCase } from "./kernel-case.ts";
import { poolingCases } from "./pooling.ts";

/** How each kernel of tfjs is made to run, but those that Node cannot run. */
export const CASES: Readonly<Record<string, KernelCase>> = {
  ...elementwiseCases,
  ...convolutionCases,
  ...poolingCases,
  ...dataMovementCases,
  ...reductionCases,
  ...matmulCases,
  ...sparseCases,
};
