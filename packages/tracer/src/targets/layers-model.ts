import type { LayersModel } from "@tensorflow/tfjs-layers";
import { declaredDType, type InputSpec, namedInputs } from "./inputs.ts";
import { isLayer, type Layer, layersIn, paramsOfLayer } from "./layer.ts";
import type { Traceable } from "./target.ts";

type Model = LayersModel & Layer;

export function isLayersModel(value: unknown): value is Model {
  return isLayer(value) && "call" in value && "layers" in value;
}

/** A LayersModel, in its inference pass. */
export function layersModel(model: Model): Traceable {
  const inputSpecs = specsOf(model);
  let found: ReadonlySet<Layer> | undefined;
  const layers = () => {
    found ??= layersIn([model]);
    return found;
  };
  return {
    name: model.name,
    inputSpecs,
    params: () => paramsOfLayer(model, layers()),
    classes: { LayersModel: { prototype: Object.getPrototypeOf(model) } },
    callsAnyModel: false,
    rootLayer: model,
    layers,
    mayLeak: false,
    readsSynchronously: false,
    run(inputs) {
      const tensors = namedInputs(inputSpecs, inputs).map(({ tensor }) => tensor);
      // Not `predict`, which slices its inputs into batches and concatenates the outputs. That is
      // no part of the model.
      return model.call(tensors, {});
    },
    callInTraining: (inputs) => model.apply([...inputs], { training: true }),
  };
}

/** Undefined for a model that is not built, which has no inputs yet. */
function specsOf({ inputs, inputNames }: Partial<LayersModel>): readonly InputSpec[] | undefined {
  return inputs?.map((input, i) => {
    const name = inputNames?.[i] ?? input.name;
    const shape = input.shape.map((dimension) => dimension ?? null);
    return { name, dtype: declaredDType(name, input.dtype), shape };
  });
}
