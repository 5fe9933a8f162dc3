import {
  Alias,
  type ArrayType as ArrayNode,
  Const,
  type Expression,
  Function as FunctionNode,
  Return,
  Struct,
  type Type as TypeNode,
  Var,
} from "wgsl_reflect/wgsl_reflect.module.js";
import { addWork, noWork, type Work } from "../src/count/work.ts";
import { parseExpression, parseShader } from "../src/wgsl/parse.ts";
import { readType, type TypeNames } from "../src/wgsl/read-type.ts";
import { type Type, wordsOf } from "../src/wgsl/types.ts";
import { Invocation } from "./invocation.ts";
import { literalTo, type Reference, type Shared, type Value } from "./values.ts";

export interface ReferenceLaunch {
  readonly workgroups: readonly [number, number, number];
  /** By binding of group 0: uniform and storage buffers. */
  readonly buffers: ReadonlyMap<number, ArrayBuffer>;
}

/** What the invocations of one workgroup execute. */
export interface ReferenceCounts {
  readonly work: Work;
  readonly idle: Work;
  readonly idleInvocations: number;
  readonly barriers: number;
}

/**
 * A second, plain way to run a shader: it walks the parsed WGSL, one invocation after another, each of
 * which waits at barriers. It shares the parser and the layout of types with what it proves, no more.
 */
export class ReferenceModule {
  readonly functions = new Map<string, FunctionNode>();
  readonly #structs = new Map<string, Struct>();
  readonly #aliases = new Map<string, TypeNode>();
  readonly #constants = new Map<string, Const>();
  readonly #variables: Var[] = [];
  readonly #readTypes = new Map<TypeNode, Type>();
  readonly #constantValues = new Map<string, Reference>();
  readonly #returnsEarly = new Map<FunctionNode, boolean>();
  readonly types: TypeNames;
  readonly #entry: FunctionNode;

  constructor(source: string) {
    const { declarations, lengths } = parseShader(source);
    const lengthOf = (node: ArrayNode) => {
      const length = lengths.get(node);
      return length && this.constant(length).parts[0];
    };
    this.types = { structs: this.#structs, aliases: this.#aliases, lengthOf };
    for (const node of declarations) {
      if (node instanceof Struct) this.#structs.set(node.name, node);
      if (node instanceof Alias) this.#aliases.set(node.name, node.type);
      if (node instanceof Const) this.#constants.set(node.name, node);
      if (node instanceof FunctionNode) this.functions.set(node.name, node);
      if (node instanceof Var) this.#variables.push(node);
    }
    const entry = [...this.functions.values()].find((node) =>
      node.attributes?.some(({ name }) => name === "compute"),
    );
    if (entry === undefined) throw new Error("no entry point");
    this.#entry = entry;
  }

  get workgroupSize(): [number, number, number] {
    const value = this.#entry.attributes?.find(({ name }) => name === "workgroup_size")?.value;
    const sizes = [value ?? []]
      .flat()
      .map((text) => this.constant(parseExpression(text, 0)).parts[0]);
    return [sizes[0] ?? 1, sizes[1] ?? 1, sizes[2] ?? 1];
  }

  /** A value that is known before anything runs. */
  constant(node: Expression): Value {
    return new Invocation(this, new Map()).value(node);
  }

  constantNamed(name: string): Reference | undefined {
    const node = this.#constants.get(name);
    const known = this.#constantValues.get(name);
    if (node === undefined || known !== undefined) return known;
    const given = this.constant(node.value);
    const value = node.type === null ? given : literalTo(given, this.type(node.type));
    const found: Reference = { kind: "value", type: value.type, value };
    this.#constantValues.set(name, found);
    return found;
  }

  /** A type as the parser gives it; read once, since each invocation asks for it. */
  type(node: TypeNode | null): Type {
    const known = node && this.#readTypes.get(node);
    if (known) return known;
    const type = readType(node, this.types);
    if (node !== null) this.#readTypes.set(node, type);
    return type;
  }

  /** The type that a name stands for. */
  typeNamed(name: string): Type | undefined {
    const node = this.#structs.get(name) ?? this.#aliases.get(name);
    return node && this.type(node);
  }

  /** Whether a function returns elsewhere than at its end. */
  returnsEarly(node: FunctionNode): boolean {
    const known = this.#returnsEarly.get(node) ?? returnsOf(node) > 1;
    this.#returnsEarly.set(node, known);
    return known;
  }

  /** Runs one workgroup. */
  run(at: readonly [number, number, number], launch: ReferenceLaunch): ReferenceCounts {
    const [x, y, z] = this.workgroupSize;
    const shared = this.#sharedMemory(launch);
    const invocations = Array.from({ length: x * y * z }, (_, place) => {
      const local = [place % x, Math.floor(place / x) % y, Math.floor(place / (x * y))];
      const coordinates = { local, at, size: [x, y, z], place, workgroups: launch.workgroups };
      const invocation = new Invocation(this, new Map(shared));
      const partsOf = (name: string) => builtInParts(name, coordinates);
      return { invocation, running: invocation.main(this.#entry, this.#variables, partsOf) };
    });
    let barriers = 0;
    for (let waiting = invocations; ; barriers++) {
      waiting = waiting.filter(({ running }) => running.next().done !== true);
      if (waiting.length === 0) break;
    }
    const counts = { work: noWork(), idle: noWork(), idleInvocations: 0, barriers };
    for (const { invocation } of invocations) {
      addWork(counts.work, invocation.work);
      if (invocation.hasStored) continue;
      addWork(counts.idle, invocation.work);
      counts.idleInvocations++;
    }
    return counts;
  }

  #sharedMemory({ buffers }: ReferenceLaunch): Map<string, Reference> {
    const scope: Map<string, Reference> = new Map();
    for (const node of this.#variables) {
      const { storage } = node;
      if (storage !== "uniform" && storage !== "storage" && storage !== "workgroup") continue;
      const type = this.type(node.type);
      const binding = node.attributes?.find(({ name }) => name === "binding")?.value;
      const bound = buffers.get(Number(binding));
      const bytes = storage === "workgroup" ? new ArrayBuffer(4 * wordsOf(type)) : bound;
      if (bytes === undefined) continue;
      const memory: Shared = { space: storage, bytes };
      scope.set(node.name, { kind: "shared", type, memory, offset: 0 });
    }
    return scope;
  }
}

function returnsOf({ body }: FunctionNode): number {
  let returns = 0;
  const count = (node: unknown) => {
    if (node instanceof Return) returns++;
  };
  for (const statement of body) visit(statement, count);
  return returns;
}

/** Calls a function for every node that there is in another one. */
function visit(node: unknown, each: (node: unknown) => void): void {
  if (typeof node !== "object" || node === null) return;
  each(node);
  for (const inner of Object.values(node)) visit(inner, each);
}

/** Where an invocation is. */
interface Coordinates {
  readonly local: readonly number[];
  readonly at: readonly number[];
  readonly size: readonly number[];
  readonly place: number;
  readonly workgroups: readonly number[];
}

function builtInParts(name: string, { local, at, size, place, workgroups }: Coordinates): number[] {
  switch (name) {
    case "local_invocation_id":
      return [...local];
    case "workgroup_id":
      return [...at];
    case "num_workgroups":
      return [...workgroups];
    case "local_invocation_index":
      return [place];
    case "global_invocation_id":
      return local.map((each, axis) => each + (at[axis] ?? 0) * (size[axis] ?? 0));
    default:
      throw new Error(`the reference has no ${name}`);
  }
}
