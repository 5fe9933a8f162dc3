import type { Op, ParamValue, TensorType } from "@opcounter/ir/core";

/** An op as a user's rule sees it. */
export interface OpToCount {
  readonly kernel: string;
  readonly operands:
    | readonly TensorType[]
    | Readonly<Record<string, TensorType | readonly TensorType[]>>;
  readonly attrs: Op["attrs"];
  readonly results: readonly TensorType[];
  readonly scope: readonly string[];
}

/** A layer's call as a user's rule sees it. */
export interface CallToCount {
  readonly className: string;
  readonly scope: readonly string[];
  readonly inputs: readonly TensorType[];
  readonly results: readonly TensorType[];
  readonly params: readonly ParamValue[];
}
