import {
  counted,
  type DType,
  formatType,
  type Graph,
  OpcounterError,
  type ParamValue,
  type Shape,
  type Value,
  type ValueId,
  valueAt,
} from "@opcounter/ir/core";
import type { BackendValues, NamedTensorMap, Tensor } from "@tensorflow/tfjs-core";
import { checkTensors } from "../targets/inputs.ts";
import { arrayLength } from "../tfjs/complex.ts";
import { Evaluator, nameOf } from "./evaluator.ts";
import { loadHostBackends } from "./host-backends.ts";
import { elementsOf, recordedLeaves } from "./leaves.ts";

/** A tensor's elements, in row-major order. */
export interface Evaluated {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly values: BackendValues;
}

export interface EvaluateOptions {
  /** What to compute; the graph's results by default. */
  readonly values?: readonly ValueId[];
  /**
   * Gives the elements of parameters, and of constants that are too large to be in the graph. A
   * graph that `trace` returned in this process knows its own, also after passes, except for
   * parameters whose elements a pass changes, as `fold-batchnorm` does.
   */
  readonly given?: (value: Value) => BackendValues | undefined;
}

/**
 * Computes the results of a graph, op by op, on tfjs's cpu backend, and convolutions and matrix
 * products on its wasm backend where that is installed. It is an interpreter of the IR, to check
 * passes and to look at values. It needs no GPU.
 *
 * @param inputs the tensors to run it on, in order or by name. Their types must be those that it
 *   was recorded with; their values may differ.
 * @throws OpcounterError "input-missing" or "input-mismatch", "value-unknown" where the elements of
 *   a parameter are not known, "value-uncomputable" where no backend has a kernel.
 */
export async function evaluate(
  graph: Graph,
  inputs: readonly Tensor[] | NamedTensorMap,
  { values = graph.results, given = () => undefined }: EvaluateOptions = {},
): Promise<Evaluated[]> {
  checkTensors(inputs);
  const missing = values.find((id) => graph.values[id] === undefined);
  if (missing !== undefined) {
    throw new OpcounterError("value-unknown", `The graph has no value ${missing}`, {
      remedy: `it has ${counted(graph.values.length, "value")}, numbered from 0`,
    });
  }
  await loadHostBackends();
  const known = await recordedLeaves(graph);
  for (const [id, tensor] of inputTensors(graph, inputs)) known.set(id, await elementsOf(tensor));
  const evaluator = new Evaluator({
    value: (id) => valueAt(graph, id),
    op: (id) => {
      const op = graph.ops[id];
      if (op === undefined) throw new RangeError(`graph "${graph.name}" has no op ${id}`);
      return op;
    },
    given: (value) => {
      const elements = whole(value, given(value)) ?? known.get(value.id) ?? constantOf(value);
      if (elements === undefined && value.kind === "param") throw unknownParam(value);
      return elements;
    },
    origin: (id) => id,
  });
  return values.map((id) => {
    const { dtype, shape } = valueAt(graph, id);
    return { dtype, shape, values: evaluator.valuesOf(id) };
  });
}

function unknownParam(value: ParamValue): OpcounterError {
  return new OpcounterError(
    "value-unknown",
    `The elements of param "${value.name}" (${formatType(value)}) are not known, since the graph was read from a file, a pass changed them, or its tensor is gone`,
    { remedy: "give them: evaluate(graph, inputs, { given })" },
  );
}

/** The elements that a user gives for a value, which must be as many as it has. */
function whole(value: Value, elements: BackendValues | undefined): BackendValues | undefined {
  const size = arrayLength(value);
  if (elements === undefined || elements.length === size) return elements;
  throw new OpcounterError(
    "input-mismatch",
    `The ${nameOf(value)} is ${formatType(value)}, which takes ${size} elements, and ${elements.length} are given.`,
  );
}

/** The elements of a constant that stand in the graph. */
function constantOf(value: Value): BackendValues | undefined {
  if (value.kind !== "constant" || value.data === undefined) return undefined;
  if (value.dtype === "string") {
    const text = new TextEncoder();
    return value.data.map((element) => text.encode(String(element)));
  }
  const numbers = value.data.map(Number);
  if (value.dtype === "float32") return Float32Array.from(numbers);
  return value.dtype === "bool" ? Uint8Array.from(numbers) : Int32Array.from(numbers);
}

function* inputTensors(
  graph: Graph,
  inputs: readonly Tensor[] | NamedTensorMap,
): Generator<[ValueId, Tensor]> {
  const given = Object.keys(inputs).length;
  if (given > graph.inputs.length) {
    throw new OpcounterError(
      "input-mismatch",
      `The graph takes ${counted(graph.inputs.length, "input")}, and ${given} are given.`,
    );
  }
  for (const [i, id] of graph.inputs.entries()) {
    const value = valueAt(graph, id);
    const name = value.kind === "input" ? value.name : `%${id}`;
    const tensor = Array.isArray(inputs) ? inputs[i] : Reflect.get(inputs, name);
    if (tensor === undefined) {
      throw new OpcounterError("input-missing", `The graph's input "${name}" is missing.`);
    }
    const fits = tensor.dtype === value.dtype && String(tensor.shape) === String(value.shape);
    if (!fits) {
      throw new OpcounterError(
        "input-mismatch",
        `The graph's input "${name}" is ${value.dtype}[${value.shape}], and the tensor given is ${tensor.dtype}[${tensor.shape}]`,
        { remedy: "trace the program again for another size" },
      );
    }
    yield [id, tensor];
  }
}
