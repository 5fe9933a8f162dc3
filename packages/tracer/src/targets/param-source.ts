import type { ParamFacts } from "@opcounter/ir/core";
import type { Tensor } from "@tensorflow/tfjs-core";

/** A parameter as the model or layer that owns it describes it. */
export interface ParamSource extends Required<Pick<ParamFacts, "trainable" | "role">> {
  readonly tensor: Tensor;
  readonly name: string;
}
