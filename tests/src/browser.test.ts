import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { TimesReport } from "@opcounter/counters";
import { expect } from "chai";
import { build } from "esbuild";
import { temporaryFolder } from "./command-line.ts";

/** Where Debian, Ubuntu and Chrome's own package put the browser. */
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** WebGPU on SwiftShader, in a browser without a window that asks nothing of the network. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Opens a page in headless Chromium that runs the script; resolves to what it posts. */
async function runInBrowser(script: string): Promise<unknown> {
  const browser = process.env["CHROMIUM"] ?? BROWSERS.find((path) => existsSync(path));
  if (browser === undefined) {
    throw new Error("no Chromium is here; apt-get install chromium, or name one in CHROMIUM");
  }
  const profile = temporaryFolder();
  let finish: (text: string) => void = () => undefined;
  const posted = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const server = createServer((request, response) => {
    if (request.url === "/script.js") {
      response.setHeader("content-type", "text/javascript").end(script);
    } else if (request.url === "/result") {
      let body = "";
      request.on("data", (chunk) => {
        body += String(chunk);
      });
      request.on("end", () => {
        response.end();
        finish(body);
      });
    } else {
      response.setHeader("content-type", "text/html");
      response.end('<!doctype html><script type="module" src="/script.js"></script>');
    }
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/`;
  const child = spawn(browser, [...FLAGS, `--user-data-dir=${profile.path}`, address], {
    stdio: "ignore",
  });
  const died = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => reject(new Error(`${browser} ended with status ${status}`)));
  });
  try {
    return JSON.parse(await Promise.race([posted, died]));
  } finally {
    died.catch(() => undefined);
    child.kill();
    await new Promise((resolve) => child.once("exit", resolve));
    server.close();
    await eventually(profile.remove);
  }
}

/** Tries until it works: a browser that was ended goes on writing for a moment. */
async function eventually(act: () => void, tries = 50): Promise<void> {
  for (let left = tries; ; left--) {
    try {
      act();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

describe("in a browser", () => {
  it("profiles on the virtual and on the page's device, and leaves tfjs as it was", async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("browser-page.ts", import.meta.url))],
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      conditions: ["opcounter-source"],
      // Reached only where there is no navigator.gpu.
      external: ["node:*", "webgpu"],
      logLevel: "error",
    });
    const result = await runInBrowser(outputFiles[0]?.text ?? "");
    const error: unknown = Reflect.get(Object(result), "error");
    if (error !== undefined) throw new Error(`in the page: ${String(error)}`);
    expect(result).to.include({
      macs: 14 * 14 * 27 * 8 + 8 * 4,
      params: 27 * 8 + 8 + 8 * 4 + 4,
      unchanged: true,
      backend: "cpu",
    });
    expect(result).to.have.deep.property("devices", ["virtual", "software"]);
    expect(result).to.have.deep.property("reading", ["BatchMatMul", "Relu"]);
    const { virtual, gpu } = result as { virtual: unknown; gpu: unknown };
    expect(gpu).to.deep.equal(virtual);
    const { times, timedMs } = result as { times: TimesReport; timedMs: number | null };
    // The flag that this Chromium is run with lets it take fine timestamps.
    expect(times).to.include({ runs: 12, clockStepNs: null, unmeasured: 0 });
    expect(timedMs).to.be.greaterThan(0);
    expect(timedMs).to.be.at.most(times.wallMs);
  });
});
