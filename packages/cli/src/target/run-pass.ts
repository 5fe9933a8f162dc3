import { formatType, type Graph, OpcounterError, reasonOf, sizeOf } from "@opcounter/ir/core";
import {
  type Device,
  inputSpecs,
  type ModelInputs,
  type Target,
  type TraceOptions,
  trace,
  traceTraining,
} from "@opcounter/tracer";
import type { NamedTensorMap } from "../tfjs-layers.ts";
import * as tf from "../tfjs-layers.ts";
import type { InputToMake } from "./input-option.ts";
import type { RandomSource } from "./random.ts";

/** What a pass records. */
export interface PassOptions
  extends Pick<
    TraceOptions,
    "sparsity" | "time" | "values" | "parameters" | "lines" | "flags" | "timeout"
  > {
  /** Whether to record a training step instead of a pass. */
  readonly training?: boolean;
}

/**
 * Runs a target once, in Node or in a page.
 *
 * @param name the graph's name, which messages have too.
 * @param signal ends it early.
 * @throws OpcounterError as `trace`, and "program-failed" for what the target throws.
 */
export async function runPass(
  name: string,
  target: Target,
  inputs: readonly InputToMake[],
  device: Device,
  { training = false, ...options }: PassOptions,
  signal?: AbortSignal,
): Promise<Graph> {
  const tensors = await makeInputs(inputs, inputSpecs(target) === undefined);
  const inputNames = inputs.map((input) => input.name);
  try {
    const run = { ...options, device, inputNames, ...(signal === undefined ? {} : { signal }) };
    if (training) return await traceTraining(target, tensors, { ...run, name: `${name} training` });
    return await trace(target, tensors, { ...run, name });
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    throw new OpcounterError("program-failed", `${name} threw while it ran: ${reasonOf(error)}`, {
      cause: error,
    });
  } finally {
    tf.dispose(Object.values(tensors));
  }
}

/** Makes the inputs as tensors: a list for a function, by name for a model. */
async function makeInputs(inputs: readonly InputToMake[], inOrder: boolean): Promise<ModelInputs> {
  const isRandom = inputs.some(({ range }) => range !== undefined);
  const random = isRandom ? (await import("./random.ts")).randomSource() : undefined;
  const tensors = inputs.map((input) => makeInput(input, random));
  if (inOrder) return tensors;
  return Object.fromEntries(
    inputs.map(({ name }, i) => [name, tensors[i]] as const),
  ) as NamedTensorMap;
}

/** @throws OpcounterError where the tensor is too large. */
function makeInput(input: InputToMake, random: RandomSource | undefined): tf.Tensor {
  const { name, dtype, range } = input;
  const shape = [...input.shape];
  try {
    const values = input.values ?? (range && random?.(name, sizeOf(shape), dtype, range));
    if (values !== undefined) return tf.tensor(values, shape, dtype);
    if (dtype !== "string") return tf.zeros(shape, dtype);
    return tf.tensor(new Array<string>(sizeOf(shape)).fill(""), shape, dtype);
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    if (!(error instanceof RangeError)) {
      throw new OpcounterError(
        "input-invalid",
        `Input ${name} cannot be made as ${formatType(input)}: ${reasonOf(error)}`,
        { remedy: `give its shape, as in --input ${name}=1x8`, cause: error },
      );
    }
    throw new OpcounterError(
      "input-too-large",
      `Input ${name} is ${formatType(input)}, which is more than memory holds`,
      { remedy: "make it smaller", cause: error },
    );
  }
}
