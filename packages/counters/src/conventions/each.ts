import type { KernelName } from "@opcounter/ir/core";

/** The same text for many kernels. */
export function each<const Text extends string, const N extends KernelName>(
  text: Text,
  kernels: readonly N[],
): { readonly [K in N]: Text } {
  const entries = kernels.map((kernel) => [kernel, text]);
  // Sound: there is one entry for each of the kernels.
  return Object.fromEntries(entries) as { readonly [K in N]: Text };
}
