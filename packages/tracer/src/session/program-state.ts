import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import { own } from "../patches/patch.ts";
import { runAll } from "../patches/undo.ts";
import { aliasOf, type DataId, type Engine, isVariable } from "../tfjs/engine.ts";

/** A layer that keeps its state from one call to the next. A recurrent layer may. */
interface StatefulLayer {
  states_: Tensor[] | null;
  /** States that training replaced and did not dispose of yet. */
  keptStates: Tensor[][];
}

/** The states of a layer before it ran. */
interface KeptBefore {
  readonly states: Tensor[] | null;
  readonly replaced: ReadonlySet<readonly Tensor[]>;
}

/**
 * Holds what a program may change: the values of variables, also of those it makes, the states of
 * stateful layers, and the tables of GraphModels. `restore` gives everything its first values again.
 */
export class ProgramState {
  readonly #engine: Engine;
  /** The first value of each variable that was assigned to or disposed of. */
  readonly #held = new Map<Variable, Tensor>();
  readonly #made: Variable[] = [];
  readonly #states = new Map<StatefulLayer, KeptBefore>();
  /** What is taken back at the end, the last one first. Others may add what they change. */
  readonly undo: (() => void)[];

  constructor(tfEngine: Engine) {
    this.#engine = tfEngine;
    const { makeVariable, disposeTensor } = tfEngine;
    const making: typeof makeVariable = (...args) => {
      const variable = makeVariable.apply(tfEngine, args);
      this.#made.push(variable);
      return variable;
    };
    // tfjs disposes of what a variable holds before it assigns another value.
    const disposing: typeof disposeTensor = (tensor) => {
      if (isVariable(tensor)) this.#hold(tensor);
      disposeTensor.call(tfEngine, tensor);
    };
    this.undo = [own(tfEngine, "makeVariable", making), own(tfEngine, "disposeTensor", disposing)];
  }

  /** The data of a variable's first value. */
  initialData(variable: Variable): DataId {
    return this.#initialValue(variable).dataId;
  }

  /** The first values of the variables that the program made and did not dispose of. */
  get initialValuesOfNew(): readonly Tensor[] {
    return this.#made
      .filter((variable) => !variable.isDisposed)
      .map((variable) => this.#initialValue(variable));
  }

  /** The variables that the program made or assigned to, without those it disposed of. */
  get changedVariables(): readonly Variable[] {
    return [...this.#held.keys(), ...this.#made].filter((variable) => !variable.isDisposed);
  }

  /** Holds the states of a layer that is about to run, if it keeps any. */
  holdStates(layer: object): void {
    if (!isStateful(layer) || this.#states.has(layer)) return;
    const states = layer.states_?.map((state) => aliasOf(this.#engine, state)) ?? null;
    this.#states.set(layer, { states, replaced: new Set(layer.keptStates) });
  }

  /** Restores all variables and states. */
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
    runAll([...this.undo.toReversed(), ...variables, ...layers]);
  }

  #initialValue(variable: Variable): Tensor {
    return this.#held.get(variable) ?? variable;
  }

  #hold(variable: Variable): void {
    if (this.#held.has(variable) || variable.isDisposed) return;
    this.#held.set(variable, aliasOf(this.#engine, variable));
  }
}

function isStateful(layer: object): layer is StatefulLayer {
  // `in` takes several times as long, and most layers keep none.
  const { states_, keptStates }: { states_?: unknown; keptStates?: unknown } = layer;
  return (
    states_ !== undefined && keptStates !== undefined && Reflect.get(layer, "stateful") === true
  );
}
