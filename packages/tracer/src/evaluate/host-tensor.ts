import type { BackendValues, DataType } from "@tensorflow/tfjs-core";

/** A tensor on the host. Complex numbers are pairs of floats. */
export interface HostTensor {
  readonly values: BackendValues;
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/**
 * Operands by name. Some kernels take a list under a name; kernels such as Concat take only a list.
 */
export type HostOperands =
  | readonly HostTensor[]
  | Readonly<Record<string, HostTensor | readonly HostTensor[]>>;
