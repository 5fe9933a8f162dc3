import type { ReportDocument } from "@opcounter/report";
import { expose } from "comlink";
import type { Run } from "../run.ts";

/** Told what is being done, in a few words. */
export type Say = (what: string) => void;

/** What came of a run: the report to look at, or one sentence on what went wrong. */
export type Outcome = { readonly document: ReportDocument } | { readonly error: string };

/**
 * The worker of the page. It is small: TensorFlow.js and the rest are loaded when something is
 * profiled.
 */
const profiler = {
  async profile(run: Run, say: Say): Promise<Outcome> {
    try {
      say("Loading TensorFlow.js");
      const { profile } = await import("./profile.ts");
      return { document: await profile(run, say) };
    } catch (error) {
      const { sentenceOf } = await import("./sentence.ts");
      return { error: sentenceOf(error) };
    }
  },

  /** The report of the run by a convention, as `--format json` prints it. */
  async json(convention: string): Promise<string> {
    return (await import("./profile.ts")).json(convention);
  },
};

export type Profiler = typeof profiler;

expose(profiler);
