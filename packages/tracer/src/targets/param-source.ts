import type { ParamFacts } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";

/** A tensor that the model owns, as its owner describes it. */
export interface ParamSource extends Required<Pick<ParamFacts, "trainable" | "role">> {
  readonly tensor: Tensor;
  readonly name: string;
}
