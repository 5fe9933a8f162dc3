import type { z } from "zod";
import type { Attributes, Graph, Op } from "./graph.ts";
import { valueAt } from "./graph.ts";
import type { TensorType } from "./types.ts";

/** How a kernel takes one operand. */
export type OperandKind = "required" | "optional";

/**
 * Operand names with their kinds, or `variadic` for kernels that take a list (`Concat`, `AddN`):
 * their operands are named "0", "1", … in order.
 */
export type OperandSpec = Readonly<Record<string, OperandKind>> | "variadic";

/** The types of an op's operands, by name, as its kernel declares them. */
export type OperandTypes<S extends OperandSpec> = S extends "variadic"
  ? readonly TensorType[]
  : { readonly [N in keyof S as S[N] extends "required" ? N : never]: TensorType } & {
      readonly [N in keyof S as S[N] extends "optional" ? N : never]?: TensorType;
    };

/**
 * Result types from operands and attributes. Returns undefined where the result's shape depends
 * on the values of its operands (`Where`, `Unique`): such a result is taken as recorded.
 * Throws an Error with one sentence where the operands cannot be combined.
 */
export type Infer<S extends OperandSpec, A> = (
  operands: OperandTypes<S>,
  attrs: A,
) => readonly TensorType[] | undefined;

/** All that the IR knows of one kernel. The single source of its TypeScript types. */
export interface Kernel<
  N extends string = string,
  S extends OperandSpec = OperandSpec,
  A extends z.ZodType = z.ZodType,
> {
  readonly name: N;
  readonly operands: S;
  /** A thunk, so that a schema nobody validates against costs nothing at start-up. */
  readonly attrs: () => A;
  readonly infer: Infer<S, z.output<A>>;
}

/** Declares a kernel. */
export function kernel<const N extends string, const S extends OperandSpec, A extends z.ZodType>(
  name: N,
  definition: {
    readonly operands: S;
    readonly attrs: () => A;
    readonly infer: Infer<S, z.output<A>>;
  },
): Kernel<N, S, A> {
  return { name, ...definition };
}

/** An op seen through its kernel's declaration: what formulas and shape inference are given. */
export interface TypedOp<K extends Kernel = Kernel> {
  readonly kernel: K["name"];
  readonly operands: OperandTypes<K["operands"]>;
  readonly attrs: z.output<ReturnType<K["attrs"]>>;
  readonly results: readonly [TensorType, ...TensorType[]];
}

/** The types of an op's operands in the form its kernel declares: by name, or a list if variadic. */
export function operandTypes(
  graph: Graph,
  op: Op,
  spec: OperandSpec | undefined,
): readonly TensorType[] | Readonly<Record<string, TensorType>> {
  if (spec === "variadic") {
    return Object.values(op.operands).map((id) => valueAt(graph, id));
  }
  const types: Record<string, TensorType> = {};
  for (const [name, id] of Object.entries(op.operands)) types[name] = valueAt(graph, id);
  return types;
}

/** An op with its operand and result types filled in, not yet tied to one kernel's declaration. */
export interface OpView {
  readonly op: Op;
  readonly operands: readonly TensorType[] | Readonly<Record<string, TensorType>>;
  readonly attrs: Attributes;
  readonly results: readonly TensorType[];
}
