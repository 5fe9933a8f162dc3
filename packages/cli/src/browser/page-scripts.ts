import { setTimeout } from "node:timers/promises";
import { counted, OpcounterError } from "@opcounter/ir";
import type { BrowserPage } from "./browser-page.ts";
import { type DevToolsEvent, type Fields, fieldsOf, textOf } from "./devtools.ts";
import { inTime } from "./in-time.ts";

/** How often a script that a new worker cannot run yet is tried again, and after what pause. */
const TRIES = 100;
const PAUSE_MS = 10;

/** A global scope: that of the page, a frame or a worker. */
interface Scope {
  readonly session: string;
  readonly id: number;
}

/** What the scopes of a page answer. */
export interface ScopeAnswers {
  /** Of the scopes that have one. */
  readonly values: readonly unknown[];
  /** Why the others may be all that matters; undefined where each answered. */
  readonly late: OpcounterError | undefined;
  /** What the reader should know of workers and frames that did not answer. */
  readonly notes: readonly string[];
}

/**
 * A script that runs in a page, in its frames and in their workers, before their own scripts do.
 * Workers and frames of other sites are targets of their own, which wait until they are let run.
 */
export class PageScripts {
  readonly #page: BrowserPage;
  readonly #script: string;
  readonly #scopes = new Map<string, Scope>();

  private constructor(page: BrowserPage, script: string) {
    this.#page = page;
    this.#script = script;
  }

  /** To be called before the page goes anywhere. */
  static async add(page: BrowserPage, script: string): Promise<PageScripts> {
    const scripts = new PageScripts(page, script);
    page.listen((event) => scripts.#handle(event));
    await scripts.#prepare(page.session);
    return scripts;
  }

  /**
   * Evaluates an expression in every scope that is there: the page's first, then as they came.
   *
   * @param timeout how long a scope may take, in seconds.
   * @throws OpcounterError "device-unavailable" where one of the page itself takes longer.
   */
  async evaluate(expression: string, timeout: number): Promise<ScopeAnswers> {
    const late = () => {
      const sentence = `The page does not answer within ${counted(timeout, "second")}`;
      return new OpcounterError("device-unavailable", sentence, {
        remedy: "a script of it may run without an end; wait longer with --timeout 120",
      });
    };
    let silent = 0;
    const asked = [...this.#scopes.values()].map(async ({ session, id }): Promise<Fields> => {
      const params = { expression, contextId: id, returnByValue: true };
      const answer = this.#page
        .send("Runtime.evaluate", params, session)
        // A scope may end meanwhile.
        .catch((): Fields => ({}));
      try {
        return await inTime(answer, timeout, late);
      } catch (error) {
        if (session === this.#page.session) throw error;
        // Threads of wasm wait for work in a way that nothing interrupts.
        silent++;
        return {};
      }
    });
    const answers = await Promise.all(asked);
    const values = answers
      .map(({ result }) => fieldsOf(result)["value"])
      .filter((value) => value != null);
    if (silent === 0) return { values, late: undefined, notes: [] };
    const who = counted(silent, "worker or frame", "workers or frames");
    const what = `${who} of the page gave no answer within ${counted(timeout, "second")}`;
    return { values, late: late(), notes: [`${what}: what runs there is not recorded.`] };
  }

  async #prepare(session: string): Promise<void> {
    const send = (method: string, params: Fields = {}) => this.#page.send(method, params, session);
    await send("Page.addScriptToEvaluateOnNewDocument", { source: this.#script });
    await this.#attachWithin(session);
  }

  #attachWithin(session: string): Promise<Fields> {
    const how = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true };
    return this.#page.send("Target.setAutoAttach", how, session);
  }

  #handle({ method, params, sessionId = "" }: DevToolsEvent): void {
    const scopeOf = (id: unknown) => `${sessionId} ${String(id)}`;
    switch (method) {
      case "Target.attachedToTarget":
        // One that has ended meanwhile does not answer.
        this.#attached(params).catch(() => undefined);
        break;
      case "Target.detachedFromTarget":
        this.#forget(textOf(params["sessionId"]));
        break;
      case "Runtime.executionContextCreated": {
        const { id } = fieldsOf(params["context"]);
        this.#scopes.set(scopeOf(id), { session: sessionId, id: Number(id) });
        break;
      }
      case "Runtime.executionContextDestroyed":
        this.#scopes.delete(scopeOf(params["executionContextId"]));
        break;
      case "Runtime.executionContextsCleared":
        this.#forget(sessionId);
    }
  }

  async #attached(params: Fields): Promise<void> {
    const session = textOf(params["sessionId"]) ?? "";
    const type = textOf(fieldsOf(params["targetInfo"])["type"]);
    const send = (method: string, given: Fields = {}) => this.#page.send(method, given, session);
    const isFrame = type === "iframe";
    // All of these are sent before it is let run, in this order.
    const preparing = isFrame
      ? [send("Page.enable"), this.#prepare(session), send("Runtime.enable")]
      : [send("Runtime.enable"), this.#attachWithin(session)];
    const evaluate = () => send("Runtime.evaluate", { expression: this.#script });
    const evaluated = isFrame ? undefined : evaluate();
    await Promise.all([...preparing, evaluated, send("Runtime.runIfWaitingForDebugger")]);
    // A worker that waits has no timers yet, nor in the first moments after it is let run.
    let answer = await evaluated;
    for (let time = 0; time < TRIES && answer?.["exceptionDetails"] !== undefined; time++) {
      await setTimeout(PAUSE_MS);
      answer = await evaluate();
    }
  }

  #forget(session: string | undefined): void {
    for (const [key, scope] of this.#scopes) {
      if (scope.session === session) this.#scopes.delete(key);
    }
  }
}
