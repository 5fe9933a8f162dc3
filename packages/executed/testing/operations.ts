import type { WorkKind } from "../src/count/work.ts";
import { isFloat, type ScalarKind, scalar, type Type, vector } from "../src/wgsl/types.ts";
import {
  as,
  type Charge,
  concrete,
  fixedValue,
  kindOf,
  literalAs,
  one,
  type Value,
} from "./values.ts";

type Compute = (a: number, b: number, kind: ScalarKind) => number;

const OPERATORS: Readonly<Record<string, Compute>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b, kind) => (isFloat(kind) || kind === "int" ? a * b : Math.imul(a, b)),
  "/": (a, b, kind) => (isFloat(kind) ? a / b : b === 0 ? a : Math.trunc(a / b)),
  "%": (a, b, kind) => (b === 0 && !isFloat(kind) ? 0 : a % b),
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "<<": (a, b) => a << (b & 31),
  ">>": (a, b, kind) => (kind === "u32" ? a >>> (b & 31) : a >> (b & 31)),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
};
const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);
const FLOAT_WORK: Readonly<Record<string, WorkKind>> = {
  "+": "additions",
  "-": "additions",
  "*": "multiplications",
  "/": "divisions",
  "%": "divisions",
};

/** Two operands of one kind. */
export function together(a: Value, b: Value): [Value, Value, ScalarKind] {
  const kinds = [kindOf(a), kindOf(b)];
  if (kinds[0] === kinds[1]) return [a, b, kindOf(a)];
  const kind =
    kinds.find((each) => each !== "int" && each !== "float") ??
    (kinds.includes("float") ? "float" : "int");
  return [literalAs(a, kind), literalAs(b, kind), kind];
}

export function repeat(value: Value, size: number): Value {
  if (value.parts.length === size || value.type.kind !== "scalar") return value;
  const [part = 0] = value.parts;
  return {
    type: vector(value.type.of, size),
    parts: Array<number>(size).fill(part),
    fixed: Array<boolean>(size).fill(value.fixed[0] ?? false),
  };
}

/** A value and by how much it is shifted. A literal stays one where both are known. */
function shifted(a: Value, b: Value): [Value, Value, ScalarKind] {
  const by = literalAs(b, "u32");
  const value = by.fixed.every(Boolean) ? a : concrete(a);
  return [value, by, kindOf(value)];
}

/** Applies an operator to each component, and charges those that are not known before it runs. */
export function binary(charge: Charge, operator: string, a: Value, b: Value): Value {
  const compute = OPERATORS[operator];
  if (compute === undefined) throw new Error(`no operator ${operator}`);
  const isShift = operator === "<<" || operator === ">>";
  const [left, right, kind] = isShift ? shifted(a, b) : together(a, b);
  if (left.type.kind === "matrix" || right.type.kind === "matrix") {
    return ofMatrices(charge, operator, left, right, kind);
  }
  const size = Math.max(left.parts.length, right.parts.length);
  const [x, y] = [repeat(left, size), repeat(right, size)];
  const isSum = isFloat(kind) && "+-".includes(operator);
  const isFactor = ({ isProduct, parts }: Value) => isProduct && parts.length === size;
  const products = isSum ? [left, right].filter(isFactor) : [];
  const [product] = products;
  if (product !== undefined) charge("multiplications", -size);
  const isComparison = COMPARISONS.has(operator);
  const float = isComparison ? "comparisons" : FLOAT_WORK[operator];
  const work = product ? "multiplyAdds" : isFloat(kind) ? float : "integers";
  const result = isComparison ? "bool" : kind;
  const fixed = x.parts.map((_, i) => (x.fixed[i] && y.fixed[i]) ?? false);
  const parts = x.parts.map((part, i) => {
    if (!fixed[i] && work !== undefined && kind !== "bool") charge(work);
    return as(result, compute(part, y.parts[i] ?? 0, kind));
  });
  // Of two products a sum takes one, and leaves the other for the next sum.
  const isProduct =
    (operator === "*" && isFloat(kind) && !fixed.some(Boolean)) || products.length === 2;
  return { type: vector(result, size), parts, fixed, isProduct };
}

