import { engine, type Variable } from "@tensorflow/tfjs-core";

type Variables = Record<string, Variable>;

/** The variables that modules made while they were imported, which happens once. */
const imported = new WeakMap<object, Variables>();

/**
 * Imports a module, and leaves TensorFlow.js with the variables of this module alone. It holds all
 * variables of a program by their names and refuses two of a name, which two versions of a model have.
 */
export async function withOwnVariables<M extends object>(load: () => Promise<M>): Promise<M> {
  const { state } = engine();
  state.registeredVariables = {};
  const module = await load();
  const known = imported.get(module);
  if (known === undefined) imported.set(module, { ...state.registeredVariables });
  else state.registeredVariables = { ...known };
  return module;
}
