import type { Work, WorkKind } from "../src/count/work.ts";
import { toHalf } from "../src/wgsl/half.ts";
import {
  isFloat,
  offsetOf,
  type ScalarKind,
  type StructType,
  scalar,
  scalarCount,
  scalarOffsets,
  scalarsBefore,
  scalarsOf,
  strideOf,
  type Type,
  vector,
} from "../src/wgsl/types.ts";

/** A value: its scalars in order, and which of them are known before anything runs. */
export interface Value {
  readonly type: Type;
  readonly parts: readonly number[];
  readonly fixed: readonly boolean[];
  /** Whether it is a product of floats, which a sum takes into a multiply-add. */
  readonly isProduct?: boolean;
}

/** What an invocation shares with others. */
export interface Shared {
  readonly space: "storage" | "uniform" | "workgroup";
  readonly bytes: ArrayBuffer;
}

/** What can be read and written: a part of a variable, or of memory. Offsets: in scalars; in words. */
export type Reference =
  | { readonly kind: "value"; readonly type: Type; readonly value: Value }
  | {
      readonly kind: "local";
      readonly type: Type;
      readonly data: number[];
      readonly offset: number;
    }
  | {
      readonly kind: "shared";
      readonly type: Type;
      readonly memory: Shared;
      readonly offset: number;
    };

export type Charge = (kind: WorkKind, times?: number) => void;

export function charging(work: Work): Charge {
  return (kind, times = 1) => {
    work[kind] += times;
  };
}

export function fixedValue(type: Type, parts: readonly number[]): Value {
  return { type, parts, fixed: parts.map(() => true) };
}

export function one(value: number, of: ScalarKind, isFixed = false): Value {
  return { type: scalar(of), parts: [value], fixed: [isFixed] };
}

/** A number as a kind of scalar holds it. */
export function as(kind: ScalarKind, value: number): number {
  switch (kind) {
    case "f32":
      return Math.fround(value);
    case "f16":
      return toHalf(value);
    case "i32":
      return value | 0;
    case "u32":
      return value >>> 0;
    default:
      return value;
  }
}

/** The kind of all scalars of a value. */
export function kindOf({ type }: Value): ScalarKind {
  if ("of" in type) return type.of;
  throw new Error(`${type.kind} is no number`);
}

/** Literals become values of a kind. */
export function literalAs(value: Value, kind: ScalarKind): Value {
  const { type } = value;
  if (!("of" in type) || type.kind === "opaque") return value;
  const isFree = type.of === "int" ? kind !== "bool" : type.of === "float" && isFloat(kind);
  if (!isFree) return value;
  const parts = value.parts.map((part) => as(kind, part));
  return { ...value, type: { ...type, of: kind }, parts };
}

/** What a variable without a type holds. */
export function concrete(value: Value): Value {
  if (value.type.kind === "array") {
    const { element } = value.type;
    const kind = concrete({ type: element, parts: [], fixed: [] }).type;
    return { ...value, type: { ...value.type, element: kind } };
  }
  return literalAs(literalAs(value, "i32"), "f32");
}

/** Literals become what a type has. */
export function literalTo(value: Value, type: Type): Value {
  if ("of" in type) return literalAs(value, type.of);
  return value.type.kind === type.kind ? { ...value, type } : value;
}

const WORDS = new DataView(new ArrayBuffer(4));

export function bits(value: number, from: ScalarKind, to: ScalarKind): number {
  if (from === "f32") WORDS.setFloat32(0, value);
  else WORDS.setInt32(0, value);
  if (to === "f32") return WORDS.getFloat32(0);
  return to === "i32" ? WORDS.getInt32(0) : WORDS.getUint32(0);
}

