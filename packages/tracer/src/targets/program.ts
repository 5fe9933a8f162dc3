import { isInOrder } from "./inputs.ts";
import type { TensorFunction, Traceable } from "./target.ts";

export function isProgram(value: unknown): value is TensorFunction {
  return typeof value === "function";
}

/** A function of tensors. It declares nothing, and may call any model and read any value. */
export function program(target: TensorFunction): Traceable {
  return {
    name: target.name || "function",
    inputSpecs: undefined,
    params: () => [],
    classes: {},
    callsAnyModel: true,
    mayLeak: true,
    readsSynchronously: true,
    run: (inputs) => (isInOrder(inputs) ? target(...inputs) : target(inputs)),
    callInTraining: undefined,
  };
}
