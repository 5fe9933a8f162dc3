import { asKind, common, scalarKindOf } from "./convert.ts";
import type { Emitter, Value } from "./emitter.ts";
import { COMPONENT_FUNCTIONS } from "./functions.ts";
import { ShaderProblem } from "./problem.ts";
import { isFloat, isSameType, type ScalarKind, typeName, vector } from "./types.ts";

export function argument(args: readonly Value[], index: number, line: number): Value {
  const value = args[index];
  if (value === undefined) throw new ShaderProblem("refused", line, "an argument is missing");
  return value;
}

/** Arguments of one kind and size, of which some may be literals. */
export function alike(name: string, args: readonly Value[], line: number): [Value[], ScalarKind] {
  const kind = args.map((arg) => scalarKindOf(arg, line)).reduce(common);
  const values = args.map((arg) => asKind(arg, kind));
  const [first] = values;
  if (first === undefined || values.some(({ type }) => !isSameType(type, first.type))) {
    const types = args.map(({ type }) => typeName(type)).join(", ");
    throw new ShaderProblem("refused", line, `${name} of ${types} is no function`);
  }
  return [values, kind];
}

/** Arguments of one kind of float, of which some may be literals. */
export function alikeFloats(
  name: string,
  args: readonly Value[],
  line: number,
): [Value[], ScalarKind] {
  return alike(
    name,
    args.map((arg) => asKind(arg, "float")),
    line,
  );
}

/** Calls a function that works on each component of its arguments alone. */
export function componentwise(
  emitter: Emitter,
  name: string,
  args: readonly Value[],
  line: number,
): Value {
  const called = COMPONENT_FUNCTIONS[name];
  if (called === undefined) throw new RangeError(`no function ${name}`);
  const { args: count, work, times = 1, float, integer, unsignedFrom = count } = called;
  if (args.length !== count) {
    throw new ShaderProblem("refused", line, `${name} has ${args.length} arguments, not ${count}`);
  }
  const given = args.slice(0, unsignedFrom);
  const [values, of] =
    integer === undefined ? alikeFloats(name, given, line) : alike(name, given, line);
  const kind = of === "int" ? "i32" : of;
  const operation = isFloat(kind) ? float?.(kind) : kind === "bool" ? undefined : integer?.(kind);
  const settings = args.slice(unsignedFrom).map((arg) => asKind(arg, "u32"));
  if (operation === undefined || settings.some(({ type }) => typeName(type) !== "u32")) {
    throw new ShaderProblem("refused", line, `${name} of ${kind} is no function`);
  }
  const size = values[0]?.parts.length ?? 1;
  const parts = Array.from({ length: size }, (_, i) =>
    emitter.apply(
      operation,
      [
        ...values.flatMap(({ parts: each }) => each[i] ?? []),
        ...settings.flatMap(({ parts: each }) => each),
      ],
      isFloat(kind) ? work : "integers",
      times,
    ),
  );
  return { type: vector(of, size), parts };
}
