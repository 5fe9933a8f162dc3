import { constant, type Emitter, type Value } from "./emitter.ts";
import { binaryOperation, CLAMPED_INDEX, selection } from "./operations.ts";
import { ShaderProblem } from "./problem.ts";
import type { Expression, Memory, PrivateArray, Register } from "./program.ts";
import {
  isSameType,
  offsetOf,
  type ScalarKind,
  scalar,
  scalarOffsets,
  scalarsOf,
  strideOf,
  type Type,
  typeName,
  vector,
} from "./types.ts";

/** What can be read, and most of it written: a variable, or a part of one. */
export type Place =
  | { readonly kind: "value"; readonly type: Type; readonly value: Value }
  | {
      readonly kind: "registers";
      readonly type: Type;
      readonly registers: readonly Register[];
    }
  /** One component of a vector in registers, chosen while it runs. */
  | {
      readonly kind: "component";
      readonly type: Type;
      readonly registers: readonly Register[];
      readonly index: Expression;
    }
  | {
      readonly kind: "array";
      readonly type: Type;
      readonly array: PrivateArray;
      readonly index: Expression;
    }
  | {
      readonly kind: "memory";
      readonly type: Type;
      readonly memory: Memory;
      readonly address: Expression;
      readonly isReadOnly: boolean;
    };

const ADD = addressing("+");
const MULTIPLY = addressing("*");

function addressing(operator: string) {
  const operation = binaryOperation(operator, "i32");
  if (operation === undefined) throw new RangeError(`no operation ${operator}`);
  return operation;
}

/** Further by so many words. Addressing is not charged: hardware does it with the access. */
function moved(emitter: Emitter, from: Expression, by: Expression): Expression {
  return emitter.apply(ADD, [from, by], undefined);
}

/** How many elements an array that ends a buffer has. */
export function lengthOf(emitter: Emitter, place: Place, line: number): Expression {
  const { type } = place;
  // The array is all of the buffer, or the last member of its struct: its address is a constant.
  if (place.kind === "memory" && type.kind === "array" && type.count === 0) {
    const { memory, address } = place;
    if (address.kind === "constant") {
      return emitter.length(memory, address.value, strideOf(type.element));
    }
  }
  throw new ShaderProblem("refused", line, `${typeName(type)} has no length that a buffer decides`);
}

/**
 * An index as it is used: one past the end is the last, as Dawn makes it. Constants are no exception,
 * since an argument of a function is none in WGSL, and may be one here.
 */
function clamped(emitter: Emitter, place: Place, index: Expression, line: number): Expression {
  const { type } = place;
  if (index.kind === "constant" && index.value === 0) return index;
  if (type.kind === "array" && type.count === 0) {
    const length = lengthOf(emitter, place, line);
    const last = emitter.apply(addressing("-"), [length, constant(1, "i32")], undefined);
    return emitter.apply(CLAMPED_INDEX, [index, last], undefined);
  }
  const count = type.kind === "array" ? type.count : type.kind === "vector" ? type.size : 0;
  return emitter.apply(CLAMPED_INDEX, [index, constant(count - 1, "i32")], undefined);
}

/** The element of an array, or the component of a vector. */
export function indexed(emitter: Emitter, place: Place, given: Expression, line: number): Place {
  const { type } = place;
  if (type.kind !== "array" && type.kind !== "vector") {
    throw new ShaderProblem("refused", line, `${typeName(type)} has no elements`);
  }
  const element = type.kind === "array" ? type.element : scalar(type.of);
  const index = clamped(emitter, place, given, line);
  if (place.kind === "array" || place.kind === "memory") {
    const by = emitter.apply(MULTIPLY, [index, constant(strideOf(element), "i32")], undefined);
    return place.kind === "array"
      ? { ...place, type: element, index: moved(emitter, place.index, by) }
      : { ...place, type: element, address: moved(emitter, place.address, by) };
  }
  if (index.kind === "constant") {
    const size = scalarsOf(element).length;
    return slice(place, element, index.value * size, size);
  }
  if (type.kind === "array") {
    throw new ShaderProblem("unsupported", line, "an array value is indexed by a variable");
  }
  if (place.kind === "registers") return { ...place, kind: "component", type: element, index };
  const picked = pick(emitter, read(emitter, place, line).parts, index, type.of);
  return valuePlace({ type: element, parts: [picked] });
}

