import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openDawn } from "./dawn.ts";
import { readBeside, readBounded } from "./files.ts";
import type { Host } from "./host.ts";
import { resolveOptional } from "./optional-package.ts";

export { cacheFolder } from "./cache-folder.ts";

/** Device nodes of GPUs on Linux. */
const GPU_NODES = ["/dev/dri", "/dev/nvidia0", "/dev/dxg"];

/** Node, and other programs that run JavaScript outside a browser as Node does. */
export const host: Host = {
  // Without a device node Dawn would load its native module only to warn that there is no driver.
  mayHaveGpu: () => process.platform !== "linux" || GPU_NODES.some((node) => existsSync(node)),

  openGpu: openDawn,

  async importWasm() {
    const file = resolveOptional("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm");
    if (file === undefined) return undefined;
    // By its plain name, so that it comes with the copy of tfjs-core that the program has.
    const { setWasmPaths, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
    const dist = dirname(file);
    const { version } = JSON.parse(await readFile(join(dist, "..", "package.json"), "utf8"));
    // The command line carries the code, and finds the .wasm files of whatever is installed.
    return version === version_wasm ? { setWasmPaths, folder: join(dist, "/") } : undefined;
  },

  // Emscripten's listeners throw errors again that nobody caught, which ends programs that listen
  // for such errors themselves.
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
