import {
  type Graph,
  type KernelName,
  type KernelOp,
  kernelOf,
  type Op,
  type OperandSpec,
  operandTypes,
  sizeOf,
  type TensorType,
  valueAt,
} from "@opcounter/ir";
import { type Expression, parseExpression, type Symbols } from "./expression.ts";

/** The quantities a formula gives, each a whole number an op. */
export const QUANTITIES = ["macs", "flops", "transcendentals"] as const;
export type Quantity = (typeof QUANTITIES)[number];

/**
 * How sure a formula is: exact for every op, zero because the kernel does no arithmetic, or an
 * upper bound because the work depends on the values of the operands.
 */
export type FormulaStatus = "formula" | "zero" | "bound";

/** How the `native` convention counts one kernel. */
export interface Formula {
  readonly kernel: KernelName;
  readonly status: FormulaStatus;
  /** Why it is so: the definition, or the place it is taken from. */
  readonly source: string;
  /** What the names in the expressions stand for; N and M are always there. */
  readonly symbols: (op: KernelOp<KernelName>) => Symbols;
  readonly expressions: Readonly<Partial<Record<Quantity, Expression>>>;
}

interface Definition<N extends KernelName> {
  readonly source?: string;
  readonly status?: FormulaStatus;
  readonly symbols?: (op: KernelOp<N>) => Symbols;
  /** Multiply-accumulate pairs. They count as two flops each without being repeated in `flops`. */
  readonly macs?: string;
  /** Arithmetic beside the multiply-accumulate pairs. */
  readonly flops?: string;
  readonly transcendentals?: string;
}

/**
 * Declares how a kernel is counted. The expressions use the names that `symbols` gives, and
 *   N, the elements of the first operand, and M, the elements of the first result.
 */
export function formula<N extends KernelName>(kernel: N, definition: Definition<N>): Formula {
  const { macs, flops, transcendentals, symbols = () => ({}) } = definition;
  const allFlops = [macs === undefined ? [] : `2 * (${macs})`, flops ?? []].flat().join(" + ");
  return {
    kernel,
    status: definition.status ?? "formula",
    source: definition.source ?? "definition",
    // Sound: a formula is only ever given ops of the kernel it is registered under.
    symbols: symbols as Formula["symbols"],
    expressions: {
      ...(macs === undefined ? {} : { macs: parseExpression(macs) }),
      ...(allFlops === "" ? {} : { flops: parseExpression(allFlops) }),
      ...(transcendentals === undefined
        ? {}
        : { transcendentals: parseExpression(transcendentals) }),
    },
  };
}

/** Declares kernels that do no arithmetic; what they move is counted in bytes all the same. */
export function declaredZero(source: string, kernels: readonly KernelName[]): Formula[] {
  return kernels.map((kernel) => ({
    kernel,
    status: "zero",
    source,
    symbols: () => ({}),
    expressions: {},
  }));
}

/** An op with its operand and result types, as its kernel declares them. */
export function typedOp(graph: Graph, op: Op): KernelOp<KernelName> {
  const spec: OperandSpec | undefined = kernelOf(op.kernel)?.operands;
  const typed: unknown = {
    kernel: op.kernel,
    operands: operandTypes(graph, op, spec),
    attrs: op.attrs,
    results: op.results.map((id) => valueAt(graph, id)),
  };
  // Sound for graphs that pass the verifier, which checks operands and attributes by kernel.
  return typed as KernelOp<KernelName>;
}

/** N and M, which every formula may use. */
export function commonSymbols(graph: Graph, op: Op): Symbols {
  const first = Object.values(op.operands)[0];
  const result = op.results[0];
  return {
    N: first === undefined ? 0 : sizeOf(valueAt(graph, first).shape),
    M: result === undefined ? 0 : sizeOf(valueAt(graph, result).shape),
  };
}

export function elements(type: TensorType | undefined): number {
  return type === undefined ? 0 : sizeOf(type.shape);
}
