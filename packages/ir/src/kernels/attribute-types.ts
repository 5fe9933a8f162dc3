import { DTYPES } from "../types.ts";

/**
 * The types of attributes: what a kernel's declaration is written in. A declaration gives one type
 * per attribute; its TypeScript type and the verifier's check both come from it. A page that
 * verifies a graph loads this, so it is a few lines of its own, and zod is where files are read.
 */

/** What an attribute may be. */
export interface AttributeType<T = unknown> {
  /** How a message names it: `an integer`. */
  readonly expected: string;
  readonly accepts: (value: unknown) => value is T;
}

/** An attribute that may be absent; where it is there, it is not undefined. */
export interface OptionalAttribute<T = unknown> extends AttributeType<T> {
  readonly optional: true;
}

/** A kernel's attributes, by the names that TensorFlow.js gives them. */
export type AttributeSpec = Readonly<Record<string, AttributeType>>;

type ValueOf<A> = A extends AttributeType<infer T> ? T : never;

/** The attributes of an op, as its kernel's declaration has them. */
export type AttributesOf<S extends AttributeSpec> = {
  [N in keyof S as S[N] extends OptionalAttribute ? never : N]: ValueOf<S[N]>;
} & { [N in keyof S as S[N] extends OptionalAttribute ? N : never]?: ValueOf<S[N]> };

function type<T>(expected: string, accepts: (value: unknown) => value is T): AttributeType<T> {
  return { expected, accepts };
}

export const boolean = type("a boolean", (value) => typeof value === "boolean");
export const string = type("a string", (value) => typeof value === "string");
/** A finite number. */
export const number = type("a finite number", (v): v is number => Number.isFinite(v));
export const integer = type("an integer", (v): v is number => Number.isInteger(v));
/** Any number a program can pass: padding with −Infinity is common. */
export const real = type("a number", (value) => typeof value === "number");
/** What only TensorFlow.js looks at. */
export const anything = type("anything", (_): _ is unknown => true);

/** One of a few strings. */
export function oneOf<const T extends string>(...choices: readonly T[]): AttributeType<T> {
  const expected = choices.map((choice) => `"${choice}"`).join(" or ");
  return type(expected, (value): value is T => choices.some((choice) => choice === value));
}

/** A list of any length. */
export function listOf<T>(element: AttributeType<T>): AttributeType<T[]> {
  return type(
    `a list, each element ${element.expected}`,
    (value): value is T[] => Array.isArray(value) && value.every(element.accepts),
  );
}

/** A list with one type per place. */
export function tuple<const A extends readonly AttributeType[]>(
  ...elements: A
): AttributeType<{ -readonly [I in keyof A]: ValueOf<A[I]> }> {
  return type(
    `a list of ${elements.length}`,
    (value): value is { -readonly [I in keyof A]: ValueOf<A[I]> } =>
      Array.isArray(value) &&
      value.length === elements.length &&
      elements.every(({ accepts }, place) => accepts(value[place])),
  );
}

/** Any of several types. */
export function either<A extends readonly AttributeType[]>(
  ...types: A
): AttributeType<ValueOf<A[number]>> {
  return type(
    types.map(({ expected }) => expected).join(" or "),
    (value): value is ValueOf<A[number]> => types.some(({ accepts }) => accepts(value)),
  );
}

const nothing = type("null", (value) => value === null);

export function nullable<T>(of: AttributeType<T>): AttributeType<T | null> {
  return either(of, nothing);
}

export function optional<T>(of: AttributeType<T>): OptionalAttribute<T> {
  return { ...of, optional: true };
}

// Types that many kernels share, named as TensorFlow.js names them.

export const integers = listOf(integer);
export const pair = tuple(number, number);
export const triple = tuple(number, number, number);
/** A stride, dilation or window: one number for all spatial axes, or one per axis. */
export const spatial2d = either(pair, number);
export const spatial3d = either(triple, number);
export const axes = either(integer, integers);
/** Axes of a reduction: `tf.sum(x)` passes null, which means all. */
export const axesOrAll = nullable(axes);
export const dtype = oneOf(...DTYPES);
export const roundingMode = oneOf("floor", "round", "ceil");
export const dataFormat2d = oneOf("NHWC", "NCHW");
export const dataFormat3d = oneOf("NDHWC", "NCDHW");
export const implicitPadding = oneOf("valid", "same");
/** Explicit padding gives before and after for each of the four dimensions. */
export const padding2d = either(implicitPadding, number, tuple(pair, pair, pair, pair));
export const padding3d = either(implicitPadding, number);
const ACTIVATIONS = ["linear", "relu", "prelu", "elu", "relu6", "leakyrelu", "sigmoid"] as const;
export const activation = oneOf(...ACTIVATIONS);
export const shape4d = tuple(integer, integer, integer, integer);
export const shape5d = tuple(integer, integer, integer, integer, integer);
/** A kernel without attributes. tfjs gives some of them an empty record. */
export const none = {};
