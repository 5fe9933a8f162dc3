import {
  type DType,
  type ErrorCode,
  OpcounterError,
  reasonOf,
  type Shape,
} from "@opcounter/ir/core";
import type { InputSpec, LoadOptions } from "@opcounter/tracer";
import type { Range } from "../target/random.ts";
import type { PassOptions } from "../target/run-pass.ts";

/**
 * What the command line and its page say to each other. The command line calls a function of the
 * page with one argument that JSON can write, and gets an `Answer` as JSON.
 */

/** What the page is to load. */
export interface LoadRequest {
  readonly name: string;
  readonly target:
    | { readonly kind: "zoo" }
    | {
        readonly kind: "model";
        /** What messages call the model.json. */
        readonly location: string;
        /** Where the page gets it and, with `?path=…`, the files that it names. */
        readonly files: string;
        readonly reading: LoadOptions;
      }
    | {
        readonly kind: "module";
        readonly path: string;
        /** The module as the page imports it. */
        readonly script: string;
      };
  /** Modules that register layers, ops and kernels; the page imports them first. */
  readonly plugins: readonly { readonly path: string; readonly script: string }[];
}

/** What the page has loaded. */
export interface LoadAnswer {
  /** By which it is traced. */
  readonly id: number;
  readonly names: readonly string[];
  readonly specs: readonly InputSpec[] | null;
  /** The inputs that a module lists. */
  readonly inputs: readonly string[];
}

/** An input that the page makes. */
export interface PageInput {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly range?: Range;
  /** Where its values are, as bytes of the numbers of its dtype. */
  readonly values?: string;
}

export interface TraceRequest {
  readonly id: number;
  readonly inputs: readonly PageInput[];
  readonly options: PassOptions;
}

export interface TraceAnswer {
  /** In the JSON form of graphs. */
  readonly graph: unknown;
  /** By op: the line that called it, where lines were asked for. */
  readonly lines: readonly (readonly [op: number, file: string, line: number, column: number])[];
}

/** What the page's device says of itself. */
export interface DeviceAnswer {
  readonly name: string;
  readonly description: string;
}

/** Passes of one kind that a page ran by itself. */
export interface RecordedPass {
  /** In the JSON form of graphs. */
  readonly graph: unknown;
  /** Of each run: from the first kernel to the end of the last, in milliseconds. */
  readonly hostMs: readonly number[];
  /** The most that TensorFlow.js's tensors held meanwhile. */
  readonly peakBytes: number;
}

/** What a page that is watched has run. */
export interface PassesAnswer {
  readonly hasTfjs: boolean;
  readonly passes: readonly RecordedPass[];
  /** Why it is not watched. */
  readonly failure?: Failure;
}

/** Why something failed: what makes an error of it again on the other side. */
export interface Failure {
  readonly code?: ErrorCode;
  readonly sentence: string;
  readonly remedy?: string;
}

export type Answer<T> = { readonly value: T } | { readonly failure: Failure };

export function failureOf(error: unknown): { readonly failure: Failure } {
  if (!(error instanceof OpcounterError)) return { failure: { sentence: reasonOf(error) } };
  const { code, sentence, remedy } = error;
  return { failure: { code, sentence, ...(remedy === undefined ? {} : { remedy }) } };
}

/**
 * The value of an answer.
 *
 * @throws the error that it tells of.
 */
export function valueIn<T>(answer: Answer<T>): T {
  if ("value" in answer) return answer.value;
  const { code, sentence, remedy } = answer.failure;
  throw code === undefined ? new Error(sentence) : new OpcounterError(code, sentence, { remedy });
}
