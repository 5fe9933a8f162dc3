import { type Graph, OpcounterError } from "@opcounter/ir/core";
import type * as tfjs from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import { checkValuesLoaded, noteLoaded } from "./loading/loaded.ts";
import { checkInputs, type ModelInputs, namedInputs } from "./targets/inputs.ts";
import type { Target } from "./targets/target.ts";
import { tensorsIn } from "./targets/tensors-in.ts";
import { traceable } from "./targets/traceable.ts";
import { type TraceOptions, trace } from "./trace.ts";

/** The learning rate of the update. The cost of the step does not depend on it. */
const LEARNING_RATE = 0.01;

/**
 * Records one training step of a LayersModel. The scope `forward` has the forward pass in training
 * mode and a mean squared error. The scope `backward` has the gradients of all trainable weights,
 * each in the scope of its op. The scope `update` has a step of plain gradient descent, weight by
 * weight. The model's weights and statistics stay as they are.
 *
 * @throws OpcounterError "program-unsupported" where the target is no LayersModel or has no
 *   trainable weights, and where `trace` does.
 */
export async function traceTraining(
  model: Target,
  inputs: ModelInputs,
  options: TraceOptions = {},
): Promise<Graph> {
  const { name, inputSpecs, params, callInTraining } = traceable(model);
  if (callInTraining === undefined) {
    throw new OpcounterError(
      "program-unsupported",
      "Only a LayersModel has a training step of its own",
      {
        remedy: "write the step of anything else as a function, with tf.variableGrads()",
      },
    );
  }
  const trained = params()
    .filter(({ trainable }) => trainable)
    // Sound: tfjs-layers keeps each weight of a layer in a variable.
    .map(({ tensor }) => tensor as Variable);
  if (trained.length === 0) {
    throw new OpcounterError("program-unsupported", `The model ${name} has no trainable weights.`);
  }
  // Any copy of tfjs will do, since all share one engine.
  const tf = await import("@tensorflow/tfjs-core");
  const step = (...tensors: Tensor[]) => {
    const { value, grads } = tf.variableGrads(() => loss(tf, callInTraining(tensors)), trained);
    tf.tidy("update", () => {
      for (const [name, gradient] of Object.entries(grads)) {
        const weight = trained.find((variable) => variable.name === name);
        if (weight === undefined) throw new Error(`no trained weight is called ${name}`);
        tf.tidy(name, () => tf.sub(weight, tf.mul(gradient, LEARNING_RATE)));
      }
    });
    tf.dispose([value, ...Object.values(grads)]);
  };
  checkInputs(inputSpecs, inputs);
  const given = namedInputs(inputSpecs, inputs);
  if (options.sparsity) checkValuesLoaded(model);
  const graph = await trace(
    step,
    given.map(({ tensor }) => tensor),
    {
      name: `${name} training`,
      inputNames: given.map(({ name }) => name),
      ...options,
    },
  );
  return noteLoaded(graph, model);
}

/** The mean squared error against targets of zero, summed over the model's outputs. */
function loss(tf: typeof tfjs, outputs: unknown): tfjs.Scalar {
  return tf.tidy("loss", () => {
    const each = tensorsIn(outputs).map((output) =>
      tf.mean(tf.square(tf.sub(output, tf.zeros(output.shape)))),
    );
    // Sound: a mean over all elements is a scalar.
    return tf.addN(each) as tfjs.Scalar;
  });
}