/** Matrices are lists of columns here. */
function ofMatrices(charge: Charge, operator: string, a: Value, b: Value, of: ScalarKind): Value {
  const each = operator !== "*" || a.type.kind === "scalar" || b.type.kind === "scalar";
  if (each) {
    const flat = (value: Value) =>
      value.type.kind === "matrix" ? { ...value, type: vector(of, value.parts.length) } : value;
    const { parts, fixed } = binary(charge, operator, flat(a), flat(b));
    return { type: a.type.kind === "matrix" ? a.type : b.type, parts, fixed };
  }
  const rows = a.type.kind === "matrix" ? a.type.rows : 1;
  const inner = b.type.kind === "matrix" ? b.type.rows : b.parts.length;
  const columns = b.parts.length / inner;
  const sums: Value[] = [];
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const places = Array.from({ length: inner }, (_, k) => k);
      const left = part(
        a,
        places.map((k) => k * rows + row),
        of,
      );
      const right = part(
        b,
        places.map((k) => column * inner + k),
        of,
      );
      sums.push(dot(charge, left, right));
    }
  }
  const isVector = a.type.kind === "vector" || b.type.kind === "vector";
  const type: Type = isVector ? vector(of, sums.length) : { kind: "matrix", of, columns, rows };
  return {
    type,
    parts: sums.flatMap((sum) => sum.parts),
    fixed: sums.flatMap((sum) => sum.fixed),
  };
}

/** Some components of a value, as a vector. */
export function part(value: Value, places: readonly number[], of: ScalarKind): Value {
  return {
    type: vector(of, places.length),
    parts: places.map((place) => value.parts[place] ?? 0),
    fixed: places.map((place) => value.fixed[place] ?? false),
  };
}

export function dot(charge: Charge, a: Value, b: Value): Value {
  const [x, y, kind] = together(a, b);
  let sum = binary(charge, "*", part(x, [0], kind), part(y, [0], kind));
  const { isProduct = false } = sum;
  for (let i = 1; i < x.parts.length; i++) {
    const term = binary(charge, "*", part(x, [i], kind), part(y, [i], kind));
    sum = binary(charge, "+", { ...sum, isProduct: false }, term);
  }
  return { ...sum, isProduct };
}

/** A conversion, as `f32(x)` does it. */
export function convert(charge: Charge, value: Value, to: ScalarKind): Value {
  const from = kindOf(value);
  if (from === to) return value;
  const isCharged = (isFloat(from) || isFloat(to)) && from !== "bool" && to !== "bool";
  const parts = value.parts.map((each, i) => {
    if (isCharged && !value.fixed[i]) charge("integers");
    if (to === "bool") return Number(each !== 0);
    if (!isFloat(from) || isFloat(to)) return as(to, each);
    // The most that a 32-bit float and the integer both hold.
    const [low, high] = to === "u32" ? [0, 2 ** 32 - 256] : [-(2 ** 31), 2 ** 31 - 128];
    return Math.trunc(Math.min(high, Math.max(low, each))) || 0;
  });
  return { type: withKind(value.type, to), parts, fixed: value.fixed };
}

function withKind(type: Type, of: ScalarKind): Type {
  if (type.kind === "scalar") return scalar(of);
  return "of" in type ? { ...type, of } : type;
}

export function unary(charge: Charge, operator: string, value: Value): Value {
  const kind = kindOf(value);
  const work = operator === "!" ? undefined : isFloat(kind) ? "additions" : "integers";
  const parts = value.parts.map((each, i) => {
    if (work !== undefined && !value.fixed[i]) charge(work);
    if (operator === "!") return 1 - each;
    return as(kind, operator === "~" ? ~each : -each);
  });
  return { type: value.type, parts, fixed: value.fixed };
}

interface Function {
  readonly work: WorkKind;
  readonly times?: number;
  readonly compute: (a: number, b: number, c: number) => number;
}

// The order of the comparisons is WGSL's, which says what comes of a NaN.
function min(a: number, b: number): number {
  if (b < a) return b;
  return a;
}

function max(a: number, b: number): number {
  if (a < b) return b;
  return a;
}

const clamp = (x: number, low: number, high: number) => min(max(x, low), high);
const transcendental = (compute: Function["compute"]): Function => ({
  ...{ work: "transcendentals", compute },
});
const rounding = (compute: Function["compute"]): Function => ({ work: "additions", compute });

