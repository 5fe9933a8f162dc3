import type { SymbolicTensor } from "../tfjs.ts";
import type { Activation } from "./activations.ts";
import { channelsOf } from "./custom-layers.ts";
import type { TorchModules } from "./torch-modules.ts";

export interface SqueezeExcitation {
  /** Channels between the two convolutions. */
  readonly squeezed: number;
  readonly activation: Activation;
  /** What makes a scale of the last convolution's result. */
  readonly gate: Activation;
}

/**
 * Squeeze-and-excitation (Hu et al. 2017): each channel is scaled by what two convolutions make of
 * all channels' means.
 */
export function squeezeExcitation(
  modules: TorchModules,
  x: SymbolicTensor,
  { squeezed, activation, gate }: SqueezeExcitation,
): SymbolicTensor {
  let scale = modules.adaptiveAvgPool2d("avgpool", x, 1);
  scale = modules.conv2d("fc1", scale, squeezed, 1, { bias: true });
  scale = modules.activation(activation, "activation", scale);
  scale = modules.conv2d("fc2", scale, channelsOf(x.shape), 1, { bias: true });
  scale = modules.activation(gate, "scale_activation", scale);
  return modules.multiply([scale, x]);
}
