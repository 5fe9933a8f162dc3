import { asKind, asType, converted, scalarKindOf, spread, together } from "./convert.ts";
import { type Emitter, kindOf, type Value } from "./emitter.ts";
import { COMPONENT_FUNCTIONS, type ComponentFunction } from "./functions.ts";
import { binaryOperation, bitcast, fusedMultiplyAdd, selection } from "./operations.ts";
import { binary } from "./operators.ts";
import { ShaderProblem } from "./problem.ts";
import type { Expression } from "./program.ts";
import { isSameType, type ScalarKind, scalar, type Type, typeName, vector } from "./types.ts";

/** A call of a function of WGSL's own; undefined where it has none of this name. */
export function builtIn(
  emitter: Emitter,
  name: string,
  args: readonly Value[],
  line: number,
): Value | undefined {
  const component = COMPONENT_FUNCTIONS[name];
  if (component !== undefined) return componentwise(emitter, name, component, args, line);
  const special = SPECIAL[name];
  return special?.(emitter, args, line);
}

type Special = (emitter: Emitter, args: readonly Value[], line: number) => Value;

const SPECIAL: Readonly<Record<string, Special>> = {
  all: (emitter, args, line) => combined(emitter, "&", args, line),
  any: (emitter, args, line) => combined(emitter, "|", args, line),
  dot: dotProduct,
  fma: multiplyAdd,
  length: vectorLength,
  mix,
  select,
};

function argument(args: readonly Value[], index: number, line: number): Value {
  const value = args[index];
  if (value === undefined) throw new ShaderProblem("refused", line, "an argument is missing");
  return value;
}

/** Arguments of one kind and size, of which some may be literals. */
function alike(name: string, args: readonly Value[], line: number): [Value[], ScalarKind] {
  const kinds = args.map((arg) => scalarKindOf(arg, line));
  const kind = kinds.find((each) => each !== "int") ?? "i32";
  const values = args.map((arg) => asKind(arg, kind));
  const [first] = values;
  if (first === undefined || values.some(({ type }) => !isSameType(type, first.type))) {
    const types = args.map(({ type }) => typeName(type)).join(", ");
    throw new ShaderProblem("refused", line, `${name} of ${types} is no function`);
  }
  return [values, kind];
}

function componentwise(
  emitter: Emitter,
  name: string,
  { args: count, work, times = 1, float, integer }: ComponentFunction,
  args: readonly Value[],
  line: number,
): Value {
  if (args.length !== count) {
    throw new ShaderProblem("refused", line, `${name} has ${args.length} arguments, not ${count}`);
  }
  const isOfFloats = integer === undefined;
  const [values, kind] = alike(
    name,
    isOfFloats ? args.map((arg) => asKind(arg, "f32")) : args,
    line,
  );
  const operation = kind === "f32" ? float : kind === "bool" ? undefined : integer?.(kind);
  if (operation === undefined) {
    throw new ShaderProblem("refused", line, `${name} of ${kind} is no function`);
  }
  const charged = kind === "f32" ? work : "integers";
  const size = values[0]?.parts.length ?? 1;
  const parts = Array.from({ length: size }, (_, i) =>
    emitter.apply(
      operation,
      values.flatMap(({ parts: each }) => each[i] ?? []),
      charged,
      times,
    ),
  );
  return { type: vector(kind, size), parts };
}

function combined(emitter: Emitter, operator: string, args: readonly Value[], line: number): Value {
  const { parts } = argument(args, 0, line);
  const operation = binaryOperation(operator, "bool");
  const [first, ...others] = parts;
  if (operation === undefined || first === undefined) throw new RangeError("no components");
  const part = others.reduce(
    (sum, each) => emitter.apply(operation, [sum, each], undefined),
    first,
  );
  return { type: scalar("bool"), parts: [part] };
}

/** A product, then a multiply-add for each further component. */
function dotProduct(emitter: Emitter, args: readonly Value[], line: number): Value {
  const [values, kind] = alike("dot", args, line);
  const [a = { type: scalar(kind), parts: [] }, b = a] = values;
  const one = (value: Value, i: number): Value => ({
    type: scalar(kind),
    parts: value.parts.slice(i, i + 1),
  });
  let sum = binary(emitter, "*", one(a, 0), one(b, 0), line);
  // The first product stays one, which a sum may take; so it comes last into the multiply-adds.
  const { product } = sum;
  for (let i = 1; i < a.parts.length; i++) {
    const term = binary(emitter, "*", one(a, i), one(b, i), line);
    sum = binary(emitter, "+", { ...sum, product: undefined }, term, line);
  }
  return { ...sum, ...(product === undefined ? {} : { product }) };
}

function vectorLength(emitter: Emitter, args: readonly Value[], line: number): Value {
  const { parts } = emitter.bind(argument(args, 0, line));
  const vectorOf: Value = { type: vector("f32", parts.length), parts };
  const squared = dotProduct(emitter, [vectorOf, vectorOf], line);
  const root = COMPONENT_FUNCTIONS["sqrt"];
  if (root === undefined) throw new RangeError("no square root");
  return componentwise(emitter, "sqrt", root, [squared], line);
}

