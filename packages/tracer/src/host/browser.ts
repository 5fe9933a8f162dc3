import { OpcounterError } from "@opcounter/ir/core";
import type { Host } from "./host.ts";

/** A page or a worker. Its WebGPU is `navigator.gpu`; its files have addresses. */
export const host: Host = {
  asyncContext: undefined,

  mayHaveGpu: () => true,

  async openGpu(name) {
    throw new OpcounterError(
      "device-unavailable",
      `Device "${name}" needs WebGPU, which this page does not have`,
      { remedy: 'use { device: "virtual" }, which needs none' },
    );
  },

  importWasm: async () => undefined,

  wasmPackage: undefined,

  withoutListeners: (make) => make(),

  readFile: refuseFile,

  readBeside: refuseFile,
};

async function refuseFile(path: string): Promise<never> {
  throw new OpcounterError("file-unreadable", `${path} cannot be read in a browser`, {
    remedy: "give an http(s) address",
  });
}
