import { OpcounterError } from "@opcounter/ir";
import type { Browser } from "./browser.ts";
import { type DevToolsEvent, type Fields, fieldsOf, textOf } from "./devtools.ts";

/** A page of a browser. */
export class BrowserPage {
  /** By which the browser's protocol names it. */
  readonly session: string;
  readonly #browser: Browser;
  /** What went wrong with the page, and ends what waits for it. */
  #failed: Error | undefined;
  #onFailure: (error: Error) => void = () => undefined;
  #onStray: (what: string) => void = () => undefined;
  #onPrint: (text: string) => void = () => undefined;

  private constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.session = session;
    browser.devTools.listen((event) => {
      if (event.sessionId === session) this.#handle(event);
    });
  }

  /** Opens an empty page. */
  static async open(browser: Browser): Promise<BrowserPage> {
    const { devTools } = browser;
    const { targetId } = await devTools.send("Target.createTarget", { url: "about:blank" });
    const attached = await devTools.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new BrowserPage(browser, textOf(attached["sessionId"]) ?? "");
    for (const domain of ["Runtime", "Page", "Inspector"]) await page.send(`${domain}.enable`);
    return page;
  }

  /** Sends a command to the page, or to a worker or frame of it that has a session of its own. */
  send(method: string, params: Fields = {}, session = this.session): Promise<Fields> {
    return this.#browser.devTools.send(method, params, session);
  }

  /** Calls a listener with what the browser tells of the page, its workers and its frames. */
  listen(listener: (event: DevToolsEvent) => void): void {
    this.#browser.devTools.listen(listener);
  }

  /**
   * Evaluates an expression in the page, and waits for the promise that it may be.
   *
   * @returns its value, which JSON can write.
   * @throws OpcounterError "device-unavailable" where the page crashes or the browser ends; Error
   *   with what the expression itself throws.
   */
  async evaluate(expression: string): Promise<unknown> {
    const sent = this.send("Runtime.evaluate", {
      ...{ expression, awaitPromise: true, returnByValue: true },
    }).catch((error: unknown) => {
      throw isNeverSettled(error) ? neverSettled() : error;
    });
    const answer = await this.until(sent);
    const thrown = answer["exceptionDetails"];
    if (thrown !== undefined) throw new Error(`in the page: ${describe(thrown)}`);
    return fieldsOf(answer["result"])["value"];
  }

  /**
   * Waits for something while the page lives.
   *
   * @throws OpcounterError "device-unavailable" where the page crashes or the browser ends.
   */
  async until<T>(something: Promise<T>): Promise<T> {
    if (this.#failed !== undefined) throw this.#failed;
    const failure = new Promise<never>((_, reject) => {
      this.#onFailure = reject;
    });
    // It may come after the answer, when nobody waits for it.
    failure.catch(() => undefined);
    return this.#browser.watched(Promise.race([something, failure]));
  }

  /**
   * Takes the page to an address.
   *
   * @throws OpcounterError "fetch-failed" where nothing is there.
   */
  async goTo(url: string): Promise<void> {
    const { errorText } = await this.#browser.watched(this.send("Page.navigate", { url }));
    if (errorText === undefined) return;
    throw new OpcounterError("fetch-failed", `${url} cannot be opened: ${String(errorText)}.`);
  }

  #handle({ method, params }: DevToolsEvent): void {
    if (method === "Inspector.targetCrashed") {
      this.#fail(
        new OpcounterError("device-unavailable", `The page crashed in ${this.#browser.name}`, {
          remedy: "it may have run out of memory; try a smaller input, or --device virtual",
        }),
      );
    } else if (method === "Runtime.exceptionThrown") {
      this.#onStray(describe(params["exceptionDetails"]));
    } else if (method === "Runtime.consoleAPICalled") {
      this.#onPrint(printed(params["args"]));
    } else if (method === "Page.javascriptDialogOpening") {
      // Nobody is there to answer.
      this.send("Page.handleJavaScriptDialog", { accept: true }).catch(() => undefined);
    }
  }

  /**
   * Makes what is thrown in the page and nothing catches an error of what waits for the page.
   *
   * @param errorOf the error, of what was thrown.
   */
  failOnStray(errorOf: (thrown: string) => Error): void {
    this.#onStray = (thrown) => this.#fail(errorOf(thrown));
  }

  /** Calls a listener with what the page prints to its console. */
  onPrint(listener: (text: string) => void): void {
    this.#onPrint = listener;
  }

  #fail(error: Error): void {
    this.#failed ??= error;
    this.#onFailure(error);
  }
}

/** The browser collects a promise that nothing can settle any more. */
function isNeverSettled(error: unknown): boolean {
  return error instanceof Error && error.message === "Promise was collected";
}

function neverSettled(): OpcounterError {
  return new OpcounterError(
    "program-failed",
    "The program waits for a promise that is never settled",
    { remedy: "settle it, or return without it" },
  );
}

/** What a console shows of the values that it was given. */
function printed(values: unknown): string {
  const shown = Array.isArray(values) ? values.map(fieldsOf) : [];
  return shown.map(({ value, description }) => String(value ?? description)).join(" ");
}

/** What was thrown, in one line. */
function describe(details: unknown): string {
  const { text, exception } = fieldsOf(details);
  const thrown = fieldsOf(exception);
  const [first = ""] = (textOf(thrown["description"]) ?? "").split("\n");
  return first || String(thrown["value"] ?? text ?? "an error");
}
