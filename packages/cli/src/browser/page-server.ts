import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { failureOf } from "./protocol.ts";

/** What gives the bytes of a file, by the query of its address. */
export type FileMaker = (query: URLSearchParams) => Promise<Uint8Array | string>;

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/**
 * Serves files to a page. Only this machine reaches the server, and of its programs only those that
 * know the addresses, which have a random part.
 */
export class PageServer {
  readonly #files = new Map<string, FileMaker>();
  readonly #server: Server;
  readonly #folder = randomBytes(16).toString("hex");

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  static async start(): Promise<PageServer> {
    const server = new PageServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  /** Serves a file; returns its address. */
  add(name: string, make: FileMaker): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    const path = `/${this.#folder}/${name}`;
    this.#files.set(path, make);
    return `http://127.0.0.1:${address.port}${path}`;
  }

  end(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer({ url = "/" }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(url, "http://127.0.0.1");
    const make = this.#files.get(pathname);
    if (make === undefined) return void response.writeHead(404).end();
    try {
      const content = await make(searchParams);
      const ending = pathname.split(".").at(-1) ?? "";
      response.writeHead(200, {
        "content-type": TYPES[ending] ?? "application/octet-stream",
        "content-length": Buffer.byteLength(content),
        // A page that is isolated from others has finer clocks.
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "credentialless",
      });
      response.end(content);
    } catch (error) {
      response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify(failureOf(error)));
    }
  }
}
