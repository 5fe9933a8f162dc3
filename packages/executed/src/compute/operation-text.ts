import { COMPONENT_FUNCTIONS } from "../wgsl/functions.ts";
import {
  binaryOperation,
  bitcast,
  CLAMPED_INDEX,
  complement,
  conversion,
  fusedMultiplyAdd,
  NOT,
  negation,
  type Operation,
  selection,
} from "../wgsl/operations.ts";
import type { ScalarKind } from "../wgsl/types.ts";

/** An operation in JavaScript, of the texts of its arguments. */
type Template = (a: string, b: string, c: string) => string;

/** What the texts call, once per program. */
export const PRELUDE = `
const fround = Math.fround, imul = Math.imul;
const bits = new Int32Array(1), unsignedBits = new Uint32Array(bits.buffer);
const floatBits = new Float32Array(bits.buffer);
const divided = (a, b) => b === 0 ? a : (a / b) | 0;
const dividedUnsigned = (a, b) => b === 0 ? a : (a / b) >>> 0;
const rest = (a, b) => b === 0 ? 0 : (a % b) | 0;
const restUnsigned = (a, b) => b === 0 ? 0 : (a % b) >>> 0;
const least = (a, b) => b < a ? b : a;
const greatest = (a, b) => a < b ? b : a;
const clamped = (i, last) => { const u = i >>> 0; return u < last ? u : last; };
const signedOf = (a) => a !== a ? 0 : a >= 2147483520 ? 2147483520 : a <= -2147483648 ? -2147483648 : a | 0;
const unsignedOf = (a) => a !== a || a <= 0 ? 0 : a >= 4294967040 ? 4294967040 : a >>> 0;
const asSigned = (a) => { floatBits[0] = a; return bits[0]; };
const asUnsigned = (a) => { floatBits[0] = a; return unsignedBits[0]; };
const asFloat = (a) => { bits[0] = a; return floatBits[0]; };
`;

const FLOATS: Readonly<Record<string, Template>> = {
  "+": (a, b) => `fround(${a} + ${b})`,
  "-": (a, b) => `fround(${a} - ${b})`,
  "*": (a, b) => `fround(${a} * ${b})`,
  "/": (a, b) => `fround(${a} / ${b})`,
  "%": (a, b) => `fround(${a} % ${b})`,
};

/** Of 32-bit integers; of unsigned ones, the result of a bitwise operator is made so again. */
const INTEGERS: Readonly<Record<string, Template>> = {
  "+": (a, b) => `(${a} + ${b} | 0)`,
  "-": (a, b) => `(${a} - ${b} | 0)`,
  "*": (a, b) => `imul(${a}, ${b})`,
  "&": (a, b) => `(${a} & ${b})`,
  "|": (a, b) => `(${a} | ${b})`,
  "^": (a, b) => `(${a} ^ ${b})`,
  "<<": (a, b) => `(${a} << ${b})`,
};

const SIGNED: Readonly<Record<string, Template>> = {
  ...INTEGERS,
  "/": (a, b) => `divided(${a}, ${b})`,
  "%": (a, b) => `rest(${a}, ${b})`,
  ">>": (a, b) => `(${a} >> ${b})`,
};

const UNSIGNED: Readonly<Record<string, Template>> = {
  ...Object.fromEntries(
    Object.entries(INTEGERS).map(([operator, of]): [string, Template] => [
      operator,
      (a, b, c) => `(${of(a, b, c)} >>> 0)`,
    ]),
  ),
  "/": (a, b) => `dividedUnsigned(${a}, ${b})`,
  "%": (a, b) => `restUnsigned(${a}, ${b})`,
  ">>": (a, b) => `(${a} >>> ${b})`,
};

const BOOLEANS: Readonly<Record<string, Template>> = {
  "&": (a, b) => `(${a} & ${b})`,
  "|": (a, b) => `(${a} | ${b})`,
};

/** The operators that compare, as conditions. */
const COMPARISONS: Readonly<Record<string, string>> = {
  ...{ "==": "===", "!=": "!==", "<": "<", "<=": "<=", ">": ">", ">=": ">=" },
};

