import type { Call, CallId, CallKind, GraphBuilder, Operands, ValueId } from "@opcounter/ir/core";
import type { Layer } from "../targets/layer.ts";
import type { Engine } from "../tfjs/engine.ts";

/** An open call of a layer or of a graph node. */
export interface Frame {
  /** The depth of tfjs's scope stack when the call began. It orders calls and scopes. */
  readonly depth: number;
  readonly names: readonly string[];
  readonly call: CallId;
  /** The layer that is called; undefined for a node. */
  readonly layer: Layer | undefined;
  /** Undefined for a layer, which says itself what it takes and returns. */
  readonly ops: NodeOps | undefined;
}

/** Of the ops directly inside a node: all results, the last op's, and operands from outside. */
interface NodeOps {
  readonly produced: ValueId[];
  readonly taken: ValueId[];
  last: readonly ValueId[];
}

/** The names that tfjs itself gives to scopes: of anonymous tidies, and of ops (`conv2d__op`). */
const UNNAMED_SCOPE = "unnamed scope";
const OP_SCOPE_SUFFIX = "__op";

/** The calls of layers and nodes that are open while a program runs, and tfjs's named scopes. */
export class Scopes {
  readonly #engine: Engine;
  readonly #builder: GraphBuilder;
  /** The open calls, the outermost first. What goes on after an await has those it had before. */
  frames: Frame[] = [];
  #baseDepth = 0;
  #path: readonly string[] = [];
  readonly #names = new Map<string, readonly string[]>();
  /** Names that `within` adds at the end of every scope path. */
  #inner: readonly string[] = [];

  constructor(engine: Engine, builder: GraphBuilder) {
    this.#engine = engine;
    this.#builder = builder;
  }

  /** Begins. The scopes that are open in tfjs now are not part of any path. */
  start(): void {
    this.#baseDepth = this.#engine.state.scopeStack.length;
  }

  /** The innermost call that is open. */
  get innermost(): Frame | undefined {
    return this.frames.at(-1);
  }

  /** The open calls, the innermost first. */
  get outwards(): readonly Frame[] {
    return this.frames.toReversed();
  }

  /** How many calls are open. `unwind` takes it. */
  get depth(): number {
    return this.frames.length;
  }

  /** Begins a layer's call. Its name may be a path. */
  enterLayer(layer: Layer, inputs: readonly ValueId[]): void {
    const { name } = layer;
    const names = name.includes("/") ? name.split("/").filter((part) => part !== "") : [name];
    this.enter("layer", layer.getClassName(), names, this.innermost?.call, inputs, layer);
  }

  /** Begins a call. One of no layer takes and returns what its ops do. */
  enter(
    kind: CallKind,
    className: string,
    names: readonly string[],
    parent: CallId | undefined,
    inputs: readonly ValueId[],
    layer?: Layer,
  ): CallId {
    const scope = this.path.concat(names);
    // What is called next shares it.
    this.#path = scope;
    const call = this.#builder.beginCall({ kind, className, scope, parent, inputs, params: [] });
    const depth = this.#engine.state.scopeStack.length;
    const ops = layer === undefined ? { produced: [], taken: [], last: [] } : undefined;
    this.frames.push({ depth, names, call, layer, ops });
    return call;
  }

  /** Ends the innermost call, which is a layer's. */
  leaveLayer(outcome: Pick<Call, "results" | "params">): void {
    const frame = this.frames.pop();
    if (frame === undefined) throw new Error("no call is open");
    this.#builder.endCall(frame.call, outcome);
  }

  /** Ends calls until `count` are open: nodes, and layers that threw. The latter get no results. */
  unwind(count: number): void {
    while (this.frames.length > count) {
      const frame = this.frames.pop();
      if (frame !== undefined) this.#endNode(frame);
    }
  }

  /**
   * Makes ops part of a call that may have ended: what a node computes asynchronously on the host
   * comes when later nodes have begun.
   */
  add(frame: Frame, operands: Operands, results: readonly ValueId[]): void {
    const { ops } = frame;
    if (ops === undefined) return;
    for (const id of Object.values(operands)) {
      if (!ops.produced.includes(id) && !ops.taken.includes(id)) ops.taken.push(id);
    }
    ops.produced.push(...results);
    ops.last = results;
    if (!this.frames.includes(frame)) this.#endNode(frame);
  }

  #endNode({ call, ops }: Frame): void {
    if (ops === undefined) return;
    this.#builder.endCall(call, { inputs: ops.taken, results: ops.last });
  }

  /** Runs a function with these names added to the scope path. */
  within<T>(names: readonly string[], run: () => T): T {
    const outer = this.#inner;
    this.#inner = names;
    try {
      return run();
    } finally {
      this.#inner = outer;
    }
  }

  /** The current scope path: tfjs's named scopes and the open calls, in the order they began. */
  get path(): readonly string[] {
    const path = this.pathFrom(this.#baseDepth);
    for (const name of this.#inner) path.push(name);
    // Neighbouring ops share one array: a graph of a million ops has few scopes.
    if (!isSamePath(path, this.#path)) this.#path = path;
    return this.#path;
  }

  /** The part of the path that began when at least `depth` of tfjs's scopes were open. */
  pathFrom(depth: number): string[] {
    const path: string[] = [];
    const { scopeStack } = this.#engine.state;
    const { frames } = this;
    let next = 0;
    for (let at = depth; at <= scopeStack.length; at++) {
      for (let frame = frames[next]; frame !== undefined; frame = frames[++next]) {
        if (frame.depth > at) break;
        if (frame.depth >= depth) for (const name of frame.names) path.push(name);
      }
      const scope = scopeStack[at]?.name;
      if (scope !== undefined) for (const name of this.#namesIn(scope)) path.push(name);
    }
    return path;
  }

  /** The names in that of a scope of tfjs; none where tfjs itself gave it. */
  #namesIn(scope: string): readonly string[] {
    let names = this.#names.get(scope);
    if (names === undefined) {
      const isOwn = scope !== UNNAMED_SCOPE && !scope.endsWith(OP_SCOPE_SUFFIX);
      names = isOwn ? scope.split("/") : [];
      this.#names.set(scope, names);
    }
    return names;
  }
}

function isSamePath(path: readonly string[], other: readonly string[]): boolean {
  return path.length === other.length && path.every((name, place) => name === other[place]);
}
