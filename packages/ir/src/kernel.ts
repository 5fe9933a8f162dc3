import type { Graph, Op } from "./graph.ts";
import { forEachOperand, valueAt } from "./graph.ts";
import type { AttributeSpec, AttributesOf } from "./kernels/attribute-types.ts";
import type { Host, Work } from "./kernels/work.ts";
import type { TensorType } from "./types.ts";

/** How a kernel takes one operand. A `list` named `splits` has the operands `splits.0`, `splits.1`, … */
export type OperandKind = "required" | "optional" | "list";

/**
 * Operand names with their kinds; `variadic` for kernels that take a list (`Concat`, `AddN`): their
 * operands are named "0", "1", … in order; `named` where each op has names of its own.
 */
export type OperandSpec = Readonly<Record<string, OperandKind>> | "variadic" | "named";

/** The types of an op's operands, by name, as its kernel declares them. */
export type OperandTypes<S extends OperandSpec> = S extends "variadic"
  ? readonly TensorType[]
  : S extends "named"
    ? Readonly<Record<string, TensorType>>
    : { readonly [N in keyof S as S[N] extends "required" ? N : never]: TensorType } & {
        readonly [N in keyof S as S[N] extends "optional" ? N : never]?: TensorType;
      } & {
        readonly [N in keyof S as S[N] extends "list" ? N : never]: readonly TensorType[];
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

/** The names of the operands that a kernel declares; a kernel that takes a list names none. */
type OperandName<S extends OperandSpec> = S extends string ? never : keyof S & string;

/** All that the IR knows of one kernel. The single source of its TypeScript types. */
export interface Kernel<
  N extends string = string,
  S extends OperandSpec = OperandSpec,
  A extends AttributeSpec = AttributeSpec,
> {
  readonly name: N;
  readonly operands: S;
  readonly work: Work;
  readonly host: Host;
  /** The types of its attributes, by name. */
  readonly attrs: A;
  /** A method, and so bivariant: a kernel's declaration is a `Kernel` though it takes less than any. */
  infer(operands: OperandTypes<S>, attrs: AttributesOf<A>): readonly TensorType[] | undefined;
}

/** Declares a kernel. The compiler asks for each of its traits. */
export function kernel<
  const N extends string,
  const S extends OperandSpec,
  A extends AttributeSpec,
>(
  name: N,
  definition: {
    readonly operands: S;
    readonly work: Work<OperandName<NoInfer<S>>>;
    readonly host: Host;
    readonly attrs: A;
    readonly infer: Infer<S, AttributesOf<A>>;
  },
): Kernel<N, S, A> {
  return { name, ...definition };
}

/** An op seen through its kernel's declaration: what formulas and shape inference are given. */
export interface TypedOp<K extends Kernel = Kernel> {
  readonly kernel: K["name"];
  readonly operands: OperandTypes<K["operands"]>;
  readonly attrs: AttributesOf<K["attrs"]>;
  readonly results: readonly [TensorType, ...TensorType[]];
}

/** The types of an op's operands in the form its kernel declares: by name, or a list. */
export function operandTypes(
  graph: Graph,
  op: Op,
  spec: OperandSpec | undefined,
): readonly TensorType[] | Readonly<Record<string, TensorType | readonly TensorType[]>> {
  if (spec === "variadic") {
    return Object.values(op.operands).map((id) => valueAt(graph, id));
  }
  const types: Record<string, TensorType | TensorType[]> = {};
  const lists = spec === undefined || spec === "named" ? [] : listsOf(spec);
  for (const name of lists) types[name] = [];
  forEachOperand(op.operands, (id, name) => {
    const type = valueAt(graph, id);
    const list = lists.length > 0 && types[name.slice(0, name.lastIndexOf("."))];
    if (Array.isArray(list)) list.push(type);
    else types[name] = type;
  });
  return types;
}

const listsBySpec = new WeakMap<object, readonly string[]>();

/** The operands of a kernel that are lists. */
function listsOf(spec: Readonly<Record<string, OperandKind>>): readonly string[] {
  let lists = listsBySpec.get(spec);
  if (lists === undefined) {
    lists = Object.keys(spec).filter((name) => spec[name] === "list");
    listsBySpec.set(spec, lists);
  }
  return lists;
}
