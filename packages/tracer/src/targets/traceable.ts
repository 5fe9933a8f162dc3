import { OpcounterError } from "@opcounter/ir/core";
import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { graphModel, isGraphModel } from "./graph-model.ts";
import type { InputSpec } from "./inputs.ts";
import { isLayersModel, layersModel } from "./layers-model.ts";
import { isProgram, program } from "./program.ts";
import type { Target, Traceable } from "./target.ts";

/**
 * A target by its kind. Models are known by their members, since each copy of tfjs has classes of
 * its own.
 *
 * @throws OpcounterError "target-unknown" where it is of no kind that can be traced.
 */
export function traceable(target: unknown): Traceable {
  if (isGraphModel(target)) return graphModel(target);
  if (isLayersModel(target)) return layersModel(target);
  if (isProgram(target)) return program(target);
  throw new OpcounterError(
    "target-unknown",
    "What is to be traced must be a LayersModel, a GraphModel or a function of tensors.",
  );
}

/** Whether a value is a LayersModel or a GraphModel, of any copy of tfjs. */
export function isModel(value: unknown): value is LayersModel | GraphModel {
  return isLayersModel(value) || isGraphModel(value);
}

/**
 * The inputs that a model declares; undefined for a function, and for a model that is not built.
 *
 * @throws OpcounterError "target-unknown" where the target is of no kind that can be traced.
 */
export function inputSpecs(target: Target): readonly InputSpec[] | undefined {
  return traceable(target).inputSpecs;
}
