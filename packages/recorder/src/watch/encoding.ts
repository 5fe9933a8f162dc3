import type { BoundBuffer, BufferRange, Command, PipelineFacts, Scope } from "../commands.ts";
import type { BindGroupFacts } from "./known.ts";

/** A bind group as it was set. */
interface BoundGroup {
  readonly facts: BindGroupFacts;
  readonly offsets: readonly number[];
}

/** The commands of an encoder or of one of its passes, and what the next one works with. */
export class Encoding {
  pipeline: PipelineFacts | undefined;
  /** The label of the render pipeline. */
  renderPipeline = "";
  indexBuffer: BufferRange | undefined;
  readonly vertexBuffers = new Map<number, BufferRange>();
  readonly #groups = new Map<number, BoundGroup>();
  #scope: Scope;
  /** What is bound now, until that changes: a pass may dispatch thousands of times with it. */
  #bindings: readonly BoundBuffer[] | undefined;

  constructor(
    /** Those of the whole encoder: passes run in the order in which they are given. */
    readonly commands: Command[],
    outer: Scope,
    label: string | undefined,
  ) {
    this.#scope = label ? [...outer, label] : [...outer];
  }

  get scope(): Scope {
    return this.#scope;
  }

  pushGroup(name: string): void {
    this.#scope = [...this.#scope, name];
  }

  popGroup(): void {
    this.#scope = this.#scope.slice(0, -1);
  }

  setGroup(index: number, facts: BindGroupFacts | undefined, offsets: readonly number[]): void {
    this.#bindings = undefined;
    if (facts === undefined) this.#groups.delete(index);
    else this.#groups.set(index, { facts, offsets });
  }

  /** The buffers that are bound now, by group and binding. */
  get bindings(): readonly BoundBuffer[] {
    this.#bindings ??= this.#bound();
    return this.#bindings;
  }

  #bound(): BoundBuffer[] {
    return [...this.#groups]
      .sort(([a], [b]) => a - b)
      .flatMap(([group, { facts, offsets }]) => {
        let dynamic = 0;
        return facts.buffers.map(({ buffer, offset, bytes, binding, isDynamic }) => {
          const added = isDynamic ? (offsets[dynamic++] ?? 0) : 0;
          return { group, binding, buffer, offset: offset + added, bytes };
        });
      });
  }

  /** How many textures and samplers are bound. */
  get textures(): number {
    return [...this.#groups.values()].reduce((sum, { facts }) => sum + facts.textures, 0);
  }

  /** Adds a command that is no dispatch, copy or clearing. */
  other(
    name: string,
    {
      reads = [],
      writes = [],
      pipeline = "",
    }: {
      readonly reads?: readonly (BufferRange | undefined)[];
      readonly writes?: readonly (BufferRange | undefined)[];
      readonly pipeline?: string;
    } = {},
  ): void {
    const known = (ranges: readonly (BufferRange | undefined)[]) =>
      ranges.filter((range) => range !== undefined);
    const { scope } = this;
    this.commands.push({
      ...{ kind: "other", name, scope, pipeline },
      ...{ reads: known(reads), writes: known(writes) },
    });
  }
}
