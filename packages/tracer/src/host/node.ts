import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openDawn } from "./dawn.ts";
import { readBeside, readBounded } from "./files.ts";
import type { Host } from "./host.ts";
import { resolveOptional } from "./optional-package.ts";

export { cacheFolder, homeFolder } from "./cache-folder.ts";

const WASM = "@tensorflow/tfjs-backend-wasm";

/** Device nodes of GPUs on Linux. */
const GPU_NODES = ["/dev/dri", "/dev/nvidia0", "/dev/dxg"];

/** In code that a program started its store is that program's own. */
const programs = new AsyncLocalStorage<object>();
let current: object = {};
/** Whether the current program runs, and has not awaited since it was found to be the current one. */
let isNow = false;

/** Node, and other runtimes outside a browser that are compatible with it. */
export const host: Host = {
  asyncContext: {
    async start(program) {
      current = {};
      try {
        return await programs.run(current, program);
      } finally {
        // Up to Node 23, each await of the process takes three times as long while one is followed.
        programs.disable();
      }
    },
    run: (body) => programs.run(current, body),
    now(body) {
      const before = isNow;
      isNow = true;
      try {
        return body();
      } finally {
        isNow = before;
      }
    },
    isInside: () => isNow || programs.getStore() === current,
  },

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

  readFile: readBounded,

  readBeside,
};
