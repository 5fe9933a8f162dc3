import { grouped, OpcounterError } from "@opcounter/ir/core";
import { host } from "#host";
import { type ReadBound, tooLarge } from "../host/host.ts";
import { checkTimeout, type WorkOptions } from "../session/abort.ts";
import { fetchBytes } from "./fetch-bytes.ts";

/** How reading a model is bounded. */
export interface ReadOptions extends WorkOptions {
  /**
   * The most bytes that one file of a model may have; 4 GiB if left out. Where weight files are not
   * read, also the most that all weights may have; 640 MiB if left out.
   */
  readonly maxBytes?: number;
  /** How long a server may be silent, in seconds; 30 if left out. */
  readonly timeout?: number;
  /** Hosts, such as "cdn.example.com", that the manifest may name weight files at. */
  readonly allowHost?: readonly string[];
  /**
   * The model's files by name, where they lie at no path or address, such as those that a person
   * dropped on a page. A manifest may name them in folders; the name alone counts.
   */
  readonly files?: ReadonlyMap<string, Blob>;
}

const MOST_BYTES = 2 ** 32;
/** 160 million float32: more than VGG-19 has. */
const MOST_ZEROS = 640 * 2 ** 20;
const TIMEOUT = 30;
/** A model.json is read as one string, and engines have none that is longer. */
const MOST_TEXT = 2 ** 29 - 24;

/** Where the files of one model come from. */
export interface ModelFiles {
  /** The text of the model.json. */
  manifest(): Promise<string>;
  /**
   * The bytes of a file that the manifest names.
   *
   * @param mostBytes the most that it may hold, where that is known.
   * @throws OpcounterError where it is elsewhere, cannot be read, or is too long.
   */
  file(path: string, mostBytes?: number): Promise<Uint8Array>;
  /**
   * Zeros in the place of a file's bytes. A few words of a manifest can ask for any number of them,
   * so all of a model together are bounded, and by less than its files.
   *
   * @throws OpcounterError "file-too-large".
   */
  zeros(bytes: number): Uint8Array<ArrayBuffer>;
}

/**
 * The files of one model: its manifest, and those that the manifest names, which lie in the same
 * folder, or at the same host below the same path.
 */
export class ModelSource implements ModelFiles {
  readonly #maxBytes: number;
  readonly #mostZeros: number;
  readonly #timeout: number;
  readonly #allowHost: readonly string[];
  readonly #files: ReadOptions["files"];
  readonly #controller = new AbortController();
  /** Rejects when the user's signal aborts. One listener is enough for all files at once. */
  readonly #aborted: Promise<never> | undefined;
  #forget = () => {};
  readonly #onProgress: WorkOptions["onProgress"];
  #bytesRead = 0;
  /** How many bytes of zeros were made. */
  #zeros = 0;
  /** Where the manifest came from, after redirects. */
  #manifest: string;

  constructor(
    private readonly location: string,
    { maxBytes, timeout = TIMEOUT, allowHost = [], files, signal, onProgress }: ReadOptions,
  ) {
    checkTimeout(timeout);
    this.#aborted = signal && this.#abortOf(signal);
    this.#onProgress = onProgress;
    this.#maxBytes = maxBytes ?? MOST_BYTES;
    this.#mostZeros = maxBytes ?? MOST_ZEROS;
    this.#timeout = timeout;
    this.#allowHost = allowHost;
    this.#files = files;
    this.#manifest = location;
  }

