import { BUILT_IN_PASSES, createPassRegistry, type Pass, type PassRegistry } from "@opcounter/ir";

/** The built-in passes and the user's own, registered in the same way. */
export function passRegistry(own: readonly Pass[]): PassRegistry {
  return createPassRegistry([...BUILT_IN_PASSES, ...own]);
}
