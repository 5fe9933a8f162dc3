import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { extname, join, normalize } from "node:path";

/** Contents by path, or a folder on disk. */
export type Files = string | Readonly<Record<string, string | Uint8Array>>;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
};

export interface PageServer {
  /** The port, which only this machine reaches. */
  readonly port: number;
  /** What the page posts to `/result`; rejects with what it posts to `/error`. */
  readonly posted: Promise<unknown>;
  readonly close: () => void;
}

/** Serves a page on a free port of this machine, and waits for what it posts. */
export async function servePage(files: Files, script = "script.js"): Promise<PageServer> {
  const { promise, handle } = mailbox();
  const server = createServer((request, response) => {
    if (request.method === "POST") return void handle(request).then(() => response.end());
    const path = pathOf(request) || "index.html";
    const content = contentOf(files, path) ?? (path === "index.html" ? html(script) : undefined);
    if (content === undefined) return void response.writeHead(404).end();
    response.setHeader("content-type", CONTENT_TYPES[extname(path)] ?? "application/octet-stream");
    response.end(content);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    port: address.port,
    posted: promise,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Takes what the page posts: a result, or an error that was uncaught in it. */
function mailbox() {
  let handle = async (_: IncomingMessage): Promise<void> => undefined;
  const promise = new Promise<unknown>((resolve, reject) => {
    handle = async (request) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString("utf8");
      if (pathOf(request) === "result") resolve(JSON.parse(body));
      else reject(new Error(`in the page: ${body}`));
    };
  });
  // The browser may end before anyone waits for the page.
  promise.catch(() => undefined);
  return { promise, handle };
}

function pathOf({ url }: IncomingMessage): string {
  return new URL(url ?? "/", "http://localhost").pathname.slice(1);
}

function contentOf(files: Files, path: string): string | Uint8Array | undefined {
  if (typeof files !== "string") return Object.hasOwn(files, path) ? files[path] : undefined;
  const file = join(files, normalize(`/${path}`));
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
}

/** A page that runs one module and posts what goes wrong in it. */
function html(script: string): string {
  return `<!doctype html>
<link rel="icon" href="data:,">
<script>
  const fail = (error) => fetch("/error", { method: "POST", body: String(error?.stack ?? error) });
  addEventListener("error", ({ error, message }) => fail(error ?? message));
  addEventListener("unhandledrejection", ({ reason }) => fail(reason));
</script>
<script type="module" src="/${script}"></script>
`;
}
