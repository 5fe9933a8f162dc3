import type { Graph } from "@opcounter/ir";
import type { InputSpec } from "@opcounter/tracer";
import type { InputOption, InputToMake } from "./input-option.ts";
import type { PassOptions } from "./run-pass.ts";

/** A target that is loaded and ready to be traced, in this process or in a page. */
export interface LoadedTarget {
  readonly name: string;
  /** What the model is called: the name of its file, and its own. */
  readonly names: readonly string[];
  /** The inputs that the model declares; undefined for a function. */
  readonly specs: readonly InputSpec[] | undefined;
  /** The inputs that a module or the zoo gives; `--input` overrides them. */
  readonly inputs: readonly InputOption[];
  /** Runs it once. */
  trace(inputs: readonly InputToMake[], options: PassOptions): Promise<Graph>;
  /** Frees what its weights hold. */
  dispose(): void;
}
