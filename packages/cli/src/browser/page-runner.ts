import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { annotate, type Graph, LINES, OpcounterError } from "@opcounter/ir";
import { fromJson } from "@opcounter/ir/read";
import {
  type Calibration,
  type LoadOptions,
  ModelSource,
  orAbort,
  withTimeout,
} from "@opcounter/tracer";
import type { Runner } from "../runner.ts";
import { bundleModule } from "../target/bundle-module.ts";
import { type InputToMake, parseInputOption } from "../target/input-option.ts";
import type { LoadedTarget } from "../target/loaded-target.ts";
import type { RunnableLocation } from "../target/locate.ts";
import { sharedExports } from "../target/module.ts";
import { nameOfTarget } from "../target/name-of-target.ts";
import type { PassOptions } from "../target/run-pass.ts";
import { rememberMap } from "../target/source-maps.ts";
import { type Browser, type BrowserOptions, withBrowser } from "./browser.ts";
import type { BrowserPage } from "./browser-page.ts";
import { PageServer } from "./page-server.ts";
import {
  type Answer,
  type DeviceAnswer,
  type LoadAnswer,
  type LoadRequest,
  type PageInput,
  type TraceAnswer,
  type TraceRequest,
  valueIn,
} from "./protocol.ts";

/** How targets are run in a page. */
export interface PageRunnerOptions extends BrowserOptions {
  /** Modules that register layers, ops and kernels. The page loads them before a target. */
  readonly plugins: readonly string[];
}

/**
 * Runs `body` with what runs targets in a page of a browser, on the adapter that it gives pages.
 *
 * @throws OpcounterError "device-unavailable" as `withBrowser`, and where there is no adapter.
 */
export async function withPageRunner<T>(
  options: PageRunnerOptions,
  body: (runner: Runner) => Promise<T>,
): Promise<T> {
  const server = await PageServer.start();
  try {
    return await withBrowser(options, async (browser) =>
      body(await PageRunner.open(browser, server, options.plugins)),
    );
  } finally {
    server.end();
  }
}

/** The page's program, which the build puts beside the bundled command line. */
const SCRIPT = "cli.page.js";

class PageRunner implements Runner {
  readonly name = "browser";
  readonly computes = true;
  readonly where: string;
  readonly description: string;
  /** What the graphs call the device. */
  readonly #device: string;
  readonly #page: BrowserPage;
  readonly #server: PageServer;
  readonly #plugins: readonly string[];
  /** How many files the server has: a part of their names. */
  #served = 0;

  private constructor(
    { name: browser }: Browser,
    page: BrowserPage,
    server: PageServer,
    { name, description }: DeviceAnswer,
    plugins: readonly string[],
  ) {
    this.where = `in ${browser}`;
    this.description = `${description || name} in ${browser.replace(/ \d+$/, "")}`;
    this.#device = `${name} in ${browser}`;
    this.#page = page;
    this.#server = server;
    this.#plugins = plugins;
  }

  static async open(
    browser: Browser,
    server: PageServer,
    plugins: readonly string[],
  ): Promise<PageRunner> {
    const script = createRequire(import.meta.url).resolve(`./${SCRIPT}`);
    const address = server.add(SCRIPT, async () => readFileSync(script));
    const html = `<!doctype html><title>opcounter</title><link rel="icon" href="data:,"><script src="${address}"></script>`;
    const page = await browser.open();
    page.onPrint((text) => console.log(text));
    await page.goTo(server.add("page.html", async () => html));
    // The scripts of a page have run when it is complete.
    await page.evaluate(
      'new Promise((done) => document.readyState === "complete" ? done() : addEventListener("load", () => done()))',
    );
    const device = await call<DeviceAnswer>(page, "device").catch((error: unknown) => {
      throw withoutAdapter(browser, error);
    });
    return new PageRunner(browser, page, server, device, plugins);
  }

