import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Readable, Writable } from "node:stream";
import { counted, OpcounterError, reasonOf } from "@opcounter/ir";
import { BrowserPage } from "./browser-page.ts";
import { DevTools, textOf } from "./devtools.ts";
import { findBrowser } from "./find-browser.ts";

/** How a browser is started. */
export interface BrowserOptions {
  /** A path or a command; found where it is left out. */
  readonly program?: string | undefined;
  /** The user's own flags. They come last, so that they win. */
  readonly flags?: readonly string[];
  /** How long it may be silent, in seconds. */
  readonly timeout: number;
}

const FLAGS = [
  "--headless",
  "--remote-debugging-pipe",
  // With fine timestamps, and on adapters that are not approved yet.
  "--enable-unsafe-webgpu",
  "--ignore-gpu-blocklist",
  ...(process.platform === "linux" ? ["--enable-features=Vulkan"] : []),
  // A page in the background is slowed down, and a headless one is always there.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  // Nothing of the user's, nothing of the network.
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-breakpad",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-extensions",
  "--disable-sync",
  "--mute-audio",
];

/** How much of what the browser says is kept, in characters. */
const KEPT = 4_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs `body` with a browser of its own: headless, with a profile folder that nobody else uses.
 * Afterwards neither the process nor the folder is there, also where a signal ends this process.
 *
 * @throws OpcounterError "device-unavailable" where no browser is found, it does not start, does not
 *   answer, or ends; and what `body` throws.
 */
export async function withBrowser<T>(
  options: BrowserOptions,
  body: (browser: Browser) => Promise<T>,
): Promise<T> {
  const browser = new Browser(findBrowser(options.program), options);
  try {
    await browser.start();
    return await body(browser);
  } finally {
    await browser.end();
  }
}

/** A browser that runs. */
export class Browser {
  readonly devTools: DevTools;
  readonly #program: string;
  readonly #timeout: number;
  readonly #profile = mkdtempSync(join(tmpdir(), "opcounter-browser-"));
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  /** Rejects where it cannot be used any more. */
  readonly #failure: Promise<never>;
  #reject: (error: Error) => void = () => undefined;
  /** The last that it said, on stderr. */
  #said = "";
  #version = "";

  constructor(program: string, { flags = [], timeout }: BrowserOptions) {
    this.#program = program;
    this.#timeout = timeout;
    this.#process = spawn(
      program,
      [...FLAGS, `--user-data-dir=${this.#profile}`, ...flags, "about:blank"],
      {
        stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
        // A group of its own, which is ended with all processes that the browser has started.
        detached: process.platform !== "win32",
      },
    );
    const [, , , commands, answers] = this.#process.stdio;
    if (!(commands instanceof Writable && answers instanceof Readable)) {
      throw new Error("the browser's pipes are not open");
    }
    this.devTools = new DevTools(commands, answers);
    this.#process.stderr?.on("data", (text) => {
      this.#said = (this.#said + String(text)).slice(-KEPT);
    });
    this.#failure = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // It may come when nobody waits for the browser.
    this.#failure.catch(() => undefined);
    this.#ended = new Promise((resolve) => {
      this.#process.once("error", (error) => {
        this.#fail(`cannot be started: ${reasonOf(error)}`);
        resolve();
      });
      // After its last words.
      this.#process.once("close", (status, signal) => {
        const words = this.#lastWords();
        this.#fail(
          `ended by itself (${signal ?? `status ${status}`})${words === "" ? "" : `: ${words}`}`,
          words.includes("--no-sandbox") ? "start it with --browser-flag=--no-sandbox" : undefined,
        );
        resolve();
      });
    });
    process.once("exit", this.#endNow);
    for (const signal of SIGNALS) process.once(signal, this.#onSignal);
  }

  /** What it is, for people: `Chrome 147`. */
  get name(): string {
    return this.#version;
  }

  /** Waits until it answers. */
  async start(): Promise<void> {
    const { product } = await this.watched(this.devTools.send("Browser.getVersion"));
    const [name = "", version = ""] = (textOf(product) ?? "").split("/");
    const known = name.replace(/^Headless/, "").replace(/^Edg$/, "Edge");
    this.#version = `${known} ${version.split(".")[0]}`.trim();
  }

  /** Opens an empty page. */
  open(): Promise<BrowserPage> {
    return this.watched(BrowserPage.open(this));
  }

  /**
   * Waits for something while the browser answers.
   *
   * @throws OpcounterError "device-unavailable" where it ends, or is silent for longer than it may be.
   */
  async watched<T>(something: Promise<T>): Promise<T> {
    let hasAnswered = true;
    const ask = () => {
      if (!hasAnswered) {
        const seconds = counted(this.#timeout, "second");
        this.#fail(`does not answer within ${seconds}`, "wait longer with --timeout 120");
      }
      hasAnswered = false;
      const answered = this.devTools.send("Browser.getVersion");
      void answered.then(
        () => {
          hasAnswered = true;
        },
        () => undefined,
      );
    };
    ask();
    const timer = setInterval(ask, 1000 * this.#timeout);
    try {
      return await Promise.race([something, this.#failure]);
    } finally {
      clearInterval(timer);
    }
  }

  /** Ends the browser, and removes its profile. */
  async end(): Promise<void> {
    process.off("exit", this.#endNow);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    this.devTools.fail(new Error("the browser was ended"));
    this.#kill();
    await this.#ended;
    this.#removeProfile();
  }

  readonly #endNow = (): void => {
    this.#kill();
    this.#removeProfile();
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#endNow();
    for (const other of SIGNALS) process.off(other, this.#onSignal);
    // As the signal would have ended this process.
    process.kill(process.pid, signal);
  };

  #kill(): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#process.kill();
      else process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }

  /** Its processes may write for a moment after they were ended. */
  #removeProfile(): void {
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  #fail(what: string, remedy?: string): void {
    const name = this.#version || basename(this.#program);
    const sentence = `The browser ${name} ${what.replace(/\.$/, "")}`;
    const error = new OpcounterError(
      "device-unavailable",
      remedy === undefined ? `${sentence}.` : sentence,
      { remedy },
    );
    this.devTools.fail(error);
    this.#reject(error);
  }

  /** Why it ended, as it says it. */
  #lastWords(): string {
    const errors = this.#said.split("\n").filter((line) => /ERROR|FATAL|error/.test(line));
    return (errors.at(-1) ?? "").replace(/^\[[^\]]*\]\s*/, "").trim();
  }
}