/** Reads a reference. */
export function load(reference: Reference, charge: Charge): Value {
  const { type } = reference;
  if (reference.kind === "value") return reference.value;
  const kinds = scalarsOf(type);
  const fixed = kinds.map(() => false);
  if (reference.kind === "local") {
    const { data, offset } = reference;
    return { type, fixed, parts: kinds.map((_, i) => data[offset + i] ?? 0) };
  }
  const { memory, offset } = reference;
  if (memory.space === "storage") charge("loads");
  if (memory.space === "storage") charge("loadBytes", 4 * kinds.length);
  if (memory.space === "workgroup") charge("sharedLoadBytes", 4 * kinds.length);
  const view = new DataView(memory.bytes);
  const parts = scalarOffsets(type, offset).map((word, i) => wordAt(view, word, kinds[i] ?? "i32"));
  return { type, fixed, parts };
}

function wordAt(view: DataView, word: number, kind: ScalarKind): number {
  if (word < 0 || 4 * word + 4 > view.byteLength) return 0;
  if (kind === "f32") return view.getFloat32(4 * word, true);
  return kind === "i32" ? view.getInt32(4 * word, true) : view.getUint32(4 * word, true);
}

/** Writes a reference. Returns whether it is of a storage buffer. */
export function store(reference: Reference, value: Value, charge: Charge): boolean {
  if (reference.kind === "value") throw new Error("what is assigned to is no variable");
  const { parts } = value;
  if (reference.kind === "local") {
    for (const [i, part] of parts.entries()) reference.data[reference.offset + i] = part;
    return false;
  }
  const { memory, offset, type } = reference;
  const isResult = memory.space === "storage";
  if (isResult) charge("stores");
  charge(isResult ? "storeBytes" : "sharedStoreBytes", 4 * parts.length);
  const view = new DataView(memory.bytes);
  const kinds = scalarsOf(type);
  for (const [i, word] of scalarOffsets(type, offset).entries()) {
    if (word < 0 || 4 * word + 4 > view.byteLength) continue;
    const part = parts[i] ?? 0;
    if (kinds[i] === "f32") view.setFloat32(4 * word, part, true);
    else view.setInt32(4 * word, part, true);
  }
  return isResult;
}

/** The element, column or component at an index. */
export function elementAt(reference: Reference, index: number, isFixed: boolean): Reference {
  const { type } = reference;
  const [element, count] = elements(type);
  const size = scalarCount(element);
  if (reference.kind === "shared") {
    const stride = strideOf(element);
    const words = reference.memory.bytes.byteLength / 4 - reference.offset;
    // An index outside is that of the last element, as Dawn makes it.
    const at = Math.min(index >>> 0, (count === 0 ? Math.floor(words / stride) : count) - 1);
    return { ...reference, type: element, offset: reference.offset + at * stride };
  }
  const place = size * Math.min(index >>> 0, count - 1);
  if (reference.kind === "local") {
    return { ...reference, type: element, offset: reference.offset + place };
  }
  const { parts, fixed } = isFixed ? reference.value : concrete(reference.value);
  const chosen = {
    type: isFixed ? element : elements(concrete(reference.value).type)[0],
    parts: parts.slice(place, place + size),
    // Which one it is is known while it runs alone.
    fixed: fixed.slice(place, place + size).map((each) => each && isFixed),
  };
  return { kind: "value", type: chosen.type, value: chosen };
}

function elements(type: Type): [Type, number] {
  switch (type.kind) {
    case "array":
      return [type.element, type.count];
    case "matrix":
      return [vector(type.of, type.rows), type.columns];
    case "vector":
      return [scalar(type.of), type.size];
    default:
      throw new Error(`${type.kind} has no elements`);
  }
}

export function memberOf(reference: Reference, type: StructType, name: string): Reference {
  const index = type.members.findIndex((member) => member.name === name);
  const member = type.members[index];
  if (member === undefined) throw new Error(`no member ${name}`);
  const before = scalarsBefore(type, index);
  if (reference.kind === "shared") {
    const offset = reference.offset + offsetOf(type, index);
    return { ...reference, type: member.type, offset };
  }
  if (reference.kind === "local") {
    return { ...reference, type: member.type, offset: reference.offset + before };
  }
  const { parts, fixed } = reference.value;
  const end = before + scalarCount(member.type);
  const value = {
    ...{ type: member.type, parts: parts.slice(before, end), fixed: fixed.slice(before, end) },
  };
  return { kind: "value", type: member.type, value };
}
