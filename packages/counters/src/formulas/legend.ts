import type { SymbolFacts } from "../expressions/non-negative.ts";

/** What a symbol stands for, wherever it is used. */
interface Meaning extends SymbolFacts {
  readonly meaning: string;
}

function size(meaning: string, least: 0 | 1 = 0): Meaning {
  return { meaning, least, isFlag: false };
}

/** A symbol that is 1 where something holds, else 0. */
function flag(condition: string): Meaning {
  return { meaning: `1 ${condition}, else 0`, least: 0, isFlag: true };
}

/**
 * Every symbol of formulas and conventions. One name means one thing throughout; a letter is the
 * usual one of the field, and what has no usual letter has a word.
 */
export const LEGEND = {
  M: size("elements of the first result"),
  N: size("elements of the first operand; of a layer, those of all inputs"),
  D: size("elements of dy, the gradient that comes in"),
  K: size("elements of the window: height·width of a filter or pool, and depth in 3-D", 1),
  Ci: size("input channels that one output sees; 1 in a depthwise convolution", 1),
  Co: size("output channels", 1),
  C: size("channels that are normalized"),
  k: size("length of the dimension that a matrix product sums over", 1),
  T: size("product of the lengths of all axes of an einsum"),
  contracts: flag("where an einsum of several operands sums over an index"),
  outer: flag("where an einsum of several operands sums over no index"),
  single: flag("where an einsum has one operand"),
  b: flag("where there is a bias"),
  Af: size(
    "operations per element of the activation: 1 relu, 2 relu6, elu, leakyrelu and prelu, 3 sigmoid, 0 linear",
  ),
  At: size("transcendentals per element of the activation: 1 sigmoid and elu"),
  c: size("operations per element: 1, and of complex numbers 2 (a sum) or 6 (a product)", 1),
  n: size("operands", 1),
  s: flag("where there is a learned scale"),
  offset: flag("where there is an offset"),
  R: size("rows along the axis"),
  F: size("elements of a row", 1),
  exclusive: flag("where a scan leaves the element itself out"),
  windows: size("sum of the sizes of the windows over a row of channels"),
  boxes: size("boxes"),
  chosen: size("boxes that are chosen at most"),
  classes: size("classes"),
  unnormalized: flag("where the scores are no probabilities yet"),
  updates: size("elements of the updates"),
  picked: size("rows that are picked"),
  width: size("elements of a row that is picked"),
  values: size("elements of the values that result"),
  pixels: size("pixels of the result"),
  bilinear: flag("where pixels are interpolated and not only picked"),
  I: size("features that go into a layer"),
  H: size("features that come out of a layer", 1),
  P: size("elements of a layer's weights"),
  B: size("length of the first axis of a layer's result: samples"),
  V: size("taps of a convolution's windows that fall on the input and not on its padding"),
  strides: size("product of a convolution's strides", 1),
  channels: size("input channels of a depthwise convolution, in the gradient by its filter"),
  k1: size("side of a pool's window, or the product of its sides where they differ", 1),
  E: size("operations of an einsum as numpy prints them, to four digits"),
  computed: flag("where the mean is computed from what it normalizes"),
  taps: size("elements that an average pool adds up: those of its windows that are no padding"),
  bias: flag("where a sum adds a layer's bias"),
  pooled: size("elements of what is pooled, before a kernel pads it"),
  attention: flag("inside a layer of the class MultiheadAttention"),
  queries: size("elements of attention's queries where its scores are scaled, else 0"),
  functional: flag("inside a layer that stands for a function call of PyTorch"),
  batch: size("length of the first axis of what is normalized"),
  w: flag("where a matrix product is by a weight"),
  relu: flag("where the kernel carries ReLU or ReLU6"),
  leaky: flag("where the kernel carries leaky ReLU"),
  prelu: flag("where the kernel carries PReLU"),
  relu6: flag("where the kernel carries ReLU6"),
  elu: flag("where the kernel carries ELU"),
  sigmoid: flag("where the kernel carries a sigmoid"),
  changes: flag("where a cast changes the type"),
  radius: size("channels on either side that normalize a channel"),
  products: size("pairs of a resize by matrices of weights, an axis at a time"),
  weighting: size("operations that make the weights of a resize"),
  global: flag("where a mean or an average pool is over the whole image"),
  multiplyAdds: size("multiply-adds that a shader executes"),
  additions: size("additions, subtractions, negations and roundings that a shader executes"),
  multiplications: size("multiplications that a shader executes beside multiply-adds"),
  divisions: size("divisions and remainders that a shader executes"),
  comparisons: size("comparisons of floats that a shader executes, min and max included"),
  transcendentals: size("exponentials, roots and their like that a shader executes"),
} as const satisfies Readonly<Record<string, Meaning>>;

/** A symbol that the legend has. */
export type KnownSymbol = keyof typeof LEGEND;

/** What the symbols of formulas and conventions stand for, one sentence each. */
export const SYMBOL_MEANINGS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(LEGEND).map(([name, { meaning }]) => [name, meaning]),
);

function isKnownSymbol(name: string): name is KnownSymbol {
  return Object.hasOwn(LEGEND, name);
}

/** What is known of a symbol; of one that a user's own convention brings, that it is at least 0. */
export function factsOf(name: string): SymbolFacts {
  return isKnownSymbol(name) ? LEGEND[name] : { least: 0, isFlag: false };
}
