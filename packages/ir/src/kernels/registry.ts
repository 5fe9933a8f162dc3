import type { Kernel, TypedOp } from "../kernel.ts";
import * as complex from "./complex.ts";
import * as convolution from "./convolution.ts";
import * as creation from "./creation.ts";
import * as dataMovement from "./data-movement.ts";
import { declaredName, MOVING_COMMANDS, OTHER_COMMANDS, wgsl } from "./dialects.ts";
import * as elementwise from "./elementwise.ts";
import * as hostFunctions from "./host-functions.ts";
import * as image from "./image.ts";
import * as matmul from "./matmul.ts";
import * as normalization from "./normalization.ts";
import * as pooling from "./pooling.ts";
import * as reduction from "./reduction.ts";
import * as sparse from "./sparse.ts";
import * as string from "./string.ts";
import type { Contraction, Work } from "./work.ts";

const declarations = {
  ...complex,
  ...convolution,
  ...creation,
  ...dataMovement,
  ...elementwise,
  ...hostFunctions,
  ...image,
  ...matmul,
  ...normalization,
  ...pooling,
  ...reduction,
  ...sparse,
  ...string,
};
type Declaration = (typeof declarations)[keyof typeof declarations];

/**
 * Every kernel's declaration, by its name in the TensorFlow.js registry. `Where` and `ListDiff` are
 * in no registry; see host-functions.ts.
 */
export type Kernels = { readonly [D in Declaration as D["name"]]: D };
export type KernelName = keyof Kernels;

/** An op of one kernel with typed operands and attributes. */
export type KernelOp<N extends KernelName> = { [K in N]: TypedOp<Kernels[K]> }[N];

const BY_NAME: ReadonlyMap<string, Kernel> = new Map(
  Object.values(declarations).map((declaration): [string, Kernel] => [
    declaration.name,
    declaration,
  ]),
);

/** The names of all declared kernels, in the order of their families. */
export const KERNEL_NAMES: readonly string[] = [...BY_NAME.keys()];

const OF_DIALECTS: ReadonlyMap<string, Kernel> = new Map(
  [wgsl, ...MOVING_COMMANDS, ...OTHER_COMMANDS].map((each): [string, Kernel] => [each.name, each]),
);

/** A kernel's declaration; undefined for one that neither TensorFlow.js nor another dialect has. */
export function kernelOf(name: string): Kernel | undefined {
  return BY_NAME.get(name) ?? OF_DIALECTS.get(declaredName(name));
}

/** What a kernel does; undefined for one that is not declared. */
export function workOf(name: string): Work | undefined {
  return kernelOf(name)?.work;
}

/** Whether a kernel gives each element from the same element of its operands. */
export function isElementwise(name: string): boolean {
  const kind = workOf(name)?.kind;
  return kind === "elementwise" || kind === "conversion";
}

/** The work of a kernel that multiplies and sums; undefined for other kernels. */
export function contractionOf(name: string): Contraction | undefined {
  const work = workOf(name);
  return work?.kind === "contraction" ? work : undefined;
}

export function isKernelName(name: string): name is KernelName {
  return BY_NAME.has(name);
}