const FUNCTIONS: Readonly<Record<string, Function>> = {
  abs: rounding(Math.abs),
  sign: rounding(Math.sign),
  ceil: rounding(Math.ceil),
  floor: rounding(Math.floor),
  trunc: rounding(Math.trunc),
  fract: rounding((x) => x - Math.floor(x)),
  round: rounding((x) => {
    const below = Math.floor(x);
    if (x - below !== 0.5) return Math.round(x);
    return below % 2 === 0 ? below : below + 1;
  }),
  min: { work: "comparisons", compute: min },
  max: { work: "comparisons", compute: max },
  clamp: { work: "comparisons", times: 2, compute: clamp },
  saturate: { work: "comparisons", times: 2, compute: (x) => clamp(x, 0, 1) },
  step: { work: "comparisons", compute: (edge, x) => Number(edge <= x) },
  degrees: { work: "multiplications", compute: (x) => (x * 180) / Math.PI },
  radians: { work: "multiplications", compute: (x) => (x * Math.PI) / 180 },
  fma: { work: "multiplyAdds", compute: (a, b, c) => a * b + c },
  acos: transcendental(Math.acos),
  acosh: transcendental(Math.acosh),
  asin: transcendental(Math.asin),
  asinh: transcendental(Math.asinh),
  atan: transcendental(Math.atan),
  atanh: transcendental(Math.atanh),
  atan2: transcendental(Math.atan2),
  cos: transcendental(Math.cos),
  cosh: transcendental(Math.cosh),
  exp: transcendental(Math.exp),
  exp2: transcendental((x) => 2 ** x),
  inverseSqrt: transcendental((x) => 1 / Math.sqrt(x)),
  log: transcendental(Math.log),
  log2: transcendental(Math.log2),
  pow: transcendental((x, y) => x ** y),
  sin: transcendental(Math.sin),
  sinh: transcendental(Math.sinh),
  sqrt: transcendental(Math.sqrt),
  tan: transcendental(Math.tan),
  tanh: transcendental(Math.tanh),
};

/** Those that take integers as well. */
const OF_INTEGERS = new Set(["abs", "sign", "min", "max", "clamp"]);

/** A built-in function of numbers. */
export function builtIn(charge: Charge, name: string, args: readonly Value[]): Value {
  const [first = fixedValue(scalar("i32"), [0]), second = first, third = first] = args;
  switch (name) {
    case "select":
      return select(first, second, third);
    case "all":
    case "any": {
      const isAll = name === "all";
      const value = isAll ? first.parts.every(Boolean) : first.parts.some(Boolean);
      return one(Number(value), "bool", first.fixed.every(Boolean));
    }
    case "transpose": {
      if (first.type.kind !== "matrix") throw new Error("transpose of no matrix");
      const { rows, columns, of } = first.type;
      const places = first.parts.map((_, i) => (i % columns) * rows + Math.floor(i / columns));
      return { ...part(first, places, of), type: { ...first.type, rows: columns, columns: rows } };
    }
    case "dot":
      return dot(charge, first, second);
    case "length":
      return builtIn(charge, "sqrt", [dot(charge, first, first)]);
    case "mix": {
      const rest = binary(charge, "-", one(1, "float", true), third);
      const start = binary(charge, "*", first, rest);
      return binary(charge, "+", start, binary(charge, "*", second, third));
    }
  }
  const called = FUNCTIONS[name];
  if (called === undefined) throw new Error(`the reference has no ${name}`);
  const floats = OF_INTEGERS.has(name) ? args : args.map((arg) => literalAs(arg, "float"));
  const kind = floats.map(kindOf).find((each) => each !== "int" && each !== "float");
  const abstract = floats.some((arg) => kindOf(arg) === "float") ? "float" : "i32";
  const values = floats.map((arg) => literalAs(arg, kind ?? abstract));
  const of = kind ?? abstract;
  const size = values[0]?.parts.length ?? 1;
  const fixed = Array.from({ length: size }, (_, i) => values.every((each) => each.fixed[i]));
  const parts = fixed.map((isFixed, i) => {
    if (!isFixed) charge(isFloat(of) ? called.work : "integers", called.times);
    const [a = 0, b = 0, c = 0] = values.map((each) => each.parts[i] ?? 0);
    return as(of, called.compute(a, b, c));
  });
  return { type: vector(of, size), parts, fixed };
}

function select(a: Value, b: Value, condition: Value): Value {
  const test = repeat(condition, a.parts.length);
  const isFixed = test.fixed.every(Boolean);
  const [x, y] = together(a, b);
  const [left, right] = isFixed ? [x, y] : [concrete(x), concrete(y)];
  return {
    type: left.type,
    parts: left.parts.map((each, i) => (test.parts[i] ? (right.parts[i] ?? 0) : each)),
    fixed: left.fixed.map((each, i) => (each && right.fixed[i] && test.fixed[i]) ?? false),
  };
}
