import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";
import { counted, type Graph, median, OpcounterError } from "@opcounter/ir";
import { fromJson } from "@opcounter/ir/read";
import { type BrowserOptions, withBrowser } from "./browser.ts";
import type { BrowserPage } from "./browser-page.ts";
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

/** The script that watches a page, which the build puts beside the bundled command line. */
const SCRIPT = "cli.passes.js";

/**
 * Opens a page in a browser of its own, and records the passes that the page runs by itself. The
 * page knows nothing of it.
 *
 * @returns the kinds of passes, in the order in which they first ran; one at least.
 * @throws OpcounterError "device-unavailable" as `withBrowser`, "fetch-failed" where the page cannot
 *   be opened, "tfjs-missing" where it loads no TensorFlow.js, "program-empty" where it runs nothing.
 */
export function recordPage({ url, seconds, ...options }: PageToRecord): Promise<PassKind[]> {
  return withBrowser(options, async (browser) => {
    const page = await browser.open();
    const script = createRequire(import.meta.url).resolve(`./${SCRIPT}`);
    await page.send("Page.addScriptToEvaluateOnNewDocument", {
      source: readFileSync(script, "utf8"),
    });
    await page.goTo(url);
    await page.until(setTimeout(1000 * seconds));
    const passes = await passesOf(page, url, seconds);
    return passes.map((pass) => kindOf(pass, browser.name));
  });
}

async function passesOf(
  page: BrowserPage,
  url: string,
  seconds: number,
): Promise<readonly RecordedPass[]> {
  const answer = await page.evaluate('globalThis[Symbol.for("opcounter.passes")]()');
  // Sound: the script writes it, in the types of `protocol.ts`.
  const { hasTfjs, passes, failure } = JSON.parse(String(answer)) as PassesAnswer;
  if (failure !== undefined) return valueIn({ failure });
  const within = `within ${counted(seconds, "second")}`;
  if (!hasTfjs) {
    throw new OpcounterError("tfjs-missing", `${url} loads no TensorFlow.js ${within}`, {
      remedy: "record longer with --seconds 60; what a worker or a frame loads is not seen",
    });
  }
  if (passes.length === 0) {
    throw new OpcounterError("program-empty", `${url} ran nothing on TensorFlow.js ${within}`, {
      remedy: "record longer with --seconds 60, and give the address at which it runs by itself",
    });
  }
  return passes;
}

function kindOf({ graph: json, hostMs }: RecordedPass, browser: string): PassKind {
  const graph = fromJson(json);
  const device = `${graph.device} in ${browser}`;
  return {
    graph: fromJson({ ...Object(json), device }),
    runs: hostMs.length,
    hostMs: median(hostMs),
  };
}