  async load(
    specifier: string,
    location: RunnableLocation,
    reading: LoadOptions,
  ): Promise<LoadedTarget> {
    const name = location.kind === "zoo" ? specifier : nameOfTarget(specifier);
    const plugins = await Promise.all(
      this.#plugins.map(async (path) => ({ path, script: await this.#serveModule(path) })),
    );
    const target = await this.#requestOf(location, reading);
    if (location.kind === "module") this.#watchModule(location.path);
    const request: LoadRequest = { name, target, plugins };
    const loading = call<LoadAnswer>(this.#page, "load", request);
    // Reading a model's files has bounds of its own.
    const timeout = location.kind === "module" ? reading.timeout : undefined;
    const { id, names, specs, inputs } = await bounded(loading, timeout);
    const folder = location.kind === "module" ? dirname(location.path) : "";
    return {
      ...{ name, names, specs: specs ?? undefined },
      inputs:
        location.kind === "zoo"
          ? location.model.inputs
          : inputs.map((text) => parseInputOption(text, folder)),
      trace: (toMake, options) => this.#trace(id, toMake, options),
      // The page goes with its browser.
      dispose: () => undefined,
    };
  }

  async calibrate(): Promise<Calibration> {
    return { ...(await call<Calibration>(this.#page, "calibrate")), name: this.description };
  }

  async #requestOf(
    location: RunnableLocation,
    reading: LoadOptions,
  ): Promise<LoadRequest["target"]> {
    switch (location.kind) {
      case "zoo":
        return { kind: "zoo" };
      case "model":
        return {
          ...{ kind: "model", location: location.location, reading },
          files: this.#serveModel(location.location, reading),
        };
      case "module":
        return {
          ...{ kind: "module", path: location.path },
          script: await this.#serveModule(location.path),
        };
    }
  }

  async #trace(id: number, inputs: readonly InputToMake[], options: PassOptions): Promise<Graph> {
    const request: TraceRequest = {
      ...{ id, options },
      inputs: inputs.map((input) => this.#serveInput(input)),
    };
    const tracing = call<TraceAnswer>(this.#page, "trace", request);
    const { graph: json, lines } = await bounded(tracing, options.timeout);
    const graph = fromJson({ ...Object(json), device: this.#device });
    if (options.lines) {
      const places = lines.map(([op, file, line, column]) => [op, { file, line, column }] as const);
      annotate(graph, LINES, new Map(places));
    }
    return graph;
  }

  /** Serves a model's files, which this process reads as it would for itself. */
  #serveModel(location: string, reading: LoadOptions): string {
    const source = new ModelSource(location, reading);
    return this.#serve("model", async (query) => {
      const [path, most] = [query.get("path"), query.get("most")];
      if (path === null) return source.manifest();
      return source.file(path, most === null ? undefined : Number(most));
    });
  }

  async #serveModule(path: string): Promise<string> {
    const { code, map, folder } = await bundleModule(path, await sharedExports(), "page");
    const address = this.#serve("module.js", async () => code);
    rememberMap(address, map, folder);
    return address;
  }

  #serveInput({ values, ...input }: InputToMake): PageInput {
    if (values === undefined) return input;
    const { buffer, byteOffset, byteLength } = values;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    return { ...input, values: this.#serve("input", async () => bytes) };
  }

  #serve(name: string, make: Parameters<PageServer["add"]>[1]): string {
    return this.#server.add(`${this.#served++}/${name}`, make);
  }

  /** An error in a timer or a promise of a module, which no caller of ours can catch. */
  #watchModule(path: string): void {
    this.#page.failOnStray(
      (thrown) =>
        new OpcounterError(
          "module-failed",
          `${path} threw where nothing catches it, as in a timer or a promise that is not awaited: ${thrown}`,
        ),
    );
  }
}

/** Calls a function of the page. */
async function call<T>(page: BrowserPage, name: string, argument?: object): Promise<T> {
  const given = argument === undefined ? "" : JSON.stringify(argument);
  const answer = await page.evaluate(`opcounterPage.${name}(${given})`);
  // Sound: the page's own script writes it, in the types of `protocol.ts`.
  return valueIn(JSON.parse(String(answer)) as Answer<T>);
}

/**
 * Waits for what the page runs. The page has no timer while a program computes in it without a pause.
 *
 * @param seconds as long as it takes where it is left out.
 * @throws OpcounterError "program-timeout" where it takes longer; the browser is ended then.
 */
function bounded<T>(running: Promise<T>, seconds: number | undefined): Promise<T> {
  return withTimeout(undefined, seconds, ({ signal }) => orAbort(running, signal));
}

/** The error of a browser that gives no adapter, in the words of the command line. */
function withoutAdapter(browser: Browser, error: unknown): unknown {
  if (!(error instanceof OpcounterError) || error.code !== "device-unavailable") return error;
  return new OpcounterError(
    "device-unavailable",
    `${browser.name} gives its pages no WebGPU adapter`,
    {
      remedy:
        "let it compute in software by --browser-flag=--use-webgpu-adapter=swiftshader, or use --device virtual, which needs none",
    },
  );
}
