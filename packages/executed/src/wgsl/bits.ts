import { argument } from "./component.ts";
import { asKind, concrete, scalarKindOf } from "./convert.ts";
import { constant, type Emitter, kindOf, type Value } from "./emitter.ts";
import { halfBits, halfOf } from "./half.ts";
import { binaryOperation, bitcast, type Operation, wrap } from "./operations.ts";
import { ShaderProblem } from "./problem.ts";
import type { Expression } from "./program.ts";
import { type ScalarKind, scalar, type Type, typeName, vector, wordsOf } from "./types.ts";

/** `bitcast<type>(value)`. */
export function bitcastTo(emitter: Emitter, to: Type, given: Value, line: number): Value {
  const value = concrete(given);
  const isBits =
    (to.kind === "scalar" || to.kind === "vector") &&
    (value.type.kind === "scalar" || value.type.kind === "vector") &&
    scalarKindOf(value, line) !== "bool" &&
    to.of !== "bool" &&
    wordsOf(to) === wordsOf(value.type);
  if (!isBits) {
    const what = `bitcast of ${typeName(value.type)} to ${typeName(to)}`;
    throw new ShaderProblem("refused", line, what);
  }
  const { parts } = value;
  if (to.of === scalarKindOf(value, line)) return value;
  if (to.of === "f16") {
    const bits = parts.map((part) =>
      emitter.apply(bitcast(kindOf(part), "u32"), [part], undefined),
    );
    const halves = bits.flatMap((part) =>
      [0, 1].map((place) => emitter.apply(half(place), [part], undefined)),
    );
    return { type: to, parts: halves };
  }
  const words =
    scalarKindOf(value, line) === "f16" ? joined(emitter, parts, 2, HALF_BITS, undefined) : parts;
  return {
    type: to,
    parts: words.map((part) => emitter.apply(bitcast(kindOf(part), to.of), [part], undefined)),
  };
}

/** One of the two 16-bit floats in a word. */
function half(place: number): Operation {
  return { of: "f16", evaluate: (word) => halfOf((word >>> (16 * place)) & 0xffff) };
}

const HALF_BITS: Operation = { of: "u32", evaluate: halfBits };

/** Words of several small values each, the first in the lowest bits. */
function joined(
  emitter: Emitter,
  parts: readonly Expression[],
  perWord: number,
  bits: Operation,
  work: "integers" | undefined,
): Expression[] {
  const or = operation("|");
  const shift = operation("<<");
  const words: Expression[] = [];
  for (let start = 0; start < parts.length; start += perWord) {
    const fields = parts.slice(start, start + perWord).map((part, place) => {
      const field = emitter.apply(bits, [part], work);
      const by = constant((32 / perWord) * place, "u32");
      return emitter.apply(shift, [field, by], undefined);
    });
    words.push(fields.reduce((word, field) => emitter.apply(or, [word, field], undefined)));
  }
  return words;
}

function operation(operator: string): Operation {
  const found = binaryOperation(operator, "u32");
  if (found === undefined) throw new RangeError(`no operation ${operator}`);
  return found;
}

/** How a component is packed: in how many bits, and how. */
interface Packing {
  readonly components: number;
  readonly of: ScalarKind;
  readonly pack: (value: number) => number;
  readonly unpack: (bits: number) => number;
}

function normalized(components: number, isSigned: boolean): Packing {
  const bits = 32 / components;
  const most = 2 ** (isSigned ? bits - 1 : bits) - 1;
  const least = isSigned ? -1 : 0;
  const mask = 2 ** bits - 1;
  return {
    ...{ components, of: "f32" },
    pack: (value) => roundHalfUp(Math.min(1, Math.max(least, value)) * most) & mask,
    unpack: (word) => Math.max(least, signed(word, bits, isSigned) / most),
  };
}

function integral(isSigned: boolean, clampedTo?: readonly [number, number]): Packing {
  const [low, high] = clampedTo ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return {
    ...{ components: 4, of: isSigned ? "i32" : "u32" },
    pack: (value) => Math.min(high, Math.max(low, value)) & 0xff,
    unpack: (word) => signed(word, 8, isSigned),
  };
}

const roundHalfUp = (value: number) => Math.floor(0.5 + value);

function signed(word: number, bits: number, isSigned: boolean): number {
  return isSigned ? (word << (32 - bits)) >> (32 - bits) : word;
}

/** Source: WGSL, "Data Packing Built-in Functions". */
const PACKINGS: Readonly<Record<string, Packing>> = {
  "4x8snorm": normalized(4, true),
  "4x8unorm": normalized(4, false),
  "2x16snorm": normalized(2, true),
  "2x16unorm": normalized(2, false),
  "2x16float": { components: 2, of: "f32", pack: halfBits, unpack: halfOf },
  "4xI8": integral(true),
  "4xU8": integral(false),
  "4xI8Clamp": integral(true, [-128, 127]),
  "4xU8Clamp": integral(false, [0, 255]),
};

/** A call of `pack…` or `unpack…`, an integer operation per component; undefined for another name. */
export function packing(
  emitter: Emitter,
  name: string,
  args: readonly Value[],
  line: number,
): Value | undefined {
  const [, direction, format = ""] = /^(pack|unpack)(.+)$/.exec(name) ?? [];
  const found = PACKINGS[format];
  if (found === undefined) return undefined;
  const { components, of, pack, unpack } = found;
  const isPack = direction === "pack";
  const value = asKind(argument(args, 0, line), isPack ? of : "u32");
  const expected = isPack ? vector(of, components) : scalar("u32");
  if (typeName(value.type) !== typeName(expected)) {
    throw new ShaderProblem("refused", line, `${name} of ${typeName(value.type)} is no function`);
  }
  if (isPack) {
    const bits: Operation = { of: "u32", evaluate: (each) => wrap("u32", pack(each)) };
    return {
      type: scalar("u32"),
      parts: joined(emitter, value.parts, components, bits, "integers"),
    };
  }
  const size = 32 / components;
  const { parts } = emitter.bind(value);
  const fields = Array.from(
    { length: components },
    (_, place): Operation => ({
      of,
      evaluate: (word) => wrap(of, unpack((word >>> (size * place)) & (2 ** size - 1))),
    }),
  );
  return {
    type: vector(of, components),
    parts: fields.map((each) => emitter.apply(each, parts, "integers")),
  };
}