/** Functions of floats that JavaScript has, rounded to 32 bits where that changes them. */
const FUNCTIONS: Readonly<Record<string, Template>> = {
  abs: (a) => `Math.abs(${a})`,
  floor: (a) => `Math.floor(${a})`,
  ceil: (a) => `Math.ceil(${a})`,
  trunc: (a) => `Math.trunc(${a})`,
  min: (a, b) => `least(${a}, ${b})`,
  max: (a, b) => `greatest(${a}, ${b})`,
  clamp: (a, b, c) => `least(greatest(${a}, ${b}), ${c})`,
  ...Object.fromEntries(
    ["sqrt", "exp", "log", "sin", "cos", "tanh"].map((name): [string, Template] => [
      name,
      (a) => `fround(Math.${name}(${a}))`,
    ]),
  ),
};

/** Of addresses, which do not wrap. */
const ADDRESSES: Readonly<Record<string, Template>> = {
  "+": (a, b) => `(${a} + ${b})`,
  "*": (a, b) => `(${a} * ${b})`,
};

const KINDS = { f32: FLOATS, i32: SIGNED, u32: UNSIGNED, int: ADDRESSES, bool: BOOLEANS } as const;

function* templates(): Iterable<[Operation | undefined, Template]> {
  for (const [kind, texts] of Object.entries(KINDS)) {
    // Sound: the keys of KINDS are kinds.
    for (const [operator, text] of Object.entries(texts)) {
      yield [binaryOperation(operator, kind as ScalarKind), text];
    }
  }
  for (const [name, text] of Object.entries(FUNCTIONS)) {
    yield [COMPONENT_FUNCTIONS[name]?.float?.("f32"), text];
  }
  for (const kind of ["f32", "i32", "u32", "bool"] as const) {
    yield [selection(kind), (a, b, c) => `(${c} === 0 ? ${a} : ${b})`];
  }
  yield [CLAMPED_INDEX, (a, b) => `clamped(${a}, ${b})`];
  yield [NOT, (a) => `(1 - ${a})`];
  yield [fusedMultiplyAdd("f32"), (a, b, c) => `fround(${a} * ${b} + ${c})`];
  yield [negation("f32"), (a) => `(-${a})`];
  yield [negation("i32"), (a) => `(-${a} | 0)`];
  yield [complement("i32"), (a) => `(~${a})`];
  yield [complement("u32"), (a) => `(~${a} >>> 0)`];
  yield [conversion("f32", "i32"), (a) => `signedOf(${a})`];
  yield [conversion("f32", "u32"), (a) => `unsignedOf(${a})`];
  yield [conversion("i32", "u32"), (a) => `(${a} >>> 0)`];
  yield [conversion("u32", "i32"), (a) => `(${a} | 0)`];
  yield [conversion("i32", "f32"), (a) => `fround(${a})`];
  yield [conversion("u32", "f32"), (a) => `fround(${a})`];
  yield [bitcast("f32", "i32"), (a) => `asSigned(${a})`];
  yield [bitcast("f32", "u32"), (a) => `asUnsigned(${a})`];
  yield [bitcast("i32", "f32"), (a) => `asFloat(${a})`];
  yield [bitcast("u32", "f32"), (a) => `asFloat(${a})`];
  yield [bitcast("i32", "u32"), (a) => `(${a} >>> 0)`];
  yield [bitcast("u32", "i32"), (a) => `(${a} | 0)`];
}

const TEXTS = new Map<Operation, Template>();
const CONDITIONS = new Map<Operation, string>();

/** The text of an operation; undefined where it is to be called. */
export function operationText(operation: Operation): Template | undefined {
  if (TEXTS.size === 0) {
    for (const [each, text] of templates()) if (each !== undefined) TEXTS.set(each, text);
  }
  return TEXTS.get(operation);
}

/** The JavaScript operator of a comparison; undefined for other operations. */
export function comparisonText(operation: Operation): string | undefined {
  if (CONDITIONS.size === 0) {
    for (const [operator, text] of Object.entries(COMPARISONS)) {
      const each = binaryOperation(operator, "i32");
      if (each !== undefined) CONDITIONS.set(each, text);
    }
  }
  return CONDITIONS.get(operation);
}
