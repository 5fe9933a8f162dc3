import {
  type Graph,
  type KernelName,
  type KernelOp,
  kernelOf,
  type Op,
  type OperandSpec,
  operandTypes,
  type Shape,
  sizeOf,
  type TensorType,
  valueAt,
} from "@opcounter/ir/core";
import { type Expression, parseExpression, type SymbolValue } from "../expressions/expression.ts";
import type { TextOver } from "../expressions/words.ts";
import type { KnownSymbol } from "./legend.ts";

/** The quantities a formula gives, each an integer per op. */
export const QUANTITIES = ["macs", "flops", "transcendentals"] as const;
export type Quantity = (typeof QUANTITIES)[number];

/**
 * How sure a formula is: exact for every op, zero because the kernel does no arithmetic, or an
 * upper bound because the work depends on the values of the operands.
 */
export type FormulaStatus = "formula" | "zero" | "bound";

/** Where an op stands: its graph has what made its operands. */
export interface OpInGraph {
  readonly graph: Graph;
  readonly op: Op;
}

/** A symbol's value in an op of one kernel. */
export type SymbolOf<N extends KernelName> = (op: KernelOp<N>, place: OpInGraph) => SymbolValue;

/** The symbols of a kernel's ops, by name. */
export type SymbolsOf<N extends KernelName, S extends string = string> = {
  readonly [P in S]: SymbolOf<N>;
};

/** Symbols that every kernel has; see `COMMON_SYMBOLS`. */
export type CommonSymbol = "N" | "M";

/** How the `native` convention counts one kernel, in the symbols S beside N and M. */
export interface Formula<N extends KernelName = KernelName, S extends string = string> {
  readonly kernel: N;
  readonly status: FormulaStatus;
  /** Why it is so: the definition, or the place it is taken from. */
  readonly source: string;
  /** What the names in the expressions stand for; N and M are always there. */
  readonly symbols: SymbolsOf<KernelName, S>;
  readonly expressions: Readonly<Partial<Record<Quantity, Expression>>>;
}

interface Definition<
  N extends KernelName,
  S extends string,
  Macs extends string,
  Flops extends string,
  Transcendentals extends string,
> {
  readonly source?: string;
  readonly status?: FormulaStatus;
  readonly symbols?: SymbolsOf<N, S>;
  /** Multiply-accumulate pairs. They count as two flops each without being repeated in `flops`. */
  readonly macs?: TextOver<Macs, S | CommonSymbol>;
  /** Arithmetic beside the multiply-accumulate pairs. */
  readonly flops?: TextOver<Flops, S | CommonSymbol>;
  readonly transcendentals?: TextOver<Transcendentals, S | CommonSymbol>;
}

/**
 * Declares how a kernel is counted. The expressions use the names that `symbols` gives, and
 *   N, the elements of the first operand, and M, the elements of the first result.
 * The compiler refuses any other name.
 */
export function formula<
  N extends KernelName,
  const S extends KnownSymbol = never,
  const Macs extends string = string,
  const Flops extends string = string,
  const Transcendentals extends string = string,
>(kernel: N, definition: Definition<N, S, Macs, Flops, Transcendentals>): Formula<N, S> {
  const [macs, flops, transcendentals] = QUANTITIES.map((quantity) => {
    const text = definition[quantity];
    return text === undefined ? undefined : parseExpression(text);
  });
  const allFlops = sumOf(macs && twice(macs), flops);
  return {
    kernel,
    status: definition.status ?? "formula",
    source: definition.source ?? "definition",
    // Sound: a formula is only ever given ops of the kernel it is registered under.
    symbols: (definition.symbols ?? {}) as Formula<N, S>["symbols"],
    expressions: {
      ...(macs === undefined ? {} : { macs }),
      ...(allFlops === undefined ? {} : { flops: allFlops }),
      ...(transcendentals === undefined ? {} : { transcendentals }),
    },
  };
}

/** 2·a, with the 2 in front of a's factors. */
function twice(a: Expression): Expression {
  if (a.kind === "*") return { ...a, left: twice(a.left) };
  return { kind: "*", left: { kind: "number", digits: "2" }, right: a };
}

function sumOf(left: Expression | undefined, right: Expression | undefined) {
  if (left === undefined || right === undefined) return left ?? right;
  return appended(left, right);
}

/** left + right, read from the left as a text of both would be. */
function appended(left: Expression, right: Expression): Expression {
  if (right.kind !== "+" && right.kind !== "-") return { kind: "+", left, right };
  return { ...right, left: appended(left, right.left) };
}

/** Declares kernels that do no arithmetic; what they move is counted in bytes all the same. */
export function declaredZero<N extends KernelName>(
  source: string,
  kernels: readonly N[],
): Formula<N, never>[] {
  return kernels.map((kernel) => ({
    kernel,
    status: "zero",
    source,
    symbols: {},
    expressions: {},
  }));
}

/** An op with its operand and result types, as its kernel declares them. */
export function typedOp({ graph, op }: OpInGraph): KernelOp<KernelName> {
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

/** N and M, which every expression may use; 0 where an op has no operand or no result. */
export const COMMON_SYMBOLS: SymbolsOf<KernelName, CommonSymbol> = {
  N: (_, { graph, op }) => {
    const [first] = Object.values(op.operands);
    return first === undefined ? 0 : valueAt(graph, first).shape;
  },
  M: (_, { graph, op }) => {
    const [first] = op.results;
    return first === undefined ? 0 : valueAt(graph, first).shape;
  },
};

/** D, the elements of the gradient that comes in. */
export const GRADIENT = {
  D: ({ operands: { dy } }: { readonly operands: { readonly dy: TensorType } }): SymbolValue =>
    dy.shape,
};

/**
 * The length of a shape's axis; negative axes count from the last.
 *
 * @throws Error where the shape has no such axis: its graph was not verified.
 */
export function lengthOf(shape: Shape, axis: number): number {
  const length = shape.at(axis);
  if (length === undefined) throw new Error(`the shape [${shape}] has no axis ${axis}`);
  return length;
}

/** The length of the last axis; a scalar is a row of one element. */
export function rowLength({ shape }: TensorType): number {
  return shape.at(-1) ?? 1;
}

/** How many elements a tensor has. */
export function elements({ shape }: TensorType): number {
  return sizeOf(shape);
}
