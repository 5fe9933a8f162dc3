import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout } from "node:timers/promises";
import { counted, type Graph, OpcounterError, reasonOf } from "@opcounter/ir";
import { buildGraph, type Recorded, readEntries } from "@opcounter/recorder";
import { bundleModule } from "../target/bundle-module.ts";
import { rememberMap } from "../target/source-maps.ts";
import { type Browser, type BrowserOptions, withBrowser } from "./browser.ts";
import type { BrowserPage } from "./browser-page.ts";
import { gpuNotes } from "./gpu-notes.ts";
import { GPU_RECORDING, type GpuAnswer } from "./gpu-recording.ts";
import { inTime } from "./in-time.ts";
import { PageScripts, type ScopeAnswers } from "./page-scripts.ts";
import { PageServer } from "./page-server.ts";

/** A page whose WebGPU work is recorded. */
export interface GpuPage extends BrowserOptions {
  readonly url: string;
  readonly seconds: number;
}

/** A module to run in a page. */
export interface GpuModule extends BrowserOptions {
  readonly path: string;
  /** How long it may take; as long as it does where it is left out. */
  readonly seconds: number | undefined;
}

/** The script that watches a page, which the build puts beside the bundled command line. */
const SCRIPT = "cli.record.js";
const RECORDING = `globalThis[Symbol.for(${JSON.stringify(GPU_RECORDING)})]`;

/**
 * Opens a page in a browser of its own, and records what it, its frames and its workers do with
 * WebGPU, whatever library they use. The page knows nothing of it.
 *
 * @throws OpcounterError "device-unavailable" as `withBrowser`, and where the page has no WebGPU or
 *   does not answer; "fetch-failed" where it cannot be opened; "program-empty" where it submits nothing.
 */
export function recordGpuPage({ url, seconds, ...options }: GpuPage): Promise<Recorded> {
  return withBrowser(options, async (browser) => {
    const page = await browser.open();
    const scripts = await PageScripts.add(page, watchingScript());
    await page.goTo(url);
    await page.until(setTimeout(1000 * seconds));
    const answers = await answersOf(page, scripts, options.timeout);
    const within = ` within ${counted(seconds, "second")}`;
    checkAnswers(answers, url, within, "record longer with --seconds 60");
    return { graph: graphOf(answers, url, browser, within), stopped: undefined };
  });
}

/**
 * Runs a module in an empty page of a browser: its top level, then its default export if that is a
 * function, until nothing is pending that it asked of WebGPU.
 *
 * @throws OpcounterError as `recordGpuPage`, and "program-failed" where it throws and has submitted
 *   nothing before.
 */
export async function recordInPage({ path, seconds, ...options }: GpuModule): Promise<Recorded> {
  const { code, map, folder } = await bundleModule(path, undefined, "page");
  const server = await PageServer.start();
  const html = '<!doctype html><title>opcounter</title><link rel="icon" href="data:,">';
  const script = server.add("module.js", async () => code);
  const address = server.add("page.html", async () => html);
  rememberMap(script, map, folder);
  try {
    return await withBrowser(options, async (browser) => {
      const page = await browser.open();
      page.onPrint((text) => console.log(text));
      const scripts = await PageScripts.add(page, watchingScript());
      await page.goTo(address);
      const stopped = await runIn(page, path, script, seconds);
      const answers = await answersOf(page, scripts, options.timeout);
      if (stopped !== undefined && !answers.all.some(hasSubmits)) throw stopped;
      checkAnswers(answers, path, "", "await what the program does, so that it is recorded");
      return { graph: graphOf(answers, path, browser, "", stopped), stopped };
    });
  } finally {
    server.end();
  }
}

function watchingScript(): string {
  return readFileSync(createRequire(import.meta.url).resolve(`./${SCRIPT}`), "utf8");
}

/** Returns what ended the module before its end. */
async function runIn(
  page: BrowserPage,
  path: string,
  script: string,
  seconds: number | undefined,
): Promise<OpcounterError | undefined> {
  const running = page.evaluate(`(async () => {
    const module = import(${JSON.stringify(script)});
    const exported = (await module).default;
    if (typeof exported === "function") await exported();
    await ${RECORDING}.settled();
  })()`);
  try {
    await inTime(running, seconds, () => {
      const sentence = `${path} does not end within ${counted(seconds ?? 0, "second")}`;
      return new OpcounterError("program-failed", sentence, {
        remedy: "wait longer with --timeout",
      });
    });
    return undefined;
  } catch (error) {
    if (error instanceof OpcounterError) return error;
    const sentence = `${path} threw while it ran ${reasonOf(error)}`;
    return new OpcounterError("program-failed", sentence, { cause: error });
  }
}

/** What the scopes of a page recorded, and what the reader should know of those that did not answer. */
interface Answers extends Pick<ScopeAnswers, "late" | "notes"> {
  readonly all: readonly GpuAnswer[];
}

/** Ends the recording in all scopes, and brings it here. */
async function answersOf(
  page: BrowserPage,
  scripts: PageScripts,
  timeout: number,
): Promise<Answers> {
  const found = await page.until(scripts.evaluate(`${RECORDING}?.stop()`, timeout));
  // Sound: the script writes them.
  const all = found.values.map((text) => JSON.parse(String(text)) as GpuAnswer);
  return { all, late: found.late, notes: found.notes };
}

function hasSubmits({ submits }: GpuAnswer): boolean {
  return submits > 0;
}

/** @throws OpcounterError where nothing was submitted. */
function checkAnswers(
  { all: answers, late }: Answers,
  what: string,
  within: string,
  remedy: string,
): void {
  if (answers.some(hasSubmits)) return;
  if (late !== undefined) throw late;
  if (answers.some(({ devices }) => devices > 0)) {
    const sentence = `${what} has a device and submits nothing to it${within}`;
    throw new OpcounterError("program-empty", sentence, { remedy });
  }
  if (answers.some(({ hasGpu }) => hasGpu)) {
    const sentence = `${what} asks navigator.gpu for no device${within}`;
    throw new OpcounterError("program-empty", sentence, { remedy });
  }
  throw new OpcounterError("device-unavailable", `${what} has no navigator.gpu`, {
    remedy: answers.some(({ isSecure }) => isSecure)
      ? "the browser may have switched WebGPU off"
      : "WebGPU is only at addresses of https, and of this machine",
  });
}

function graphOf(
  answers: Answers,
  name: string,
  browser: Browser,
  within: string,
  stopped?: OpcounterError,
): Graph {
  const used = answers.all.filter(hasSubmits);
  let buffers = 0;
  const entries = used.flatMap(({ entries: text }) => {
    const read = readEntries(text, buffers);
    buffers += read.filter(({ kind }) => kind === "create").length;
    return read;
  });
  const { adapter = "gpu" } = used.find((answer) => answer.adapter !== undefined) ?? {};
  return buildGraph(entries, {
    ...{ name, device: `${adapter} in ${browser.name}` },
    notes: [...gpuNotes(used, entries, within, stopped), ...answers.notes],
  });
}
