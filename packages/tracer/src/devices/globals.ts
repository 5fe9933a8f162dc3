import { own } from "../patches/patch.ts";
import { takeBack } from "../patches/undo.ts";

/**
 * The WebGPU names that tfjs's backend expects in the global scope. A browser has them. Elsewhere
 * opcounter defines them while a device is open.
 */

/** From the WebGPU specification, "GPUBufferUsage" and its like: fixed bit flags. */
export const FLAGS = {
  GPUBufferUsage: {
    MAP_READ: 0x1,
    MAP_WRITE: 0x2,
    COPY_SRC: 0x4,
    COPY_DST: 0x8,
    INDEX: 0x10,
    VERTEX: 0x20,
    UNIFORM: 0x40,
    STORAGE: 0x80,
    INDIRECT: 0x100,
    QUERY_RESOLVE: 0x200,
  },
  GPUMapMode: { READ: 0x1, WRITE: 0x2 },
  GPUShaderStage: { VERTEX: 0x1, FRAGMENT: 0x2, COMPUTE: 0x4 },
  GPUTextureUsage: {
    COPY_SRC: 0x1,
    COPY_DST: 0x2,
    TEXTURE_BINDING: 0x4,
    STORAGE_BINDING: 0x8,
    RENDER_ATTACHMENT: 0x10,
  },
} as const;

/** A class that an object is an instance of if it has this member. */
function classByMember(member: string): unknown {
  return class {
    static [Symbol.hasInstance](value: unknown): boolean {
      return typeof value === "object" && value !== null && member in value;
    }
  };
}

/** The names that opcounter defined. */
const installed: string[] = [];

/**
 * Defines the names that are missing. tfjs checks `instanceof GPUBuffer` and `instanceof
 * GPUTexture`. Several devices (virtual, Dawn) may be open at once, so the classes defined here
 * recognise the objects of all by a member.
 */
export function installGlobals(): void {
  const values = {
    ...FLAGS,
    GPUBuffer: classByMember("mapState"),
    GPUTexture: classByMember("createView"),
  };
  for (const [name, value] of Object.entries(values)) {
    if (name in globalThis) continue;
    Reflect.set(globalThis, name, value);
    installed.push(name);
  }
}

/** Removes the names that opcounter defined. */
export function removeGlobals(): void {
  for (const name of installed.splice(0)) Reflect.deleteProperty(globalThis, name);
}

/**
 * Runs `body` while `navigator.gpu` exists. The constructor of tfjs's backend throws without it; no
 * other member uses it. Before 4.15 the constructor also asks for a window or a worker.
 */
export function withNavigatorGpu<T>(body: () => T): T {
  const undo: (() => void)[] = [];
  const lend = (target: object, name: string, value: unknown) => {
    if (Reflect.get(target, name)) return;
    undo.push(own(target, name, value));
  };
  try {
    if (!("window" in globalThis)) lend(globalThis, "WorkerGlobalScope", class {});
    lend(globalThis, "navigator", {});
    lend(globalThis.navigator, "gpu", {});
    return body();
  } finally {
    takeBack(undo);
  }
}
