import {
  counted,
  type DType,
  formatType,
  OpcounterError,
  parseDType,
  repeatedName,
} from "@opcounter/ir/core";
import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import { isTensor } from "../tfjs/engine.ts";

/** The tensors a target is run on, in order or by name. */
export type ModelInputs = readonly Tensor[] | NamedTensorMap;

/** What a model declares about one input. A null dimension may have any size. */
export interface InputSpec {
  readonly name: string;
  readonly dtype: DType;
  /** Undefined where the rank is open too. */
  readonly shape: readonly (number | null)[] | undefined;
}

/**
 * The dtype of a model's input: float32, TensorFlow's default, where the model leaves it open.
 *
 * @throws OpcounterError "model-invalid" where it is no dtype of TensorFlow.js.
 */
export function declaredDType(input: string, dtype: string | null | undefined): DType {
  const known = parseDType(dtype ?? "float32");
  if (known !== undefined) return known;
  throw new OpcounterError(
    "model-invalid",
    `The model declares its input "${input}" as ${dtype}, which is no dtype of TensorFlow.js`,
    { remedy: "convert the model again" },
  );
}

/** A tensor that a target is run on, with its name. */
export interface NamedInput {
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * The inputs in the order in which the target takes them. `checkInputs` has checked them.
 *
 * @param specs the inputs that the target declares, if any.
 * @param names the names of a function's inputs, where they are given in order.
 */
export function namedInputs(
  specs: readonly InputSpec[] | undefined,
  inputs: ModelInputs,
  names: readonly string[] = [],
): NamedInput[] {
  if (isInOrder(inputs)) {
    return inputs.map((tensor, i) => ({
      name: specs?.[i]?.name ?? names[i] ?? `input${i}`,
      tensor,
    }));
  }
  if (specs === undefined) {
    return Object.entries(inputs).map(([name, tensor]) => ({ name, tensor }));
  }
  return specs.map(({ name }) => {
    const tensor = byName(inputs, name);
    if (tensor === undefined) throw new Error(`the inputs were not checked: "${name}" is missing`);
    return { name, tensor };
  });
}

/** The inputs with `change` applied to each. */
export function mapInputs(inputs: ModelInputs, change: (tensor: Tensor) => Tensor): ModelInputs {
  if (isInOrder(inputs)) return inputs.map(change);
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, change(tensor)]));
}

export function isInOrder(inputs: ModelInputs): inputs is readonly Tensor[] {
  return Array.isArray(inputs);
}

/** TensorFlow names a node's first output with `:0` or without. */
function byName(inputs: NamedTensorMap, name: string): Tensor | undefined {
  return inputs[name] ?? inputs[`${name}:0`];
}

/**
 * Checks that inputs are tensors, in order or by name.
 *
 * @throws OpcounterError "input-invalid" that says what they are instead.
 */
export function checkTensors(inputs: unknown): void {
  if (isTensor(inputs)) {
    throw new OpcounterError("input-invalid", "The inputs are one tensor", {
      remedy: "pass them in an array, such as [tensor]",
    });
  }
  if (typeof inputs !== "object" || inputs === null) {
    throw new OpcounterError("input-invalid", `The inputs are ${inputs}`, {
      remedy: "pass tensors in an array, or by name in a record",
    });
  }
  for (const [name, tensor] of Object.entries(inputs)) {
    if (!isTensor(tensor)) {
      throw new OpcounterError("input-invalid", `Input "${name}" is not a tensor`, {
        remedy: "pass tensors, such as tf.zeros([1, 8])",
      });
    }
    if (tensor.isDisposed) {
      throw new OpcounterError("input-invalid", `Input "${name}" is a tensor that was disposed.`);
    }
  }
}

/**
 * Checks that the inputs are what the target declares, or else that their names differ.
 *
 * @param specs the inputs that the target declares, if any.
 * @param names the names of a function's inputs, where they are given in order.
 * @throws OpcounterError "input-invalid", "input-missing", "input-mismatch" or "input-repeated",
 *   which names the input, what it should be and what it is.
 */
export function checkInputs(
  specs: readonly InputSpec[] | undefined,
  inputs: ModelInputs,
  names: readonly string[] = [],
): void {
  checkTensors(inputs);
  const tensors = Object.entries(inputs);
  if (specs === undefined) {
    const twice = repeatedName(namedInputs(specs, inputs, names).map(({ name }) => name));
    if (twice === undefined) return;
    throw new OpcounterError("input-repeated", `Two inputs are called "${twice}"`, {
      remedy: "give each a name of its own",
    });
  }
  if (tensors.length !== specs.length) {
    const declared = specs.map(formatSpec).join(", ");
    throw new OpcounterError(
      "input-mismatch",
      `The model takes ${counted(specs.length, "input")} (${declared}), and ${tensors.length} ${tensors.length === 1 ? "was" : "were"} given.`,
    );
  }
  specs.forEach((spec, i) => {
    const tensor = isInOrder(inputs) ? inputs[i] : byName(inputs, spec.name);
    if (tensor === undefined) {
      throw new OpcounterError(
        "input-missing",
        `The model's input "${spec.name}" is missing; the inputs given are ${Object.keys(inputs).join(", ")}.`,
      );
    }
    checkInput(spec, tensor);
  });
}

function checkInput(spec: InputSpec, tensor: Tensor): void {
  const { shape } = spec;
  const fits =
    shape === undefined ||
    (shape.length === tensor.shape.length &&
      shape.every((dimension, axis) => dimension === null || dimension === tensor.shape[axis]));
  if (!fits || kindOf(spec.dtype) !== kindOf(tensor.dtype)) {
    throw new OpcounterError(
      "input-mismatch",
      `Input "${spec.name}" must be ${formatSpecType(spec)}, and the tensor given is ${formatType(tensor)}.`,
    );
  }
}

/** tfjs converts numbers and bools to one another, and to nothing else. */
function kindOf(dtype: DType): string {
  return dtype === "string" || dtype === "complex64" ? dtype : "number";
}

/** `image: f32[?,224,224,3]` */
export function formatSpec(spec: InputSpec): string {
  return `${spec.name}: ${formatSpecType(spec)}`;
}

function formatSpecType({ dtype, shape }: InputSpec): string {
  const dimensions = shape?.map((dimension) => dimension ?? "?").join(",") ?? "any shape";
  return formatType({ dtype, shape: [] }).replace("[]", `[${dimensions}]`);
}
