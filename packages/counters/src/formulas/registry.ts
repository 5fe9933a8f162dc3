import { declaredName, type KernelName } from "@opcounter/ir/core";
import { convolutionFormulas } from "./convolution.ts";
import { creationFormulas } from "./creation.ts";
import { dataMovementFormulas } from "./data-movement.ts";
import { type DialectFormula, dialectFormulas } from "./dialects.ts";
import { elementwiseFormulas } from "./elementwise.ts";
import type { CommonSymbol, Formula } from "./formula.ts";
import { fourierFormulas } from "./fourier.ts";
import { imageFormulas } from "./image.ts";
import { matmulFormulas } from "./matmul.ts";
import { normalizationFormulas } from "./normalization.ts";
import { poolingFormulas } from "./pooling.ts";
import { reductionFormulas, softmaxFormulas } from "./reduction.ts";
import { searchFormulas } from "./search.ts";
import { sparseFormulas } from "./sparse.ts";
import { stringFormulas } from "./string.ts";

const ALL = [
  ...convolutionFormulas,
  ...dataMovementFormulas,
  ...elementwiseFormulas,
  ...creationFormulas,
  ...fourierFormulas,
  ...searchFormulas,
  ...sparseFormulas,
  ...stringFormulas,
  ...imageFormulas,
  ...matmulFormulas,
  ...normalizationFormulas,
  ...poolingFormulas,
  ...reductionFormulas,
  ...softmaxFormulas,
];

/** Every formula of the `native` convention, by kernel name. */
export const FORMULAS: ReadonlyMap<string, Formula> = new Map(
  ALL.map((formula): [string, Formula] => [formula.kernel, formula]),
);

/** The same of WebGPU programs, by the name that a kernel is declared by. */
export const DIALECT_FORMULAS: ReadonlyMap<string, DialectFormula> = new Map(
  dialectFormulas.map((formula) => [formula.kernel, formula]),
);

/** What counts a kernel; undefined where nothing does. */
export function formulaOf(kernel: string): Omit<Formula, "kernel"> | undefined {
  return FORMULAS.get(kernel) ?? DIALECT_FORMULAS.get(declaredName(kernel));
}

type None<T extends never> = T;
/**
 * The kernels that are declared and have no formula. Where there is one, this does not compile, and
 * the error names it: write its formula in the file of its family.
 */
export type KernelsWithoutFormula = None<Exclude<KernelName, (typeof ALL)[number]["kernel"]>>;

type SymbolsIn<F, N extends KernelName> =
  F extends Formula<infer Kernel, infer S> ? (N extends Kernel ? S : never) : never;

/** The symbols that a kernel's formula gives, N and M among them. */
export type FormulaSymbol<N extends KernelName> = SymbolsIn<(typeof ALL)[number], N> | CommonSymbol;
