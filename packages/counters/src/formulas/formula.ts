import {
  type Graph,
  type KernelName,
  type KernelOp,
  kernelOf,
  type Op,
  type OperandSpec,
  operandTypes,
  type ParamValue,
  sizeOf,
  type TensorType,
  type ValueId,
  valueAt,
} from "@opcounter/ir";
import {
  type Expression,
  parseExpression,
  type Symbols,
  type SymbolValue,
} from "../expressions/expression.ts";

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
  const { symbols = () => ({}) } = definition;
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
    symbols: symbols as Formula["symbols"],
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
  return { kind: "*", left: { kind: "number", value: 2n }, right: a };
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

/** N, M and w, which every expression may use; w is 1 where an operand b stands for a parameter. */
export function commonSymbols(graph: Graph, op: Op): Symbols {
  const first = Object.values(op.operands)[0];
  const result = op.results[0];
  const right = op.operands["b"];
  return {
    N: first === undefined ? 0 : valueAt(graph, first).shape,
    M: result === undefined ? 0 : valueAt(graph, result).shape,
    w: right !== undefined && parameterBehind(graph, right) !== undefined ? 1 : 0,
  };
}

/** The parameter that a value is, or is after reshapes and transposes; undefined for others. */
export function parameterBehind(graph: Graph, id: ValueId): ParamValue | undefined {
  const value = valueAt(graph, id);
  if (value.kind === "param") return value;
  const op = value.kind === "result" ? graph.ops[value.op] : undefined;
  if (op === undefined || !keepsElements(op)) return undefined;
  const [source] = Object.values(op.operands);
  return source === undefined ? undefined : parameterBehind(graph, source);
}

/** Whether an op gives all elements of its operand as they are, in whatever order and shape. */
export function keepsElements({ placement, kernel }: Op): boolean {
  return placement === "view" || kernel === "Transpose";
}

/** A tensor's elements as a symbol's value: the product of its dimensions. */
export function dimensions(type: TensorType | undefined): SymbolValue {
  return type?.shape ?? 0;
}

/** How many elements a tensor has. */
export function elements(type: TensorType | undefined): number {
  return type === undefined ? 0 : sizeOf(type.shape);
}
