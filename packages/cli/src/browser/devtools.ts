import type { Readable, Writable } from "node:stream";

/** An object of the protocol. What is in it is read with care. */
export type Fields = Readonly<Record<string, unknown>>;

/** What the browser tells unasked. */
export interface DevToolsEvent {
  readonly method: string;
  readonly params: Fields;
  /** Of which page; undefined for the browser itself. */
  readonly sessionId: string | undefined;
}

interface Waiting {
  readonly resolve: (result: Fields) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A client of the Chrome DevTools Protocol over the two pipes of `--remote-debugging-pipe`. Unlike a
 * WebSocket it opens no port that other programs could use, and the browser ends when this process
 * does. Messages are JSON, and a NUL ends each.
 */
export class DevTools {
  readonly #commands: Writable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: DevToolsEvent) => void>();
  #lastId = 0;
  #parts: string[] = [];
  #failed: Error | undefined;

  /**
   * @param commands what the browser reads from.
   * @param answers what the browser writes to.
   */
  constructor(commands: Writable, answers: Readable) {
    this.#commands = commands;
    // A browser that has ended is told by its process.
    commands.on("error", () => undefined);
    answers.on("error", () => undefined);
    answers.setEncoding("utf8");
    answers.on("data", (text: string) => this.#read(text));
  }

  /**
   * Sends a command.
   *
   * @param sessionId the page that it is for; the browser itself where it is left out.
   * @throws Error with what the browser says of a command that failed, or that `fail` was given.
   */
  send(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** Calls a listener with all that the browser tells; returns what ends that. */
  listen(listener: (event: DevToolsEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets all that waits for the browser fail, now and later. */
  fail(error: Error): void {
    this.#failed ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failed);
    this.#waiting.clear();
  }

  #read(text: string): void {
    const [rest = "", ...others] = text.split("\0");
    this.#parts.push(rest);
    for (const next of others) {
      this.#handle(JSON.parse(this.#parts.join("")));
      this.#parts = [next];
    }
  }

  #handle(message: Fields): void {
    const { id, method, params, sessionId, result, error } = message;
    if (typeof method === "string") {
      const event = { method, params: fieldsOf(params), sessionId: textOf(sessionId) };
      for (const listener of this.#listeners) listener(event);
      return;
    }
    const waiting = typeof id === "number" ? this.#waiting.get(id) : undefined;
    if (typeof id !== "number" || waiting === undefined) return;
    this.#waiting.delete(id);
    if (error === undefined) waiting.resolve(fieldsOf(result));
    else waiting.reject(new Error(textOf(fieldsOf(error)["message"]) ?? "a command failed"));
  }
}

/** A value of the protocol as an object; empty where it is none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** A value of the protocol as a string; undefined where it is none. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
