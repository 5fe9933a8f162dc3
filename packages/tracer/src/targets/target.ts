import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { TfjsClasses } from "../tfjs/classes.ts";
import type { InputSpec, ModelInputs } from "./inputs.ts";
import type { Layer } from "./layer.ts";
import type { ParamSource } from "./param-source.ts";

/**
 * A function of tensors, sync or async. What it returns is searched for tensors, through arrays,
 * records, Maps and Sets: the results.
 */
// biome-ignore lint/suspicious/noExplicitAny: any parameter list of tensors is accepted, and only `any` says so.
export type TensorFunction = (...inputs: any[]) => unknown;

/** What can be traced. */
export type Target = LayersModel | GraphModel | TensorFunction;

/**
 * A target as `trace` uses it. Each kind of target is one file of this folder, which makes one of
 * these: layers-model.ts, graph-model.ts, program.ts.
 */
export interface Traceable {
  /** The name of its graph. */
  readonly name: string;
  /** The inputs it declares; undefined where it declares none, as a function does. */
  readonly inputSpecs: readonly InputSpec[] | undefined;
  /** The parameters that are known to be its own before it runs. */
  params(): readonly ParamSource[];
  /** The classes it is made of. Their calls are recorded while it runs. */
  readonly classes: TfjsClasses;
  /**
   * Whether it may call models of any class that the program has loaded. Then all of these classes
   * must be found before it runs.
   */
  readonly callsAnyModel: boolean;
  /** The model that it is, where that is one of layers. */
  readonly rootLayer?: Layer;
  /** That model, and the layers inside it before it runs; looked for once. */
  layers?(): ReadonlySet<Layer>;
  /** Whether who calls it has to dispose of what it leaves: a function's caller, not a model's. */
  readonly mayLeak: boolean;
  /**
   * Whether it may read values synchronously. Then the backends of the host must be loaded before
   * it runs, since a synchronous read leaves no time for it.
   */
  readonly readsSynchronously: boolean;
  /**
   * Checks, once the WebGPU backend is loaded, that it can run there, before it runs.
   *
   * @throws OpcounterError where it cannot.
   */
  check?(): Promise<void>;
  /**
   * Runs it once. Returns what it computes, or a promise of it where it goes on later.
   *
   * @param hasRun whether a kernel was executed since the run began.
   */
  run(inputs: ModelInputs, hasRun: () => boolean): unknown;
  /** Calls it in training mode; undefined where that cannot be done from outside. */
  readonly callInTraining: ((inputs: readonly Tensor[]) => unknown) | undefined;
}
