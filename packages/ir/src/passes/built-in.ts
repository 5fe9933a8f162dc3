import type { Pass } from "../pass/pass.ts";
import { fuse } from "./fuse.ts";

/** Every pass that comes with opcounter, in the order in which a pipeline usually has them. */
export const BUILT_IN_PASSES: readonly Pass[] = [fuse];
