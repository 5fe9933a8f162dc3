import type { Op } from "../graph.ts";
import {
  add,
  any,
  binary,
  divide,
  either,
  type FusionPattern,
  multiply,
  product,
  scalar,
  scaled,
  unary,
} from "./pattern.ts";

const x = any();

const geluErf = product(x, scalar(0.5), add(unary("Erf", scaled(x, Math.SQRT1_2)), scalar(1)));

const cube = either(
  binary("Pow", x, scalar(3)),
  multiply(either(unary("Square", x), multiply(x, x)), x),
);
// Any scalar matches, because the program may compute the factor √(2/π).
const inner = multiply(add(x, multiply(cube, scalar(0.044715))), scalar());
const geluTanh = product(x, scalar(0.5), add(unary("Tanh", inner), scalar(1)));

const silu = multiply(x, unary("Sigmoid", either(multiply(x, scalar(1)), x)));

const shifted = add(x, scalar(3));
const rectified = unary("Relu", shifted);
const clipped = unary("ClipByValue", either(rectified, shifted));
const relu6 = either(unary("Relu6", shifted), binary("Minimum", rectified, scalar(6)), clipped);
const hardSwish = either(
  product(x, relu6, scalar(1 / 6)),
  divide(multiply(x, relu6), scalar(6)),
  multiply(x, divide(relu6, scalar(6))),
);

function clipsToSix(op: Op | undefined): boolean {
  return op === undefined || (op.attrs["clipValueMin"] === 0 && op.attrs["clipValueMax"] === 6);
}

export const activationPatterns: readonly FusionPattern[] = [
  { name: "gelu", meaning: "x / 2·(1 + erf(x / √2))", root: geluErf },
  {
    name: "gelu",
    form: "tanh",
    meaning: "x / 2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))",
    root: geluTanh,
  },
  {
    name: "hard-swish",
    meaning: "x·min(max(x + 3, 0), 6) / 6",
    root: hardSwish,
    when: (_, opOf) => clipsToSix(opOf(clipped)),
  },
  { name: "silu", meaning: "x·sigmoid(x)", root: silu },
];