  async manifest(): Promise<string> {
    const most = this.#bound(MOST_TEXT);
    if (this.#files !== undefined || !isAddress(this.location)) {
      const reading =
        this.#files === undefined
          ? host.readFile(this.location, most)
          : readAmong(this.#files, this.location, most);
      return new TextDecoder().decode(await this.#whole(reading));
    }
    const { bytes, address } = await this.#fetch(this.location, most);
    this.#manifest = address;
    return new TextDecoder().decode(bytes);
  }

  async file(path: string, mostBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    const most = this.#bound(mostBytes);
    if (this.#files !== undefined) return this.#whole(readAmong(this.#files, path, most));
    if (!isAddress(this.#manifest)) return this.#whole(host.readBeside(this.location, path, most));
    return (await this.#fetch(this.#addressOf(path), most)).bytes;
  }

  /** Waits for a file that is read in one piece. */
  async #whole(reading: Promise<Uint8Array>): Promise<Uint8Array> {
    const bytes = await this.#orAbort(reading);
    this.#onBytes(bytes.length);
    return bytes;
  }

  #abortOf(signal: AbortSignal): Promise<never> {
    const aborted = new Promise<never>((_, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort);
      this.#forget = () => signal.removeEventListener("abort", abort);
    });
    // It may come when no file is read.
    aborted.catch(() => undefined);
    return aborted;
  }

  /** Waits until the user's signal aborts. What is fetched ends with `close`. */
  #orAbort<T>(reading: Promise<T>): Promise<T> {
    return this.#aborted === undefined ? reading : Promise.race([this.#aborted, reading]);
  }

  readonly #onBytes = (more: number) => {
    this.#bytesRead += more;
    this.#onProgress?.({ step: "load", done: this.#bytesRead });
  };

  zeros(bytes: number): Uint8Array<ArrayBuffer> {
    this.#zeros += bytes;
    const { bytes: most, remedy } = this.#bound(Number.POSITIVE_INFINITY, this.#mostZeros);
    if (this.#zeros > most) {
      throw new OpcounterError(
        "file-too-large",
        `${this.location} declares weights of more than ${grouped(most)} bytes, the most that zeros are made for`,
        { remedy },
      );
    }
    return new Uint8Array(bytes);
  }

  /** Ends what is still being fetched, and hears of the user's signal no more. */
  close(): void {
    this.#forget();
    this.#controller.abort();
  }

  /** @param ofFile what a file of its kind can hold at most. */
  #bound(ofFile: number, most = this.#maxBytes): ReadBound {
    return ofFile < most
      ? { bytes: ofFile, remedy: "fetch or convert the model again" }
      : {
          bytes: most,
          remedy: `if that is right, allow more, such as { maxBytes: ${4 * most} }`,
        };
  }

  #fetch(address: string, most: ReadBound) {
    const { signal } = this.#controller;
    const bounds = { most, timeout: this.#timeout, signal, onBytes: this.#onBytes };
    return this.#orAbort(fetchBytes(address, bounds));
  }

  /**
   * The address of a file, with the manifest's query where it has none of its own, as TensorFlow.js
   * does it: buckets want their token with each file.
   */
  #addressOf(path: string): string {
    const manifest = new URL(this.#manifest);
    let url: URL;
    try {
      url = new URL(path, manifest);
    } catch {
      throw outside(this.location, path, "is no address");
    }
    if (url.origin !== manifest.origin) {
      if (this.#allowHost.includes(url.host) && isAddress(url.href)) return url.href;
      throw outside(this.location, path, `is at another host than the model`, {
        remedy: `if you trust it, allow it with { allowHost: ["${url.host}"] }`,
      });
    }
    const folder = manifest.pathname.replace(/[^/]*$/, "");
    if (!url.pathname.startsWith(folder)) {
      throw outside(this.location, path, "is not in the model's folder");
    }
    if (url.search === "") url.search = manifest.search;
    return url.href;
  }
}

/** @throws OpcounterError "file-not-found" or "file-too-large". */
async function readAmong(
  files: ReadonlyMap<string, Blob>,
  path: string,
  most: ReadBound,
): Promise<Uint8Array> {
  const name = path.replace(/^.*\//, "");
  const file = files.get(name);
  if (file === undefined) {
    const sentence = `${name} is not among the files of the model`;
    throw new OpcounterError("file-not-found", sentence, { remedy: "add it" });
  }
  if (file.size > most.bytes) throw tooLarge(name, most);
  return new Uint8Array(await file.arrayBuffer());
}

function outside(
  location: string,
  path: string,
  what: string,
  options: { remedy?: string } = {},
): OpcounterError {
  return new OpcounterError(
    "path-outside-model",
    `${location} names the weight file "${path}", which ${what}`,
    { remedy: "put it beside the model.json", ...options },
  );
}

function isAddress(location: string): boolean {
  return /^https?:\/\//i.test(location);
}
