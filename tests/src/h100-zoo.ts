import { readFileSync } from "node:fs";
import type { PassPart } from "@opcounter/ir";

/** The wall time of a pass in parts, as means of the middle half of the runs. */
interface MeasuredAccount {
  readonly wallMs: number;
  readonly parts: readonly {
    readonly part: PassPart;
    readonly ms: number;
    readonly count?: number;
    readonly bytes?: number;
  }[];
}

/** What `profile --device gpu --time` said of a model. */
export interface MeasuredPass {
  readonly runs: number;
  /** Medians, as all times here. */
  readonly wallMs: number;
  readonly gpuMs: number;
  readonly account: MeasuredAccount;
  readonly first: {
    readonly wallMs: number;
    readonly pipelines: number;
    readonly pipelinesMs: number;
    readonly uploads: { readonly count: number; readonly bytes: number; readonly ms: number };
  };
}

/** The same with what each op took, in the order of the graph; 0 where the device ran nothing. */
export interface MeasuredModel extends MeasuredPass {
  readonly gpuNs: readonly number[];
  /** On the host, without the kernels that it calls. */
  readonly hostMs?: readonly number[];
  readonly wallOpMs?: readonly number[];
}

/** Passes without opcounter, until the device is done. */
export interface PlainPasses {
  readonly ms: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

/** What was measured on an H100 of 43 models of the zoo: all but the two largest. */
export interface MeasuredZoo {
  readonly note: string;
  readonly models: Readonly<Record<string, MeasuredModel>>;
  readonly withoutCpuForward: Readonly<Record<string, MeasuredPass>>;
  /** By model, then by what was done to it. */
  readonly plainPasses: Readonly<Record<string, Readonly<Record<string, PlainPasses>>>>;
}

export const H100_ZOO: MeasuredZoo = JSON.parse(
  readFileSync(new URL("../fixtures/reference/h100-zoo.json", import.meta.url), "utf8"),
);
