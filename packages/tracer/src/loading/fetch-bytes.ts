import { counted, OpcounterError, reasonOf } from "@opcounter/ir/core";
import { type ReadBound, tooLarge } from "../host/host.ts";

/** How a fetch is bounded. */
export interface FetchBounds {
  readonly most: ReadBound;
  /** How long a server may be silent, in seconds. */
  readonly timeout: number;
  /** Ends the fetch, when something else has failed. */
  readonly signal: AbortSignal;
  /** Told of each part that comes, with its bytes. */
  readonly onBytes: (bytes: number) => void;
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
  const silence = new Silence(1000 * bounds.timeout);
  const signal = AbortSignal.any([silence.signal, bounds.signal]);
  try {
    const response = await fetch(address, { signal });
    silence.restart();
    if (response.status === 404) {
      throw new OpcounterError(
        "file-not-found",
        `${address} cannot be fetched: the server has no such file.`,
      );
    }
    if (!response.ok) {
      throw failed(address, `the server answered ${response.status} ${response.statusText}`.trim());
    }
    const declared = Number(response.headers.get("content-length") ?? 0);
    if (declared > bounds.most.bytes) throw tooLarge(address, bounds.most);
    const bytes = await bodyOf(response, address, bounds, silence);
    return { bytes, address: response.url || address };
  } catch (error) {
    if (error instanceof OpcounterError) throw error;
    if (silence.signal.aborted) {
      throw new OpcounterError(
        "fetch-failed",
        `${address} cannot be fetched: the server was silent for ${counted(bounds.timeout, "second")}`,
        { remedy: "try again, or wait longer with { timeout: 120 }", cause: error },
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
  { most, onBytes }: FetchBounds,
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
    if (length > most.bytes) {
      await reader?.cancel();
      throw tooLarge(address, most);
    }
    parts.push(next.value);
    onBytes(next.value.length);
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
  const [only] = parts;
  // One part that is all of its buffer is what is wanted: weights can be of gigabytes.
  if (parts.length === 1 && only?.buffer instanceof ArrayBuffer) {
    if (only.length === only.buffer.byteLength) return new Uint8Array(only.buffer);
  }
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
