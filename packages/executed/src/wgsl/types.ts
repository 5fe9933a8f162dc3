/** The kinds of a scalar. `int` and `float` are literals that become what their context needs. */
export type ScalarKind = "f32" | "f16" | "i32" | "u32" | "bool" | "int" | "float";

export function isFloat(kind: ScalarKind): boolean {
  return kind === "f32" || kind === "f16" || kind === "float";
}

/** Whether values of this kind are literals, which become what their context needs. */
export function isAbstract(kind: ScalarKind): boolean {
  return kind === "int" || kind === "float";
}

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

/** A matrix: as many vectors of `rows` components as it has columns. */
export interface MatrixType {
  readonly kind: "matrix";
  readonly of: ScalarKind;
  readonly columns: number;
  readonly rows: number;
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

/** A texture or a sampler, which only built-in functions read and write. */
export interface OpaqueType {
  readonly kind: "opaque";
  readonly name: string;
  /** What a texel's components are. */
  readonly of: ScalarKind;
  /** What a texel takes; for a texture that is sampled, what the shader gets of it. */
  readonly texelBytes: number;
}

export type Type = ScalarType | VectorType | MatrixType | ArrayType | StructType | OpaqueType;

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
      return Array<ScalarKind>(type.size).fill(type.of);
    case "matrix":
      return Array<ScalarKind>(type.columns * type.rows).fill(type.of);
    case "opaque":
      return [];
    case "array":
      return Array.from({ length: type.count }, () => scalarsOf(type.element)).flat();
    case "struct":
      return type.members.flatMap((member) => scalarsOf(member.type));
  }
}

/** How many scalars a value of this type consists of. */
export function scalarCount(type: Type): number {
  switch (type.kind) {
    case "scalar":
      return 1;
    case "vector":
      return type.size;
    case "matrix":
      return type.columns * type.rows;
    case "opaque":
      return 0;
    case "array":
      return type.count * scalarCount(type.element);
    case "struct":
      return type.members.reduce((sum, member) => sum + scalarCount(member.type), 0);
  }
}

/** How many scalars of a struct are before a member. */
export function scalarsBefore({ members }: StructType, index: number): number {
  return members.slice(0, index).reduce((sum, { type }) => sum + scalarCount(type), 0);
}

/** The alignment in memory, in words of 32 bits. Source: WGSL, "Alignment and Size". */
function alignmentOf(type: Type): number {
  switch (type.kind) {
    case "scalar":
      return wordsOf(type);
    case "vector":
      return (type.size === 2 ? 2 : 4) * wordsOf(scalar(type.of));
    case "matrix":
      return alignmentOf(columnOf(type));
    case "array":
      return alignmentOf(type.element);
    case "opaque":
      return 1;
    case "struct":
      return Math.max(0.5, ...type.members.map(memberAlignment));
  }
}

function memberWords({ type, size }: StructMember): number {
  return size ?? wordsOf(type);
}

function memberAlignment({ type, alignment }: StructMember): number {
  return alignment ?? alignmentOf(type);
}

/** The type of one column. */
export function columnOf({ of, rows }: MatrixType): ScalarType | VectorType {
  return vector(of, rows);
}

/** What a value consists of that is indexed: columns, components or elements; undefined for others. */
export function elementOf(type: Type): Type | undefined {
  if (type.kind === "array") return type.element;
  if (type.kind === "matrix") return columnOf(type);
  return type.kind === "vector" ? scalar(type.of) : undefined;
}

/** The size in memory, in words of 32 bits, without padding after it. */
export function wordsOf(type: Type): number {
  switch (type.kind) {
    case "scalar":
      return type.of === "f16" ? 0.5 : 1;
    case "vector":
      return type.size * wordsOf(scalar(type.of));
    case "matrix":
      return type.columns * strideOf(columnOf(type));
    case "array":
      return type.count * strideOf(type.element);
    case "opaque":
      return 0;
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
    case "vector": {
      const words = wordsOf(scalar(type.of));
      return scalarsOf(type).map((_, i) => start + i * words);
    }
    case "matrix":
      return repeated(columnOf(type), type.columns, start);
    case "array":
      return repeated(type.element, type.count, start);
    case "struct":
      return type.members.flatMap((member, i) =>
        scalarOffsets(member.type, start + offsetOf(type, i)),
      );
    case "opaque":
      return [];
  }
}

function repeated(element: Type, count: number, start: number): number[] {
  const stride = strideOf(element);
  const starts = Array.from({ length: count }, (_, i) => start + i * stride);
  return starts.flatMap((each) => scalarOffsets(element, each));
}

function roundUp(words: number, alignment: number): number {
  return Math.ceil(words / alignment) * alignment;
}

const LITERALS: Partial<Record<ScalarKind, string>> = {
  int: "an integer literal",
  float: "a float literal",
};

/** A type as WGSL writes it. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case "scalar":
      return type.isAtomic ? `atomic<${type.of}>` : (LITERALS[type.of] ?? type.of);
    case "vector":
      return `vec${type.size}<${LITERALS[type.of] ?? type.of}>`;
    case "matrix":
      return `mat${type.columns}x${type.rows}<${LITERALS[type.of] ?? type.of}>`;
    case "opaque":
      return type.name;
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
