import type { CallId } from "@opcounter/ir/core";
import type { Frame, Scopes } from "./scopes.ts";

/** The loops of TF1's control flow that an execution is in, the outermost first. */
export interface ExecutionContext {
  readonly currentContext: readonly { readonly frameName: string; readonly iterationId: number }[];
  /** Names the iterations of these loops; "" outside of them. */
  readonly currentContextId?: string;
}

/** What the execution of a graph works on. */
export interface Execution {
  readonly context: ExecutionContext;
  /** The results of nodes, by the node's name and, in a loop, the iteration. */
  readonly results: object;
}

/** A run of the nodes of a model or of one of its functions. It may wait for values in between. */
export interface Run {
  /** The calls that were open when the model was called. Those of its nodes come above. */
  readonly frames: readonly Frame[];
  /** The node that runs the function; undefined for the model's own graph. */
  readonly owner?: Owner;
  /** Undefined for a run that does not wait. */
  readonly execution?: Execution;
}

/** A node that runs functions: a loop with its condition and body, a branch with its two sides. */
export interface Owner {
  readonly path: readonly string[];
  readonly call: CallId;
  /** The run that it is part of. */
  readonly run: Run;
  /** The function that is the body of a loop; undefined for a branch. */
  readonly body: string | undefined;
  iteration: number;
}

/** Where a program waits. */
export interface WaitingPlace {
  /** The run whose node waits; undefined outside of models. */
  readonly run: Run | undefined;
  /** The calls that are open there. */
  readonly frames: readonly Frame[];
}

/**
 * Knows which run's nodes run now. Runs take turns, with each other and with the program, while they
 * wait for values. So the calls of a run's nodes are open only as long as its nodes run. When what
 * waited for values goes on, the calls that were open when it asked for them are open again, until
 * something else goes on.
 */
export class Runs {
  readonly areAlone: boolean;
  readonly #scopes: Scopes;
  #now: Run | undefined;
  /** What went on last after it waited. */
  #resumed: { readonly run: Run | undefined; readonly frames: Frame[] } | undefined;

  /** Where the last node may wait that is an op of the program's own: it may wait for anything. */
  #own: WaitingPlace | undefined;

  /** @param areAlone whether the program is a model: nothing else goes on while it waits. */
  constructor(scopes: Scopes, areAlone: boolean) {
    this.#scopes = scopes;
    this.areAlone = areAlone;
  }

  /** The run whose nodes run now; undefined where none does. */
  get now(): Run | undefined {
    return this.#now;
  }

  /** Where the program is. */
  get place(): WaitingPlace {
    const run = this.#now ?? (this.#isResumed ? this.#resumed?.run : undefined);
    return { run, frames: this.#scopes.frames.slice() };
  }

  get #isResumed(): boolean {
    return this.#scopes.frames === this.#resumed?.frames;
  }

  /** A node has begun. Its call is the innermost. */
  began(isOwnOp: boolean): void {
    this.#own = isOwnOp ? this.place : undefined;
  }

  /**
   * Runs nodes of a run, until they wait or end.
   *
   * @param isAlone whether nothing else goes on right after, but what waits.
   */
  within<T>(run: Run, isAlone: boolean, body: () => T): T {
    const scopes = this.#scopes;
    // Its nodes that waited have ended.
    if (this.#isResumed && this.#resumed?.run === run) scopes.unwind(0);
    const outer = this.#now;
    const open = scopes.frames;
    this.#now = run;
    scopes.frames = run.frames.slice();
    try {
      return body();
    } finally {
      scopes.unwind(run.frames.length);
      scopes.frames = open;
      this.#now = outer;
      if (isAlone && outer === undefined && this.#own !== undefined) this.resume(this.#own);
    }
  }

  /** A read begins of values, which it returns. What awaits them goes on where it asked for them. */
  onRead(values: unknown): unknown {
    if (!(values instanceof Promise)) return values;
    const { innermost } = this.#scopes;
    // A layer has returned by then.
    const isInNode = innermost !== undefined && innermost.layer === undefined;
    const place = isInNode ? this.place : { run: undefined, frames: [] };
    // It runs before the program goes on: the handlers of a promise run in order.
    const goOn = () => this.resume(place);
    values.then(goOn, goOn);
    return values;
  }

  /** What waited goes on. */
  resume({ run, frames }: WaitingPlace): void {
    const scopes = this.#scopes;
    if (this.#isResumed) scopes.unwind(0);
    scopes.frames = frames.slice();
    this.#resumed = { run, frames: scopes.frames };
  }
}
