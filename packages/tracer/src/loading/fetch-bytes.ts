import { grouped, OpcounterError, reasonOf } from "@opcounter/ir/core";

/** How a fetch is bounded. */
export interface FetchBounds {
  /** The most bytes that a body may have. */
  readonly maxBytes: number;
  /** How long a server may be silent, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the fetch, when something else has failed. */
  readonly signal: AbortSignal;
}

/** What was fetched, and the address that it came from after redirects. */
export interface Fetched {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly address: string;
}

/**
 * Fetches an http(s) address. The runtime follows 20 redirects at most.
 *
 * @throws OpcounterError where it cannot be fetched whole, where the server falls silent, and where
 *   the body is longer than it may be: no more than that is kept.
 */
export async function fetchBytes(address: string, bounds: FetchBounds): Promise<Fetched> {
  const silence = new Silence(bounds.timeoutMs);
  const signal = AbortSignal.any([silence.signal, bounds.signal]);
  try {
    const response = await fetch(address, { signal });
    silence.restart();
    if (!response.ok) {
      throw failed(address, `the server answered ${response.status} ${response.statusText}`.trim());
    }
    const declared = Number(response.headers.get("content-length") ?? 0);
    if (declared > bounds.maxBytes) throw tooLong(address, bounds.maxBytes);
    const bytes = await bodyOf(response, address, bounds.maxBytes, silence);
    return { bytes, address: response.url || address };
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    if (silence.signal.aborted) {
      const seconds = grouped(bounds.timeoutMs / 1000);
      throw new OpcounterError(
        "fetch-failed",
        `${address} cannot be fetched: the server was silent for ${seconds} s`,
        { remedy: "try again, or wait longer with { timeoutMs: 120000 }", cause: error },
      );
    }
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw failed(address, reasonOf(cause), error);
  } finally {
    silence.end();
  }
}

async function bodyOf(
  response: Response,
  address: string,
  maxBytes: number,
  silence: Silence,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) break;
    silence.restart();
    length += next.value.length;
    if (length > maxBytes) {
      await reader?.cancel();
      throw tooLong(address, maxBytes);
    }
    parts.push(next.value);
  }
  return concatenate(parts);
}

/** A signal that comes once nothing has happened for a time. */
class Silence {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout>;

  constructor(private readonly milliseconds: number) {
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start() {
    return setTimeout(() => this.#controller.abort(), this.milliseconds);
  }
}

/** The parts, one after the other. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function failed(address: string, reason: string, cause?: unknown): OpcounterError {
  return new OpcounterError("fetch-failed", `${address} cannot be fetched: ${reason}.`, { cause });
}

/** The error of a file or body that is longer than it may be. */
export function tooLong(location: string, maxBytes: number): OpcounterError {
  return new OpcounterError(
    "file-too-large",
    `${location} holds more than ${grouped(maxBytes)} bytes, the most that is read of it`,
    { remedy: "if that is right, allow more with { maxBytes }" },
  );
}
