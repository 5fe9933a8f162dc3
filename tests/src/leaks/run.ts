import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { openPage } from "../browser/chromium.ts";
import type { Growth } from "./growth.ts";

export type GrowthByProgram = Readonly<Record<string, Growth>>;

/** V8 keeps what it compiles of code that runs often, which is no leak; so it compiles nothing. */
const V8_FLAGS = ["--expose-gc", "--no-opt", "--no-sparkplug", "--no-flush-bytecode"];

/** What has Node run TypeScript. */
const TYPESCRIPT = new URL("../../../scripts/typescript.mjs", import.meta.url).href;

const pathOf = (source: string) => fileURLToPath(new URL(source, import.meta.url));

/** What many traces leave in Node, in a process of its own. */
export function leaksInNode(times: number): Promise<GrowthByProgram> {
  const child = fork(pathOf("in-node.ts"), [String(times)], {
    execArgv: [...V8_FLAGS, "--conditions=opcounter-source", "--import", TYPESCRIPT],
  });
  return new Promise((resolve, reject) => {
    // Sound: it sends this and nothing else.
    child.once("message", (found) => resolve(found as GrowthByProgram));
    child.once("exit", (status) => reject(new Error(`it ended with status ${status}`)));
  });
}

/** What many traces leave in a page of Chromium, on its software GPU. */
export async function leaksInChromium(times: number): Promise<GrowthByProgram> {
  const { outputFiles } = await build({
    entryPoints: [pathOf("in-page.ts")],
    ...{ bundle: true, write: false, platform: "browser", format: "esm", logLevel: "error" },
    conditions: ["opcounter-source"],
  });
  const found = await openPage({
    files: { "script.js": outputFiles[0]?.text ?? "", "times.txt": String(times) },
    flags: [`--js-flags=${V8_FLAGS.join(" ")}`, "--enable-precise-memory-info"],
    timeout: 60_000 + 3_000 * times,
  });
  // Sound: the page posts this and nothing else.
  return found as GrowthByProgram;
}