function valuePlace(value: Value): Place {
  return { kind: "value", type: value.type, value };
}

/** The scalars from `start` on, as another type. */
function slice(place: Place, type: Type, start: number, size: number): Place {
  if (place.kind === "registers") {
    return { ...place, type, registers: place.registers.slice(start, start + size) };
  }
  if (place.kind !== "value") throw new RangeError(`no slice of ${place.kind}`);
  return valuePlace({ type, parts: place.value.parts.slice(start, start + size) });
}

/** The component that an index chooses while it runs. */
function pick(
  emitter: Emitter,
  parts: readonly Expression[],
  index: Expression,
  of: ScalarKind,
): Expression {
  const [first, ...others] = parts;
  if (first === undefined) throw new RangeError("no components");
  return others.reduce((chosen, part, place) => {
    const isIt = emitter.apply(equal(), [index, constant(place + 1, "i32")], undefined);
    return emitter.apply(selection(of), [chosen, part, isIt], undefined);
  }, first);
}

function equal() {
  return addressing("==");
}

const COMPONENTS = ["xyzw", "rgba"];

/** A member of a struct, or components of a vector, by name. */
export function member(emitter: Emitter, place: Place, name: string, line: number): Place {
  const { type } = place;
  if (type.kind === "struct") return memberOfStruct(emitter, place, name, line);
  const letters = COMPONENTS.find((set) => [...name].every((letter) => set.includes(letter)));
  if (type.kind !== "vector" || letters === undefined) {
    throw new ShaderProblem("refused", line, `${typeName(type)} has no member "${name}"`);
  }
  const places = [...name].map((letter) => letters.indexOf(letter));
  if (places.some((index) => index >= type.size)) {
    throw new ShaderProblem("refused", line, `${typeName(type)} has no component "${name}"`);
  }
  const [only] = places;
  if (places.length === 1 && only !== undefined) {
    return indexed(emitter, place, constant(only, "i32"), line);
  }
  const { parts } = read(emitter, place, line);
  const chosen = places.flatMap((index) => parts[index] ?? []);
  return valuePlace({ type: vector(type.of, places.length), parts: chosen });
}

function memberOfStruct(emitter: Emitter, place: Place, name: string, line: number): Place {
  const { type } = place;
  if (type.kind !== "struct") throw new RangeError("no struct");
  const index = type.members.findIndex((candidate) => candidate.name === name);
  const found = type.members[index];
  if (found === undefined) {
    throw new ShaderProblem("refused", line, `struct ${type.name} has no member "${name}"`);
  }
  const offset = constant(offsetOf(type, index), "i32");
  if (place.kind === "array") {
    return { ...place, type: found.type, index: moved(emitter, place.index, offset) };
  }
  if (place.kind === "memory") {
    return { ...place, type: found.type, address: moved(emitter, place.address, offset) };
  }
  const before = type.members.slice(0, index).flatMap((each) => scalarsOf(each.type)).length;
  return slice(place, found.type, before, scalarsOf(found.type).length);
}

/** Reads a place. A load from memory is charged. */
export function read(emitter: Emitter, place: Place, line: number): Value {
  const { type } = place;
  switch (place.kind) {
    case "value":
      return place.value;
    case "registers":
      return { type, parts: place.registers.map((register) => ({ kind: "read", register })) };
    case "component": {
      const parts: Expression[] = place.registers.map((register) => ({ kind: "read", register }));
      return { type, parts: [pick(emitter, parts, place.index, scalarKind(type))] };
    }
    case "array":
      return { type, parts: wordsIn(emitter, type, place.index, line).map(elementOf(place.array)) };
    case "memory": {
      if (type.kind === "scalar" && type.isAtomic) {
        throw new ShaderProblem("refused", line, `${typeName(type)} is read by atomicLoad alone`);
      }
      const { memory } = place;
      const words = wordsIn(emitter, type, place.address, line);
      if (memory.space === "storage") emitter.charge("loads");
      if (memory.space === "storage") emitter.charge("loadBytes", 4 * words.length);
      if (memory.space === "workgroup") emitter.charge("sharedLoadBytes", 4 * words.length);
      const kinds = scalarsOf(type);
      const parts = words.map(
        (address, i): Expression => ({ kind: "load", memory, address, of: kinds[i] ?? "f32" }),
      );
      return { type, parts };
    }
  }
}

