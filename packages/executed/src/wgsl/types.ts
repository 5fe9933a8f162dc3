/** The kinds of a scalar. `int` is a literal that becomes what its context needs. */
export type ScalarKind = "f32" | "i32" | "u32" | "bool" | "int";

export interface ScalarType {
  readonly kind: "scalar";
  readonly of: ScalarKind;
  /** Whether it is `atomic<…>`, which only atomic built-ins read and write. */
  readonly isAtomic?: boolean;
}

export interface VectorType {
  readonly kind: "vector";
  readonly of: ScalarKind;
  readonly size: number;
}

export interface ArrayType {
  readonly kind: "array";
  readonly element: Type;
  /** 0 for an array as long as its buffer. */
  readonly count: number;
}

export interface StructType {
  readonly kind: "struct";
  readonly name: string;
  readonly members: readonly StructMember[];
}

export interface StructMember {
  readonly name: string;
  readonly type: Type;
  /** Of `@align`, in words of 32 bits. */
  readonly alignment?: number;
  /** Of `@size`, in words. */
  readonly size?: number;
}

export type Type = ScalarType | VectorType | ArrayType | StructType;

export function scalar(of: ScalarKind): ScalarType {
  return { kind: "scalar", of };
}

/** A scalar for size 1, else a vector. */
export function vector(of: ScalarKind, size: number): ScalarType | VectorType {
  return size === 1 ? scalar(of) : { kind: "vector", of, size };
}

/** The kinds of the scalars that a value of this type consists of, in order. */
export function scalarsOf(type: Type): ScalarKind[] {
  switch (type.kind) {
    case "scalar":
      return [type.of];
    case "vector":
      return Array.from({ length: type.size }, () => type.of);
    case "array":
      return Array.from({ length: type.count }, () => scalarsOf(type.element)).flat();
    case "struct":
      return type.members.flatMap((member) => scalarsOf(member.type));
  }
}

/** The alignment in memory, in words of 32 bits. Source: WGSL, "Alignment and Size". */
function alignmentOf(type: Type): number {
  switch (type.kind) {
    case "scalar":
      return 1;
    case "vector":
      return type.size === 2 ? 2 : 4;
    case "array":
      return alignmentOf(type.element);
    case "struct":
      return Math.max(1, ...type.members.map(memberAlignment));
  }
}

function memberWords({ type, size }: StructMember): number {
  return size ?? wordsOf(type);
}

function memberAlignment({ type, alignment }: StructMember): number {
  return alignment ?? alignmentOf(type);
}

/** The size in memory, in words of 32 bits, without padding after it. */
export function wordsOf(type: Type): number {
  switch (type.kind) {
    case "scalar":
      return 1;
    case "vector":
      return type.size;
    case "array":
      return type.count * strideOf(type.element);
    case "struct": {
      const { members } = type;
      const last = members.at(-1);
      const end = last === undefined ? 0 : offsetOf(type, members.length - 1) + memberWords(last);
      return roundUp(end, alignmentOf(type));
    }
  }
}

/** From one element of an array to the next, in words. */
export function strideOf(element: Type): number {
  return roundUp(wordsOf(element), alignmentOf(element));
}

/** Where a member of a struct begins, in words. */
export function offsetOf({ members }: StructType, index: number): number {
  let offset = 0;
  for (const [place, each] of members.entries()) {
    offset = roundUp(offset, memberAlignment(each));
    if (place === index) return offset;
    offset += memberWords(each);
  }
  return offset;
}

/** Where each scalar of a value is in memory, in words from its start; ordered as `scalarsOf`. */
export function scalarOffsets(type: Type, start = 0): number[] {
  switch (type.kind) {
    case "scalar":
    case "vector":
      return scalarsOf(type).map((_, i) => start + i);
    case "array": {
      const stride = strideOf(type.element);
      const starts = Array.from({ length: type.count }, (_, i) => start + i * stride);
      return starts.flatMap((each) => scalarOffsets(type.element, each));
    }
    case "struct":
      return type.members.flatMap((member, i) =>
        scalarOffsets(member.type, start + offsetOf(type, i)),
      );
  }
}

function roundUp(words: number, alignment: number): number {
  return Math.ceil(words / alignment) * alignment;
}

/** A type as WGSL writes it. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case "scalar":
      return type.isAtomic
        ? `atomic<${type.of}>`
        : type.of === "int"
          ? "an integer literal"
          : type.of;
    case "vector":
      return `vec${type.size}<${type.of}>`;
    case "array": {
      const count = type.count === 0 ? "" : `, ${type.count}`;
      return `array<${typeName(type.element)}${count}>`;
    }
    case "struct":
      return type.name;
  }
}

export function isSameType(a: Type, b: Type): boolean {
  return typeName(a) === typeName(b);
}
