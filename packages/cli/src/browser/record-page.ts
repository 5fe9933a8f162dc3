import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";
import { addNotes, counted, type Graph, median, OpcounterError } from "@opcounter/ir";
import { fromJson } from "@opcounter/ir/read";
import { type BrowserOptions, withBrowser } from "./browser.ts";
import { PageScripts, type ScopeAnswers } from "./page-scripts.ts";
import { type PassesAnswer, type RecordedPass, valueIn } from "./protocol.ts";

/** A page to record. */
export interface PageToRecord extends BrowserOptions {
  readonly url: string;
  readonly seconds: number;
}

/** One kind of pass that a page ran: the same kernels on the same shapes. */
export interface PassKind {
  readonly graph: Graph;
  /** How often it ran. */
  readonly runs: number;
  /** The median of its times on the host, from the first kernel to the last. */
  readonly hostMs: number;
}

/** What a page ran. */
export interface PagePasses {
  /** In the order in which they first ran; one at least. */
  readonly kinds: readonly PassKind[];
  /** What of the page is not recorded. The graphs have these notes too. */
  readonly notes: readonly string[];
}

/** The script that watches a page, which the build puts beside the bundled command line. */
const SCRIPT = "cli.passes.js";
/** What the script has recorded. */
const PASSES = 'globalThis[Symbol.for("opcounter.passes")]?.()';

/**
 * Opens a page in a browser of its own, and records the passes that it, its frames and its workers
 * run by themselves. The page knows nothing of it.
 *
 * @throws OpcounterError "device-unavailable" as `withBrowser`, and where the page does not answer;
 *   "fetch-failed" where it cannot be opened, "tfjs-missing" where it loads no TensorFlow.js, "program-empty" where it runs nothing.
 */
export function recordPage({ url, seconds, ...options }: PageToRecord): Promise<PagePasses> {
  return withBrowser(options, async (browser) => {
    const page = await browser.open();
    const script = createRequire(import.meta.url).resolve(`./${SCRIPT}`);
    const scripts = await PageScripts.add(page, readFileSync(script, "utf8"));
    await page.goTo(url);
    await page.until(setTimeout(1000 * seconds));
    const answers = await page.until(scripts.evaluate(PASSES, options.timeout));
    const passes = passesOf(answers, url, seconds);
    const { notes } = answers;
    return { kinds: passes.map((pass) => kindOf(pass, browser.name, notes)), notes };
  });
}

function passesOf(
  { values, late }: ScopeAnswers,
  url: string,
  seconds: number,
): readonly RecordedPass[] {
  // Sound: the script writes them, in the types of `protocol.ts`.
  const answers = values.map((text) => JSON.parse(String(text)) as PassesAnswer);
  const passes = answers.flatMap((answer) => answer.passes);
  const failure = answers.find((answer) => answer.failure !== undefined)?.failure;
  if (passes.length === 0 && failure !== undefined) return valueIn({ failure });
  if (passes.length === 0 && late !== undefined) throw late;
  const within = `within ${counted(seconds, "second")}`;
  if (!answers.some(({ hasTfjs }) => hasTfjs)) {
    throw new OpcounterError("tfjs-missing", `${url} loads no TensorFlow.js ${within}`, {
      remedy: "record longer with --seconds 60",
    });
  }
  if (passes.length === 0) {
    throw new OpcounterError("program-empty", `${url} ran nothing on TensorFlow.js ${within}`, {
      remedy: "record longer with --seconds 60, and give the address at which it runs by itself",
    });
  }
  return passes;
}

function kindOf(
  { graph: json, hostMs }: RecordedPass,
  browser: string,
  notes: readonly string[],
): PassKind {
  const device = `${fromJson(json).device} in ${browser}`;
  const graph = fromJson({ ...Object(json), device });
  addNotes(graph, notes);
  return {
    graph,
    runs: hostMs.length,
    hostMs: median(hostMs),
  };
}
