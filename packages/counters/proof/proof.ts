import type { Attributes, KernelName, KernelOp, TensorType } from "@opcounter/ir";
import type fc from "fast-check";
import type { CountingArithmetic } from "./counting-arithmetic.ts";
import type { Dense } from "./dense.ts";

/** What a kernel is run on: tensors where an op has types. */
export interface Run<N extends KernelName> {
  readonly operands: DenseOperands<KernelOp<N>["operands"]>;
  readonly attrs: KernelOp<N>["attrs"];
}
type DenseOperands<T> = {
  readonly [P in keyof T]: T[P] extends TensorType | undefined ? Dense : readonly Dense[];
};

/** The elements of each result. */
export type Results = readonly (readonly number[])[];

/** A run of any kernel, with what it should give. */
export interface Execution {
  /** By the kernel's names, where an operand may be a list; "0", "1", … where all of them are one. */
  readonly operands: Readonly<Record<string, Dense | readonly Dense[]>>;
  readonly isVariadic: boolean;
  readonly attrs: Attributes;
  /** The kernel by naive loops; undefined where the kernel only moves elements. */
  readonly compute: ((n: CountingArithmetic) => Results) | undefined;
  /** The elements that a kernel which only moves them may write beside those of its operands. */
  readonly constants: readonly number[];
}

/** How a formula is proven: random runs, each with the kernel's definition as naive loops. */
export interface Proof {
  readonly kernel: KernelName;
  readonly executions: fc.Arbitrary<Execution>;
}

/** A proof by computing: the tally must equal the formula, or stay within it where it is a bound. */
export function proof<N extends KernelName>(
  kernel: N,
  runs: fc.Arbitrary<Run<N>>,
  compute: (n: CountingArithmetic, run: Run<N>) => Results,
): Proof {
  const executions = runs.map((run) => ({
    ...executionOf(run),
    compute: (n: CountingArithmetic) => compute(n, run),
    constants: [],
  }));
  return { kernel, executions };
}

/**
 * A proof that a kernel needs no arithmetic: each element of its results is one of its operands'
 * elements or a constant.
 */
export function moves<N extends KernelName>(
  kernel: N,
  runs: fc.Arbitrary<Run<N>>,
  constants: (run: Run<N>) => readonly number[] = () => [],
): Proof {
  const executions = runs.map((run) => ({
    ...executionOf(run),
    compute: undefined,
    constants: constants(run),
  }));
  return { kernel, executions };
}

function executionOf<N extends KernelName>({ operands, attrs }: Run<N>) {
  return {
    // Sound: an array's entries are named by their places, as the IR names them.
    operands: Object.fromEntries(Object.entries(operands)) as Execution["operands"],
    isVariadic: Array.isArray(operands),
    // Sound: attributes are what tfjs passes to kernels: numbers, texts and lists of them.
    attrs: attrs as Attributes,
  };
}
