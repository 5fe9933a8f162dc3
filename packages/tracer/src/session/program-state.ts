import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import { own } from "../patches/patch.ts";
import { runAll } from "../patches/undo.ts";
import { aliasOf, type DataId, type Engine } from "../tfjs/engine.ts";

/** A layer that keeps a state from one call to the next, as a recurrent layer may. */
interface StatefulLayer {
  states_: Tensor[] | null;
  /** States that training replaced and that are not disposed of yet. */
  keptStates: Tensor[][];
}

/** What a layer kept before it ran. */
interface KeptBefore {
  readonly states: Tensor[] | null;
  readonly replaced: ReadonlySet<readonly Tensor[]>;
}

/**
 * What a program may leave changed: variables, those it makes included, and the states of stateful
 * layers. It is held from the beginning of a run, and given back at the end.
 */
export class ProgramState {
  readonly #engine: Engine;
  /** What each variable held first. */
  readonly #held = new Map<Variable, Tensor>();
  readonly #made: Variable[] = [];
  readonly #states = new Map<StatefulLayer, KeptBefore>();
  readonly #stopWatching: () => void;

  constructor(tfEngine: Engine) {
    this.#engine = tfEngine;
    for (const variable of Object.values(tfEngine.state.registeredVariables)) this.#hold(variable);
    const { makeVariable } = tfEngine;
    const watched: typeof makeVariable = (...args) => {
      const variable = makeVariable.apply(tfEngine, args);
      this.#hold(variable);
      this.#made.push(variable);
      return variable;
    };
    this.#stopWatching = own(tfEngine, "makeVariable", watched);
  }

  /** The data that a variable held first. */
  initialData(variable: Tensor): DataId | undefined {
    // Sound: what is no variable is not in the map.
    return this.#held.get(variable as Variable)?.dataId;
  }

  /** What the variables held first that the program made and that are still there. */
  get initialValuesOfNew(): readonly Tensor[] {
    return this.#made.flatMap((variable) => {
      const held = this.#held.get(variable);
      return held === undefined || variable.isDisposed ? [] : [held];
    });
  }

  /** Holds the state of a layer that is about to run, if it has any. */
  holdStates(layer: object): void {
    if (!isStateful(layer) || this.#states.has(layer)) return;
    const states = layer.states_?.map((state) => aliasOf(this.#engine, state)) ?? null;
    this.#states.set(layer, { states, replaced: new Set(layer.keptStates) });
  }

  /** Gives everything back. */
  restore(): void {
    const variables = [...this.#held].map(([variable, held]) => () => {
      if (!variable.isDisposed && variable.dataId !== held.dataId) variable.assign(held);
      held.dispose();
    });
    const layers = [...this.#states].map(([layer, { states, replaced }]) => () => {
      const added = layer.keptStates.filter((kept) => !replaced.has(kept));
      for (const state of [...(layer.states_ ?? []), ...added.flat()]) state.dispose();
      layer.states_ = states;
      layer.keptStates = layer.keptStates.filter((kept) => replaced.has(kept));
    });
    runAll([this.#stopWatching, ...variables, ...layers]);
  }

  #hold(variable: Variable): void {
    this.#held.set(variable, aliasOf(this.#engine, variable));
  }
}

function isStateful(layer: object): layer is StatefulLayer {
  return Reflect.get(layer, "stateful") === true && "states_" in layer && "keptStates" in layer;
}
