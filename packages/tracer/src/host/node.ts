import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OpcounterError, reasonOf } from "@opcounter/ir/core";
import { openDawn } from "./dawn.ts";
import type { Host } from "./host.ts";
import { resolveOptional } from "./optional-package.ts";

export { cacheFolder } from "./cache-folder.ts";

const WASM = "@tensorflow/tfjs-backend-wasm";

/** Device nodes of GPUs on Linux. */
const GPU_NODES = ["/dev/dri", "/dev/nvidia0", "/dev/dxg"];

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  ERR_INVALID_ARG_VALUE: "no file name has such characters",
};

/** Node, and other runtimes outside a browser that are compatible with it. */
export const host: Host = {
  // Without a device node, Dawn would load its native module and then warn that there is no driver.
  mayHaveGpu: () => process.platform !== "linux" || GPU_NODES.some((node) => existsSync(node)),

  openGpu: openDawn,

  async importWasm() {
    const file = resolveOptional(`${WASM}/dist/tfjs-backend-wasm.wasm`);
    if (file === undefined) return undefined;
    // Imported by name, so that it uses the program's copy of tfjs-core.
    const { setWasmPaths, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
    const dist = dirname(file);
    const { version } = JSON.parse(await readFile(join(dist, "..", "package.json"), "utf8"));
    // The command line bundles the code, but uses the .wasm files of the installed package.
    return version === version_wasm ? { setWasmPaths, folder: join(dist, "/") } : undefined;
  },

  wasmPackage: WASM,

  // Emscripten adds listeners that throw uncaught errors again. They would end a program that
  // handles uncaught errors itself.
  async withoutListeners(make) {
    const emitter: NodeJS.EventEmitter = process;
    const listeners = () =>
      ["uncaughtException", "unhandledRejection"].flatMap((event) =>
        emitter.listeners(event).map((listener) => [event, listener] as const),
      );
    const before = new Set(listeners().map(([, listener]) => listener));
    try {
      return await make();
    } finally {
      for (const [event, listener] of listeners()) {
        if (!before.has(listener)) Reflect.apply(emitter.off, emitter, [event, listener]);
      }
    }
  },

  async readFile(path) {
    try {
      return await readFile(path);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      const known = typeof code === "string" ? UNREADABLE[code] : undefined;
      throw new OpcounterError(
        code === "ENOENT" ? "file-not-found" : "file-unreadable",
        `${path} cannot be read: ${known ?? reasonOf(error)}.`,
      );
    }
  },
};
