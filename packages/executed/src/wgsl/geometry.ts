import { alikeFloats, argument, componentwise } from "./component.ts";
import { asKind, scalarKindOf } from "./convert.ts";
import { constant, type Emitter, type Value } from "./emitter.ts";
import { binary } from "./operators.ts";
import { ShaderProblem } from "./problem.ts";
import { dot } from "./products.ts";
import { columnOf, type ScalarKind, scalar, typeName, vector } from "./types.ts";

type Function = (emitter: Emitter, args: readonly Value[], line: number) => Value;

/**
 * Functions of vectors and matrices, each by WGSL's own definition: what a compiler may do better
 * counts as it is written there. Source: WGSL, "Numeric Built-in Functions".
 */
export const GEOMETRY: Readonly<Record<string, Function>> = {
  /** `a.yzx * b.zxy - a.zxy * b.yzx`. */
  cross(emitter, args, line) {
    const [a, b] = pair(emitter, "cross", args, line);
    const [left, right] = [swizzled(a, [1, 2, 0]), swizzled(b, [2, 0, 1])];
    const product = binary(emitter, "*", left, right, line);
    const other = binary(emitter, "*", swizzled(a, [2, 0, 1]), swizzled(b, [1, 2, 0]), line);
    return binary(emitter, "-", alone(product), other, line);
  },
  dot(emitter, args, line) {
    const [a, b] = pair(emitter, "dot", args, line);
    return dot(emitter, a, b, line);
  },
  length,
  distance(emitter, args, line) {
    const [a, b] = pair(emitter, "distance", args, line);
    return length(emitter, [binary(emitter, "-", a, b, line)], line);
  },
  /** `v / length(v)`. */
  normalize(emitter, args, line) {
    const vectorOf = emitter.bind(argument(args, 0, line));
    return binary(emitter, "/", vectorOf, length(emitter, [vectorOf], line), line);
  },
  /** `e1 - 2 * dot(e2, e1) * e2`. */
  reflect(emitter, args, line) {
    const [a, b] = pair(emitter, "reflect", args, line);
    const twice = binary(emitter, "*", literal(2), dot(emitter, b, a, line), line);
    return binary(emitter, "-", a, binary(emitter, "*", twice, b, line), line);
  },
  /** `a * (1 - t) + b * t`. */
  mix(emitter, args, line) {
    const [[a, b]] = alikeFloats("mix", args.slice(0, 2), line);
    const t = emitter.bind(argument(args, 2, line));
    if (a === undefined || b === undefined) return argument(args, 2, line);
    const first = binary(emitter, "*", a, binary(emitter, "-", literal(1), t, line), line);
    return binary(emitter, "+", first, binary(emitter, "*", b, t, line), line);
  },
  /** `t * t * (3 - 2 * t)` of `t = clamp((x - low) / (high - low), 0, 1)`. */
  smoothstep(emitter, args, line) {
    const [values] = alikeFloats("smoothstep", args, line);
    const [low, high, x] = values.map((value) => emitter.bind(value));
    if (low === undefined || high === undefined || x === undefined) return argument(args, 2, line);
    const range = binary(emitter, "-", high, low, line);
    const share = binary(emitter, "/", binary(emitter, "-", x, low, line), range, line);
    const t = emitter.bind(componentwise(emitter, "saturate", [share], line));
    const rest = binary(emitter, "-", literal(3), binary(emitter, "*", literal(2), t, line), line);
    return binary(emitter, "*", binary(emitter, "*", t, t, line), rest, line);
  },
  transpose(_emitter, args, line) {
    const { type, parts } = argument(args, 0, line);
    if (type.kind !== "matrix") return refused("transpose", args, line);
    const { rows, columns } = type;
    const transposed = Array.from({ length: rows * columns }, (_, place) => {
      return parts[(place % columns) * rows + Math.floor(place / columns)] ?? [];
    }).flat();
    return { type: { ...type, rows: columns, columns: rows }, parts: transposed };
  },
  determinant(emitter, args, line) {
    const { type, parts } = emitter.bind(argument(args, 0, line));
    if (type.kind !== "matrix" || type.rows !== type.columns)
      return refused("determinant", args, line);
    const column = columnOf(type);
    const size = type.rows;
    const columns = Array.from({ length: size }, (_, i) => ({
      ...{ type: column, parts: parts.slice(i * size, (i + 1) * size) },
    }));
    return determinantOf(emitter, columns, type.of, line);
  },
};

/** Expands along the first column. */
function determinantOf(
  emitter: Emitter,
  columns: readonly Value[],
  of: ScalarKind,
  line: number,
): Value {
  const [first, ...others] = columns;
  if (first === undefined) throw new RangeError("a matrix without columns");
  const one = (part: Value["parts"][number]): Value => ({ type: scalar(of), parts: [part] });
  if (others.length === 0) return first;
  return first.parts
    .map((part, row) => {
      const minors = others.map(({ parts }) => {
        const rest = parts.filter((_, place) => place !== row);
        return { type: vector(of, rest.length), parts: rest };
      });
      return binary(emitter, "*", one(part), determinantOf(emitter, minors, of, line), line);
    })
    .reduce((sum, term, row) => binary(emitter, row % 2 === 1 ? "-" : "+", alone(sum), term, line));
}

/** A value that no sum takes apart into a multiply-add. */
function alone({ type, parts }: Value): Value {
  return { type, parts };
}

function pair(
  emitter: Emitter,
  name: string,
  args: readonly Value[],
  line: number,
): [Value, Value] {
  const given = args.some((arg) => scalarKindOf(arg, line) === "float")
    ? args.map((arg) => asKind(arg, "float"))
    : args;
  const [a, b] = given;
  if (a === undefined || b === undefined || args.length !== 2) return refused(name, args, line);
  return [emitter.bind(a), emitter.bind(b)];
}

function refused(name: string, args: readonly Value[], line: number): never {
  const types = args.map(({ type }) => typeName(type)).join(", ");
  throw new ShaderProblem("refused", line, `${name} of ${types} is no function`);
}

function swizzled({ type, parts }: Value, places: readonly number[]): Value {
  return { type, parts: places.flatMap((place) => parts[place] ?? []) };
}

function literal(value: number): Value {
  return { type: scalar("float"), parts: [constant(value, "float")] };
}

function length(emitter: Emitter, args: readonly Value[], line: number): Value {
  const value = emitter.bind(argument(args, 0, line));
  if (value.type.kind !== "vector") return componentwise(emitter, "abs", [value], line);
  return componentwise(emitter, "sqrt", [dot(emitter, value, value, line)], line);
}
