import type { Call, CallId, GraphBuilder, ValueId } from "@opcounter/ir/core";
import type { ParamSource } from "../targets/param-source.ts";
import type { Engine } from "../tfjs/engine.ts";

/** A call that is open: of a layer, or of a graph node. */
export interface Frame {
  /** Depth of tfjs's own scope stack when the frame was entered, to order the two. */
  readonly depth: number;
  readonly names: readonly string[];
  readonly call: CallId;
  /** A layer's parameters, looked up when a variable is first used. Nodes have none. */
  readonly findParams: (() => readonly ParamSource[]) | undefined;
  /** Of the ops directly inside: all results, the last op's results, what came from outside. */
  readonly produced: Set<ValueId>;
  last: readonly ValueId[];
  readonly taken: Set<ValueId>;
}

/** What opens a call; its scope and parent follow from what is open. */
type Opening = Pick<Call, "kind" | "className" | "inputs"> & {
  readonly names: readonly string[];
  readonly findParams?: Frame["findParams"];
  /** The call it is part of, where that is not the innermost that is open. */
  readonly parent?: CallId | undefined;
};

/** The names tfjs gives scopes by itself: anonymous tidies, and its own ops (`conv2d__op`). */
const UNNAMED_SCOPE = "unnamed scope";
const OP_SCOPE_SUFFIX = "__op";

/** What is open while a program runs: calls of layers and nodes, and tfjs's named scopes. */
export class Scopes {
  readonly #engine: Engine;
  readonly #builder: GraphBuilder;
  readonly #frames: Frame[] = [];
  #baseDepth = 0;
  #path: readonly string[] = [];
  /** Names at the end of every scope path; see `within`. */
  #inner: readonly string[] = [];

  constructor(engine: Engine, builder: GraphBuilder) {
    this.#engine = engine;
    this.#builder = builder;
  }

  /** Begins: what is open in tfjs now is not part of any scope path. */
  start(): void {
    this.#baseDepth = this.#engine.state.scopeStack.length;
  }

  /** The innermost call that is open. */
  get innermost(): Frame | undefined {
    return this.#frames.at(-1);
  }

  /** The calls that are open, the innermost first. */
  get outwards(): readonly Frame[] {
    return this.#frames.toReversed();
  }

  /** How many calls are open, for `unwind`. */
  get depth(): number {
    return this.#frames.length;
  }

  enter({ names, findParams, parent = this.innermost?.call, ...call }: Opening): CallId {
    const id = this.#builder.beginCall({
      ...call,
      scope: [...this.path, ...names],
      ...(parent === undefined ? {} : { parent }),
      params: [],
    });
    const depth = this.#engine.state.scopeStack.length;
    const sets = { produced: new Set<ValueId>(), taken: new Set<ValueId>(), last: [] };
    this.#frames.push({ depth, names, call: id, findParams, ...sets });
    return id;
  }

  /** Ends the innermost call, of a layer. */
  leave(outcome: Pick<Call, "results" | "params">): void {
    const frame = this.#frames.pop();
    if (frame === undefined) throw new Error("no call is open");
    this.#builder.endCall(frame.call, outcome);
  }

  /** Ends the calls above `count`: nodes, and layers that threw, which have no results. */
  unwind(count: number): void {
    while (this.#frames.length > count) {
      const frame = this.#frames.pop();
      if (frame === undefined || frame.findParams !== undefined) continue;
      this.#builder.endCall(frame.call, { inputs: [...frame.taken], results: frame.last });
    }
  }

  /** Runs something with these names added to the scope path. */
  within<T>(names: readonly string[], run: () => T): T {
    const outer = this.#inner;
    this.#inner = names;
    try {
      return run();
    } finally {
      this.#inner = outer;
    }
  }

  /** The scope path at this moment: tfjs's named scopes and the calls that are open, interleaved. */
  get path(): readonly string[] {
    const path = [...this.pathFrom(this.#baseDepth), ...this.#inner];
    // Neighbouring ops share one array: a graph of a million ops has few scopes.
    const unchanged =
      path.length === this.#path.length && path.every((name, i) => name === this.#path[i]);
    if (!unchanged) this.#path = path;
    return this.#path;
  }

  /** The part of the path that was opened when this many of tfjs's scopes were open, or more. */
  pathFrom(depth: number): string[] {
    const path: string[] = [];
    const { scopeStack } = this.#engine.state;
    const frames = this.#frames.filter((frame) => frame.depth >= depth);
    let next = 0;
    for (let at = depth; at <= scopeStack.length; at++) {
      for (let frame = frames[next]; frame !== undefined; frame = frames[++next]) {
        if (frame.depth > at) break;
        path.push(...frame.names);
      }
      const name = scopeStack[at]?.name;
      if (name !== undefined && name !== UNNAMED_SCOPE && !name.endsWith(OP_SCOPE_SUFFIX)) {
        path.push(...name.split("/"));
      }
    }
    return path;
  }
}
