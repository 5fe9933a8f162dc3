import { concrete } from "./convert.ts";
import { constant, type Emitter, type Value } from "./emitter.ts";
import { binaryOperation, CLAMPED_INDEX, selection } from "./operations.ts";
import { ShaderProblem } from "./problem.ts";
import type { Expression, Memory, PrivateArray, Register } from "./program.ts";
import {
  elementOf,
  isSameType,
  offsetOf,
  type ScalarKind,
  scalar,
  scalarCount,
  scalarOffsets,
  scalarsBefore,
  scalarsOf,
  strideOf,
  type Type,
  typeName,
  vector,
  wordsOf,
} from "./types.ts";

/** What can be read, and most of it written: a variable, or a part of one. */
export type Place = PlaceKind & {
  /** Whether a name stands for a pointer to it. */
  readonly isPointer?: true;
};

type PlaceKind =
  | { readonly kind: "value"; readonly type: Type; readonly value: Value }
  | {
      readonly kind: "registers";
      readonly type: Type;
      readonly registers: readonly Register[];
    }
  /** A part of a value in registers, chosen while it runs; `index` counts values of its type. */
  | {
      readonly kind: "component";
      readonly type: Type;
      readonly registers: readonly Register[];
      readonly index: Expression;
    }
  /** `index` and `address` are where it begins: in scalars of an array, and in words of memory. */
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
  // Addresses of 16-bit floats are halves of words.
  const operation = binaryOperation(operator, "int");
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
  const last = constant(countOf(type) - 1, "i32");
  return emitter.apply(CLAMPED_INDEX, [index, last], undefined);
}

/** The element of an array, the column of a matrix, or the component of a vector. */
export function indexed(emitter: Emitter, place: Place, given: Expression, line: number): Place {
  const { type } = place;
  const element = elementOf(type);
  if (element === undefined) {
    throw new ShaderProblem("refused", line, `${typeName(type)} has no elements`);
  }
  const index = clamped(emitter, place, given, line);
  const size = scalarCount(element);
  const by = (stride: number) =>
    emitter.apply(MULTIPLY, [index, constant(stride, "int")], undefined);
  switch (place.kind) {
    case "memory":
      return {
        ...{ ...place, type: element },
        address: moved(emitter, place.address, by(strideOf(element))),
      };
    case "array":
      return { ...place, type: element, index: moved(emitter, place.index, by(size)) };
    case "component": {
      const whole = emitter.apply(
        MULTIPLY,
        [place.index, constant(countOf(type), "int")],
        undefined,
      );
      return { ...place, type: element, index: moved(emitter, whole, index) };
    }
    case "registers":
      if (index.kind === "constant") return slice(place, element, index.value * size, size);
      return { ...place, kind: "component", type: element, index };
    case "value": {
      if (index.kind === "constant") return slice(place, element, index.value * size, size);
      // Which element it is is known while it runs alone: literals are values of a type by then.
      const value = concrete(place.value);
      return valuePlace(chosen(emitter, value.parts, index, elementOf(value.type) ?? element));
    }
  }
}

/** How many elements, columns or components there are; 0 where a buffer decides. */
function countOf(type: Type): number {
  if (type.kind === "array") return type.count;
  if (type.kind === "matrix") return type.columns;
  return type.kind === "vector" ? type.size : 0;
}

/** One of several values side by side, chosen while it runs. */
function chosen(
  emitter: Emitter,
  parts: readonly Expression[],
  index: Expression,
  type: Type,
): Value {
  const kinds = scalarsOf(type);
  return {
    type,
    parts: kinds.map((kind, i) => {
      const candidates = parts.filter((_, place) => place % kinds.length === i);
      return pick(emitter, candidates, index, kind);
    }),
  };
}

/** The same place, whatever is written to the variables that chose it. */
export function fixed(emitter: Emitter, place: Place): Place {
  const one = (index: Expression): Expression => {
    const [bound = index] = emitter.bind({ type: scalar("i32"), parts: [index] }).parts;
    return bound;
  };
  if (place.kind === "memory") return { ...place, address: one(place.address) };
  if (place.kind === "array" || place.kind === "component") {
    return { ...place, index: one(place.index) };
  }
  return place;
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
    const isIt = emitter.apply(equal(), [index, constant(place + 1, "int")], undefined);
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
    return indexed(emitter, place, constant(only, "int"), line);
  }
  const { parts } = read(emitter, place, line);
  const swizzled = places.flatMap((index) => parts[index] ?? []);
  return valuePlace({ type: vector(type.of, places.length), parts: swizzled });
}

