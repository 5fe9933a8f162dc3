import {
  type Call,
  type Graph,
  kernelOf,
  type Op,
  operandTypes,
  type ParamValue,
  type TensorType,
  typeOfCallValue,
  valueAt,
} from "@opcounter/ir/core";

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

export function opToCount(graph: Graph, op: Op): OpToCount {
  return {
    kernel: op.kernel,
    operands: operandTypes(graph, op, kernelOf(op.kernel)?.operands),
    attrs: op.attrs,
    results: op.results.map((id) => valueAt(graph, id)),
    scope: op.scope,
  };
}

export function callToCount(graph: Graph, call: Call): CallToCount {
  return {
    className: call.className,
    scope: call.scope,
    inputs: call.inputs.map((value) => typeOfCallValue(graph, value)),
    results: call.results.map((value) => typeOfCallValue(graph, value)),
    params: call.params.map((id) => valueAt(graph, id)).filter((value) => value.kind === "param"),
  };
}
