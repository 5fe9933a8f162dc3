import type { SymbolicTensor } from "../tfjs-layers.ts";
import type { Activation } from "./activations.ts";
import { channelsOf } from "./custom-layers.ts";
import type { TorchModules } from "./torch-modules.ts";

export interface SqueezeExcitation {
  /** Channels between the two convolutions. */
  readonly squeezed: number;
  readonly activation: Activation;
  /** The activation that turns the result of the last convolution into a scale. */
  readonly gate: Activation;
}

/**
 * Squeeze-and-excitation (Hu et al. 2017): two convolutions compute a scale for each channel from
 * the means of all channels.
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