function memberOfStruct(emitter: Emitter, place: Place, name: string, line: number): Place {
  const { type } = place;
  if (type.kind !== "struct") throw new RangeError("no struct");
  const index = type.members.findIndex((candidate) => candidate.name === name);
  const found = type.members[index];
  if (found === undefined) {
    throw new ShaderProblem("refused", line, `struct ${type.name} has no member "${name}"`);
  }
  const before = scalarsBefore(type, index);
  const size = scalarCount(found.type);
  if (place.kind === "array") {
    const at = moved(emitter, place.index, constant(before, "int"));
    return { ...place, type: found.type, index: at };
  }
  if (place.kind === "memory") {
    const at = moved(emitter, place.address, constant(offsetOf(type, index), "int"));
    return { ...place, type: found.type, address: at };
  }
  if (place.kind !== "component") return slice(place, found.type, before, size);
  // The members of the structs side by side, as if they were all there is.
  const whole = scalarCount(type);
  const registers = place.registers.filter((_, at) => {
    return at % whole >= before && at % whole < before + size;
  });
  return { ...place, type: found.type, registers };
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
      return chosen(emitter, parts, place.index, type);
    }
    case "array": {
      const kinds = scalarsOf(checked(type, line));
      return { type, parts: kinds.map((of, i) => elementAt(emitter, place, i, of)) };
    }
    case "memory": {
      if (type.kind === "scalar" && type.isAtomic) {
        throw new ShaderProblem("refused", line, `${typeName(type)} is read by atomicLoad alone`);
      }
      const { memory } = place;
      const words = wordsIn(emitter, type, place.address, line);
      if (memory.space === "storage") emitter.charge("loads");
      const kind = memory.space === "storage" ? "loadBytes" : "sharedLoadBytes";
      if (memory.space !== "uniform") emitter.charge(kind, bytesOf(type));
      const kinds = scalarsOf(type);
      const parts = words.map(
        (address, i): Expression => ({ kind: "load", memory, address, of: kinds[i] ?? "f32" }),
      );
      return { type, parts };
    }
  }
}

function elementAt(
  emitter: Emitter,
  { array, index }: Extract<Place, { kind: "array" }>,
  by: number,
  of: ScalarKind,
): Expression {
  return { kind: "element", array, index: moved(emitter, index, constant(by, "int")), of };
}

/** What the scalars of a value take in memory, without what lies between them. */
function bytesOf(type: Type): number {
  return scalarsOf(type).reduce((sum, kind) => sum + 4 * wordsOf(scalar(kind)), 0);
}

/** Where the scalars of a value are in memory. */
function wordsIn(emitter: Emitter, type: Type, start: Expression, line: number): Expression[] {
  const offsets = scalarOffsets(checked(type, line));
  return offsets.map((word) => moved(emitter, start, constant(word, "int")));
}

/** A type whose values are moved as a whole. */
function checked(type: Type, line: number): Type {
  const length = scalarCount(type);
  if (length > 0 && length <= MOST_AT_ONCE) return type;
  const what = `${typeName(type)} is read or written as a whole`;
  throw new ShaderProblem("unsupported", line, what);
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
      for (const [i, part] of emitter.bind(value).parts.entries()) {
        const index = moved(emitter, place.index, constant(i, "int"));
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
  const size = value.parts.length;
  const { parts } = emitter.bind({ type, parts: [...value.parts, index] });
  const place = parts[size];
  if (place === undefined) return;
  for (const [i, register] of registers.entries()) {
    const part = parts[i % size] ?? place;
    const at = constant(Math.floor(i / size), "int");
    const isIt = emitter.apply(equal(), [place, at], undefined);
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
  emitter.charge(kind, bytesOf(type));
  const kinds = scalarsOf(type);
  for (const [i, part] of emitter.bind(value).parts.entries()) {
    const word = words[i];
    const of = kinds[i] ?? "f32";
    if (word !== undefined) emitter.add({ kind: "store", memory, address: word, value: part, of });
  }
}
