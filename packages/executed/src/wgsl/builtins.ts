import { packing } from "./bits.ts";
import { alikeFloats, argument, componentwise } from "./component.ts";
import { concrete, scalarKindOf, spread, together } from "./convert.ts";
import type { Emitter, Value } from "./emitter.ts";
import { COMPONENT_FUNCTIONS } from "./functions.ts";
import { GEOMETRY } from "./geometry.ts";
import { binaryOperation, fusedMultiplyAdd, selection } from "./operations.ts";
import { ShaderProblem } from "./problem.ts";
import { subgroupFunction } from "./subgroups.ts";
import { isFloat, isSameType, scalar, typeName } from "./types.ts";

/** A call of a function of WGSL's own; undefined where it has none of this name. */
export function builtIn(
  emitter: Emitter,
  name: string,
  args: readonly Value[],
  line: number,
): Value | undefined {
  if (COMPONENT_FUNCTIONS[name] !== undefined) return componentwise(emitter, name, args, line);
  const special = SPECIAL[name] ?? GEOMETRY[name];
  if (special !== undefined) return special(emitter, args, line);
  return packing(emitter, name, args, line) ?? subgroupFunction(emitter, name, args, line);
}

type Special = (emitter: Emitter, args: readonly Value[], line: number) => Value;

const SPECIAL: Readonly<Record<string, Special>> = {
  all: (emitter, args, line) => combined(emitter, "&", args, line),
  any: (emitter, args, line) => combined(emitter, "|", args, line),
  fma: multiplyAdd,
  select,
};

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

function multiplyAdd(emitter: Emitter, args: readonly Value[], line: number): Value {
  const [[a, b, c], of] = alikeFloats("fma", args, line);
  if (a === undefined || b === undefined || c === undefined || of === "bool" || !isFloat(of)) {
    throw new ShaderProblem("refused", line, "fma has three arguments, all floats");
  }
  const parts = a.parts.map((part, i) => {
    const others = [b.parts[i] ?? part, c.parts[i] ?? part];
    return emitter.apply(fusedMultiplyAdd(of), [part, ...others], "multiplyAdds");
  });
  return { type: a.type, parts };
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
  const isFixed = condition.parts.every((part) => part.kind === "constant");
  const [first, second] = isFixed ? [a, b] : [concrete(a), concrete(b)];
  const of = isFixed ? kind : scalarKindOf(first, line);
  const parts = first.parts.map((part, i) => {
    const others = [second.parts[i] ?? part, condition.parts[i] ?? part];
    return emitter.apply(selection(of), [part, ...others], undefined);
  });
  return { type: first.type, parts };
}
