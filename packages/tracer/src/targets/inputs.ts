import { type DType, formatType, parseDType, repeatedName, UserError } from "@opcounter/ir/core";
import type { NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import { type GraphModel, isGraphModel } from "../recording/watch-graph-models.ts";
import { isLayer } from "../recording/watch-layers.ts";
import { isTensor } from "../tfjs/engine.ts";

/** The tensors a target is run on, in order or by name. */
export type ModelInputs = readonly Tensor[] | NamedTensorMap;

/** What a model declares of one input. A null dimension may have any size. */
export interface InputSpec {
  readonly name: string;
  readonly dtype: DType;
  /** Undefined where the model leaves even the rank open. */
  readonly shape: readonly (number | null)[] | undefined;
}

/** The inputs a model declares; undefined for a function, and for a model that is not built. */
export function inputSpecs(target: unknown): readonly InputSpec[] | undefined {
  if (isGraphModel(target)) return graphModelInputs(target);
  if (!isLayer(target) || !("inputs" in target) || !Array.isArray(target.inputs)) return undefined;
  const names: unknown = Reflect.get(target, "inputNames");
  return target.inputs.map(
    (input: { name: string; dtype: string; shape: (number | null)[] }, i) => ({
      name: Array.isArray(names) && typeof names[i] === "string" ? names[i] : input.name,
      dtype: parseDType(input.dtype) ?? "float32",
      shape: input.shape.map((dimension) => dimension ?? null),
    }),
  );
}

function graphModelInputs(model: GraphModel): InputSpec[] {
  return model.inputs.map(({ name, dtype, shape }) => ({
    name: name.replace(/:0$/, ""),
    dtype: parseDType(dtype) ?? "float32",
    // TensorFlow writes an unknown dimension as −1.
    shape: shape?.map((dimension) => (dimension < 0 ? null : dimension)),
  }));
}

/** A tensor that a target is run on, with its name. */
export interface NamedInput {
  readonly name: string;
  readonly tensor: Tensor;
}

/**
 * The inputs in the order in which the target takes them. The tensors were checked.
 *
 * @param names what the inputs of a function are called, where they are given in order.
 */
export function namedInputs(
  target: unknown,
  inputs: ModelInputs,
  names: readonly string[] = [],
): NamedInput[] {
  const specs = inputSpecs(target);
  if (isInOrder(inputs)) {
    return inputs.map((tensor, i) => ({
      name: specs?.[i]?.name ?? names[i] ?? `input${i}`,
      tensor,
    }));
  }
  if (specs === undefined) {
    return Object.entries(inputs).map(([name, tensor]) => ({ name, tensor }));
  }
  return specs.flatMap(({ name }) => {
    const tensor = byName(inputs, name);
    return tensor === undefined ? [] : [{ name, tensor }];
  });
}

/** The same inputs, each as what `change` makes of it. */
export function mapInputs(inputs: ModelInputs, change: (tensor: Tensor) => Tensor): ModelInputs {
  if (isInOrder(inputs)) return inputs.map(change);
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, change(tensor)]));
}

function isInOrder(inputs: ModelInputs): inputs is readonly Tensor[] {
  return Array.isArray(inputs);
}

/** TensorFlow names a node's first output with `:0` or without. */
function byName(inputs: NamedTensorMap, name: string): Tensor | undefined {
  return inputs[name] ?? inputs[`${name}:0`];
}

/**
 * Checks that inputs are tensors, in order or by name.
 *
 * @throws UserError that says what they are instead.
 */
export function checkTensors(inputs: unknown): void {
  if (isTensor(inputs)) {
    throw new UserError("The inputs are one tensor; pass them in an array, such as [tensor].");
  }
  if (typeof inputs !== "object" || inputs === null) {
    throw new UserError(
      `The inputs are ${inputs}; pass tensors in an array, or by name in a record.`,
    );
  }
  for (const [name, tensor] of Object.entries(inputs)) {
    if (!isTensor(tensor)) {
      throw new UserError(
        `Input "${name}" is not a tensor; pass tensors, such as tf.zeros([1, 8]).`,
      );
    }
    if (tensor.isDisposed) throw new UserError(`Input "${name}" is a tensor that was disposed.`);
  }
}

/**
 * Checks that the inputs are what the model declares, and their names are told apart.
 *
 * @param names what the inputs of a function are called, where they are given in order.
 * @throws UserError that names the input, what it should be and what it is.
 */
export function checkInputs(
  target: unknown,
  inputs: ModelInputs,
  names: readonly string[] = [],
): void {
  checkTensors(inputs);
  const tensors = Object.entries(inputs);
  const specs = inputSpecs(target);
  if (specs === undefined) {
    const twice = repeatedName(namedInputs(target, inputs, names).map(({ name }) => name));
    if (twice === undefined) return;
    throw new UserError(`Two inputs are called "${twice}"; give each a name of its own.`);
  }
  if (tensors.length !== specs.length) {
    const declared = specs.map(formatSpec).join(", ");
    throw new UserError(
      `The model takes ${specs.length} input${specs.length === 1 ? "" : "s"} (${declared}), and ${tensors.length} ${tensors.length === 1 ? "was" : "were"} given.`,
    );
  }
  specs.forEach((spec, i) => {
    const tensor = isInOrder(inputs) ? inputs[i] : byName(inputs, spec.name);
    if (tensor === undefined) {
      throw new UserError(
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
    throw new UserError(
      `Input "${spec.name}" must be ${formatSpecType(spec)}, and the tensor given is ${formatType(tensor)}.`,
    );
  }
}

/** tfjs turns numbers and bools into one another, but into nothing else. */
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