function elementOf(array: PrivateArray): (index: Expression) => Expression {
  return (index) => ({ kind: "element", array, index });
}

function scalarKind(type: Type): ScalarKind {
  if (type.kind !== "scalar") throw new RangeError("no scalar");
  return type.of;
}

/** Where the words of a value are, one per scalar. */
function wordsIn(emitter: Emitter, type: Type, start: Expression, line: number): Expression[] {
  const offsets = scalarOffsets(type);
  if (offsets.length === 0 || offsets.length > MOST_AT_ONCE) {
    const what = `${typeName(type)} is read or written as a whole`;
    throw new ShaderProblem("unsupported", line, what);
  }
  return offsets.map((word) => moved(emitter, start, constant(word, "i32")));
}

/** More scalars than shaders move in one statement. */
const MOST_AT_ONCE = 1024;

/**
 * Writes a value to a place. A store to memory is charged.
 *
 * @param isWhole whether no other invocation reads the variable from then on.
 */
export function write(
  emitter: Emitter,
  place: Place,
  value: Value,
  line: number,
  isWhole = false,
): void {
  if (!isSameType(place.type, value.type)) {
    const what = `${typeName(value.type)} is assigned to ${typeName(place.type)}`;
    throw new ShaderProblem("refused", line, what);
  }
  switch (place.kind) {
    case "value":
      throw new ShaderProblem("refused", line, "what is assigned to is no variable");
    case "registers":
      writeRegisters(emitter, place.registers, value, isWhole);
      return;
    case "component":
      writeComponent(emitter, place, value);
      return;
    case "array": {
      const indices = wordsIn(emitter, place.type, place.index, line);
      for (const [i, part] of emitter.bind(value).parts.entries()) {
        const index = indices[i] ?? place.index;
        emitter.add({ kind: "set-element", array: place.array, index, value: part });
      }
      return;
    }
    case "memory":
      writeMemory(emitter, place, value, line);
  }
}

function writeRegisters(
  emitter: Emitter,
  registers: readonly Register[],
  value: Value,
  isWhole: boolean,
): void {
  // A vector's components are written one after another: none may be read after it is written.
  const { parts } = registers.length > 1 ? emitter.bind(value) : value;
  for (const [i, register] of registers.entries()) {
    const part = parts[i];
    if (part !== undefined) emitter.add({ kind: "set", register, value: part, isWhole });
  }
}

function writeComponent(
  emitter: Emitter,
  { registers, index, type }: Extract<Place, { kind: "component" }>,
  value: Value,
): void {
  const { parts } = emitter.bind({ type, parts: [...value.parts, index] });
  const [part, place] = parts;
  if (part === undefined || place === undefined) return;
  for (const [i, register] of registers.entries()) {
    const isIt = emitter.apply(equal(), [place, constant(i, "i32")], undefined);
    const before: Expression = { kind: "read", register };
    const chosen = emitter.apply(selection(register.kind), [before, part, isIt], undefined);
    emitter.add({ kind: "set", register, value: chosen, isWhole: false });
  }
}

function writeMemory(
  emitter: Emitter,
  { type, memory, address, isReadOnly }: Extract<Place, { kind: "memory" }>,
  value: Value,
  line: number,
): void {
  if (isReadOnly) {
    throw new ShaderProblem("refused", line, `"${memory.name}" is written, and is read-only`);
  }
  if (type.kind === "scalar" && type.isAtomic) {
    throw new ShaderProblem("refused", line, `${typeName(type)} is written by atomics alone`);
  }
  const words = wordsIn(emitter, type, address, line);
  if (memory.space === "storage") emitter.charge("stores");
  const kind = memory.space === "storage" ? "storeBytes" : "sharedStoreBytes";
  emitter.charge(kind, 4 * words.length);
  const kinds = scalarsOf(type);
  for (const [i, part] of emitter.bind(value).parts.entries()) {
    const word = words[i];
    const of = kinds[i] ?? "f32";
    if (word !== undefined) emitter.add({ kind: "store", memory, address: word, value: part, of });
  }
}
