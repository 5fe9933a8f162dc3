import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { temporaryFolder } from "../command-line.ts";
import { type Files, servePage } from "./server.ts";

/** A headless browser that asks nothing of the network. */
const FLAGS = [
  "--headless=shell",
  "--no-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a page finds of WebGPU. */
export type WebGpu =
  /** SwiftShader, with fine timestamps. */
  | "software"
  /** `navigator.gpu`, whose `requestAdapter` gives null. */
  | "no adapter"
  /** No `navigator.gpu`, in a page or a worker. */
  | "absent";

/**
 * Flags by which the browser's WebGPU computes in software, also where there is a GPU. Those for GL
 * give it canvases on WebGPU, by which TensorFlow.js reads synchronously.
 */
export const SOFTWARE_FLAGS = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-gl=angle",
  "--use-angle=swiftshader",
];

const WEBGPU_FLAGS: Readonly<Record<WebGpu, readonly string[]>> = {
  software: SOFTWARE_FLAGS,
  "no adapter": [],
  // Chromium has no flag for it. WebGPU needs a secure context, which this name over http is not.
  absent: ["--host-resolver-rules=MAP insecure.test 127.0.0.1"],
};

export interface Page {
  /**
   * What the page's server gives: the contents by path, such as `{ "script.js": "…" }`, or a folder
   * on disk, such as a bundler's output. Without an `index.html`, one that loads `script` is added.
   */
  readonly files: Files;
  /** The module that the added `index.html` loads. Default: `script.js`. */
  readonly script?: string;
  /** What the page finds of WebGPU. Default: `software`. */
  readonly webGpu?: WebGpu;
  /** More flags for the browser. */
  readonly flags?: readonly string[];
  /** How long the page may take to post, in milliseconds. Default: 60,000. */
  readonly timeout?: number;
}

/**
 * Opens a page in headless Chromium and resolves to what it posts: the page calls
 * `fetch("/result", { method: "POST", body: JSON.stringify(value) })`. The browser is the npm
 * package's, or the one that the environment variable `CHROMIUM` names.
 *
 * @throws Error where an error is uncaught in the page, the browser ends, or nothing is posted.
 */
export async function openPage(page: Page): Promise<unknown> {
  const { program, environment } = locateChromium();
  const profile = temporaryFolder();
  const { port, posted, close } = await servePage(page.files, page.script);
  const webGpu = page.webGpu ?? "software";
  const flags = [...FLAGS, ...WEBGPU_FLAGS[webGpu], ...(page.flags ?? [])];
  const host = webGpu === "absent" ? "insecure.test" : "127.0.0.1";
  const address = `http://${host}:${port}/`;
  const child = spawn(program, [...flags, `--user-data-dir=${profile.path}`, address], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    return await Promise.race([posted, failure(child, page.timeout ?? 60_000)]);
  } finally {
    await end(child);
    close();
    await eventually(profile.remove);
  }
}

/** Rejects where the browser ends by itself or takes too long, with what it last said. */
function failure(child: ChildProcess, timeout: number): Promise<never> {
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said = (said + String(chunk)).slice(-2_000);
  });
  const failed = new Promise<never>((_, reject) => {
    const fail = (what: string) => reject(new Error(`${what}; Chromium said:\n${said}`));
    child.once("error", reject);
    child.once("exit", (status) => fail(`Chromium ended with status ${status}`));
    setTimeout(() => fail(`the page posted nothing in ${timeout} ms`), timeout).unref();
  });
  failed.catch(() => undefined);
  return failed;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await ended;
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

export interface Chromium {
  readonly program: string;
  /** Variables that the browser's process needs. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The browser that `CHROMIUM` names, or the npm package's, unpacked once into the user's cache. */
export function locateChromium(): Chromium {
  const named = process.env["CHROMIUM"];
  if (named !== undefined) {
    if (!existsSync(named)) throw new Error(`CHROMIUM names ${named}, which is not there.`);
    return { program: named, environment: {} };
  }
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      "The npm package's Chromium runs on Linux x64 alone; name a Chromium or Chrome in CHROMIUM.",
    );
  }
  const folder = unpackChromium();
  // Amazon's libraries are there for systems that have none of their own, such as a container's.
  const libraries = [join(folder, "al2023", "lib"), process.env["LD_LIBRARY_PATH"]];
  return {
    program: join(folder, "chromium"),
    environment: {
      LD_LIBRARY_PATH: libraries.filter(Boolean).join(":"),
      FONTCONFIG_FILE: fontsFile(folder),
    },
  };
}

/**
 * Writes where the package's only font is and that it stands for every other: without any font, the
 * browser ends at the first input field. It also makes pages look the same on all machines.
 */
function fontsFile(folder: string): string {
  const file = join(folder, "fonts", "only-font.conf");
  const family =
    '<edit name="family" mode="assign" binding="same"><string>Open Sans</string></edit>';
  writeFileSync(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts", "fonts")}</dir>
  <cachedir>${join(folder, "fonts", "cache")}</cachedir>
  <match target="pattern">${family}</match>
</fontconfig>
`,
  );
  return file;
}

/**
 * Unpacks the npm package `@sparticuz/chromium` by its own code, which fills the folder for
 * temporary files; returns the folder.
 */
function unpackChromium(): string {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const root = fileURLToPath(new URL("../..", pathToFileURL(entry)));
  const { version } = createRequire(import.meta.url)(join(root, "package.json"));
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "opcounter", `chromium-${version}`);
  if (existsSync(folder)) return folder;
  // Unpacked beside and renamed, so that two processes never see half a browser.
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["-e", 'import("@sparticuz/chromium").then((chromium) => chromium.default.executablePath())'],
      {
        cwd: dirname(fileURLToPath(import.meta.url)),
        encoding: "utf8",
        // The package adds the system libraries where it takes itself to be in Amazon's cloud.
        env: { ...process.env, TMPDIR: partial, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" },
      },
    );
    if (status !== 0) throw new Error(`@sparticuz/chromium cannot be unpacked: ${stderr}`);
    renameSync(partial, folder);
  } catch (error) {
    // Another process may have been first.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}