function multiplyAdd(emitter: Emitter, args: readonly Value[], line: number): Value {
  const [[a, b, c]] = alike(
    "fma",
    args.map((arg) => asKind(arg, "f32")),
    line,
  );
  if (a === undefined || b === undefined || c === undefined) {
    throw new ShaderProblem("refused", line, "fma has three arguments");
  }
  const parts = a.parts.map((part, i) => {
    const others = [b.parts[i] ?? part, c.parts[i] ?? part];
    return emitter.apply(fusedMultiplyAdd(), [part, ...others], "multiplyAdds");
  });
  return { type: a.type, parts };
}

/** `a * (1 - t) + b * t`. Source: WGSL, "mix". */
function mix(emitter: Emitter, args: readonly Value[], line: number): Value {
  const values = args.map((arg) => asKind(arg, "f32"));
  const a = argument(values, 0, line);
  const t = argument(values, 2, line);
  const rest = binary(emitter, "-", one(), t, line);
  const first = binary(emitter, "*", a, rest, line);
  return binary(
    emitter,
    "+",
    first,
    binary(emitter, "*", argument(values, 1, line), t, line),
    line,
  );
}

function one(): Value {
  return { type: scalar("f32"), parts: [{ kind: "constant", value: 1, of: "f32" }] };
}

/** `select(a, b, condition)`: a move, which costs nothing here. */
function select(emitter: Emitter, args: readonly Value[], line: number): Value {
  const [a, b, kind] = together(argument(args, 0, line), argument(args, 1, line), line);
  if (!isSameType(a.type, b.type)) {
    throw new ShaderProblem(
      "refused",
      line,
      `select chooses between ${typeName(a.type)} and ${typeName(b.type)}`,
    );
  }
  const given = argument(args, 2, line);
  const condition = spread(emitter, given, a.parts.length);
  if (scalarKindOf(given, line) !== "bool" || condition.parts.length !== a.parts.length) {
    const what = `select of ${typeName(a.type)} has the condition ${typeName(given.type)}`;
    throw new ShaderProblem("refused", line, what);
  }
  const parts = a.parts.map((part, i) => {
    const others = [b.parts[i] ?? part, condition.parts[i] ?? part];
    return emitter.apply(selection(kind), [part, ...others], undefined);
  });
  return { type: a.type, parts };
}

/** `bitcast<type>(value)`. */
export function bitcastTo(emitter: Emitter, to: Type, given: Value, line: number): Value {
  const value = asKind(given, "i32");
  if (to.kind !== "scalar" && to.kind !== "vector") {
    throw new ShaderProblem("refused", line, `bitcast to ${typeName(to)}`);
  }
  const target = vector(to.of, value.parts.length);
  if (!isSameType(target, to) || scalarKindOf(value, line) === "bool" || to.of === "bool") {
    const what = `bitcast of ${typeName(value.type)} to ${typeName(to)}`;
    throw new ShaderProblem("refused", line, what);
  }
  const parts = value.parts.map((part) =>
    emitter.apply(bitcast(kindOf(part), to.of), [part], undefined),
  );
  return { type: to, parts };
}

/** A value of a type that its constructor makes of others: `vec4<f32>(x, y, z, 1)`. */
export function construct(emitter: Emitter, to: Type, args: readonly Value[], line: number): Value {
  if (to.kind === "struct") return constructStruct(to, args, line);
  if (to.kind === "array") throw new ShaderProblem("unsupported", line, "an array value is made");
  const parts: Expression[] = [];
  for (const arg of args) parts.push(...converted(emitter, arg, to.of, line).parts);
  const size = to.kind === "scalar" ? 1 : to.size;
  const [only] = args;
  if (args.length === 1 && only?.type.kind === "scalar" && size > 1) {
    return spread(emitter, converted(emitter, only, to.of, line), size);
  }
  // A vector's components are not converted one by one in another constructor.
  const isMixed = args.length > 1 && args.some((arg) => !fits(arg, to.of, line));
  if (parts.length !== size || isMixed) {
    const types = args.map(({ type }) => typeName(type)).join(", ");
    throw new ShaderProblem("refused", line, `${typeName(to)} is made of ${types}`);
  }
  return { type: to, parts };
}

function fits(value: Value, kind: ScalarKind, line: number): boolean {
  return scalarKindOf(asKind(value, kind), line) === kind;
}

function constructStruct(
  to: Extract<Type, { kind: "struct" }>,
  args: readonly Value[],
  line: number,
): Value {
  const values = to.members.map(({ type }, i) => asType(argument(args, i, line), type));
  const isWrong = values.some(
    ({ type }, i) => typeName(type) !== typeName(to.members[i]?.type ?? to),
  );
  if (isWrong || args.length !== values.length) {
    throw new ShaderProblem("refused", line, `struct ${to.name} is made of other types`);
  }
  return { type: to, parts: values.flatMap(({ parts }) => parts) };
}
