import type { Dispatch } from "./dispatch.ts";
import type { StoredType, TensorType } from "./types.ts";

/** Index of a value in `graph.values`. */
export type ValueId = number;
/** Index of an op in `graph.ops`, which is also its place in execution order. */
export type OpId = number;
/** Index of a call in `graph.calls`. */
export type CallId = number;

/** Anything an attribute can hold. Both written forms keep NaN, infinities and −0. */
export type Attribute =
  | number
  | string
  | boolean
  | null
  | readonly Attribute[]
  | { readonly [name: string]: Attribute };
export type Attributes = Readonly<Record<string, Attribute>>;

interface BaseValue extends TensorType {
  readonly id: ValueId;
}

/** A tensor the caller passes in. */
export interface InputValue extends BaseValue {
  readonly kind: "input";
  readonly name: string;
}

export const PARAM_ROLES = ["weight", "statistic", "slot"] as const;
export type ParamRole = (typeof PARAM_ROLES)[number];

/**
 * A tensor the model owns. `statistic` is state that is not learned by gradient (the moving mean
 * and variance of batch normalization). `slot` is state of an optimizer, such as a momentum. Both are
 * reported apart from the parameters.
 */
export interface ParamValue extends BaseValue {
  readonly kind: "param";
  readonly name: string;
  readonly trainable: boolean;
  readonly role: ParamRole;
  /** The type of its elements in the model's files, where they are quantized. */
  readonly stored?: StoredType;
  /** How many of its elements are 0, where that was counted. */
  readonly zeros?: number;
}

/** A tensor made outside the recorded ops that is neither an input nor a parameter. */
export interface ConstantValue extends BaseValue {
  readonly kind: "constant";
  /** The elements, where there are few enough to keep (see `MAX_CONSTANT_ELEMENTS`). */
  readonly data?: readonly (number | string)[];
}

/** What an op produces: its `index`-th result. */
export interface ResultValue extends BaseValue {
  readonly kind: "result";
  readonly op: OpId;
  readonly index: number;
}

export type Value = InputValue | ParamValue | ConstantValue | ResultValue;

/** Constants of up to this many elements keep their data in the graph. */
export const MAX_CONSTANT_ELEMENTS = 16;

/**
 * Where the backend ran an op: on the device, on the host, or nowhere (a view of the same buffer).
 */
export const PLACEMENTS = ["gpu", "cpu", "view"] as const;
export type Placement = (typeof PLACEMENTS)[number];

/** Values by operand name; operands of variadic kernels are named "0", "1", … in order. */
export type Operands = Readonly<Record<string, ValueId>>;

/** One executed kernel. */
export interface Op {
  readonly id: OpId;
  /** The kernel's name in the TensorFlow.js registry, such as `FusedConv2D`. */
  readonly kernel: string;
  readonly operands: Operands;
  readonly attrs: Attributes;
  readonly results: readonly ValueId[];
  /** Names from the outermost scope to the innermost; empty at top level. */
  readonly scope: readonly string[];
  /** The innermost call the op belongs to. */
  readonly call?: CallId;
  readonly placement: Placement;
  readonly dispatches: readonly Dispatch[];
}

export const CALL_KINDS = ["layer", "node"] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** A value that a call took or returned. Where a pass has removed the value, its type. */
export type CallValue = ValueId | TensorType;

/**
 * One call of a layer, or one execution of a node of a TensorFlow graph. Calls nest as layers do.
 * A layer that is called twice has two calls, which own the same parameters.
 */
export interface Call {
  readonly id: CallId;
  readonly kind: CallKind;
  /** The layer's class (`Conv2D`) or the node's op (`FusedBatchNormV3`). */
  readonly className: string;
  /** The scope path. The call's own name is last. */
  readonly scope: readonly string[];
  readonly parent?: CallId;
  readonly inputs: readonly CallValue[];
  readonly results: readonly CallValue[];
  /** The layer's own parameters, not those of the layers inside it. */
  readonly params: readonly ValueId[];
}

/** Ops that a pass recognised as one unit; the ops themselves stay in the graph. */
export interface Group {
  /** The pattern's name, such as `softmax`. */
  readonly pattern: string;
  /** Ascending. An op belongs to one group at most. */
  readonly ops: readonly OpId[];
}

/**
 * What one forward pass executed, in SSA form: every value is defined once, before its uses.
 * Immutable; a pass returns a new graph.
 */
export interface Graph {
  readonly name: string;
  /** The device it was recorded on: `virtual`, `gpu` or `software`. */
  readonly device: string;
  readonly values: readonly Value[];
  readonly inputs: readonly ValueId[];
  readonly ops: readonly Op[];
  readonly calls: readonly Call[];
  readonly groups: readonly Group[];
  readonly results: readonly ValueId[];
}

/**
 * Gives each operand of an op to a function, in order. `Object.values` takes seven times as long,
 * for the list that it makes, and a graph may have millions of ops.
 */
export function forEachOperand(
  operands: Operands,
  take: (value: ValueId, name: string) => void,
): void {
  for (const name in operands) {
    const value = operands[name];
    if (value !== undefined) take(value, name);
  }
}

/** The value with this id. Throws a RangeError where the graph has none. */
export function valueAt(graph: Graph, id: ValueId): Value {
  const value = graph.values[id];
  if (value === undefined) {
    throw new RangeError(
      `graph "${graph.name}" has no value ${id} (it has ${graph.values.length})`,
    );
  }
  return value;
}

/** The type of what a call took or returned, also where a pass has removed the value. */
export function typeOfCallValue(graph: Graph, value: CallValue): TensorType {
  return typeof value === "number" ? valueAt(graph, value) : value;
}

/** The parameters of a graph, in definition order. */
export function paramsOf(graph: Graph): ParamValue[] {
  return graph.values.filter((value) => value.kind === "param");
}

/** A scope path as a string: the names joined by `/`. */
export function formatScope(scope: readonly string[]): string {
  return scope.join("/");
}

/** The scope for the end of a message: ` in scope "a/b"`, or an empty string at top level. */
export function inScope(scope: readonly string[]): string {
  return scope.length === 0 ? "" : ` in scope "${formatScope(scope)}"`;
}

/** An op as messages name it: `op 12 (Relu) in scope "features/relu0"`. */
export function describeOp({ id, kernel, scope }: Op): string {
  return `op ${id} (${kernel})${inScope(scope)}`;
}
