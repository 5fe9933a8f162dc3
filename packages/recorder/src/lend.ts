import { WEBGPU_FLAGS } from "@opcounter/tracer/webgpu";

/**
 * What a program finds in the global scope: `navigator.gpu`, and WebGPU's names. A browser has them;
 * elsewhere they are lent for as long as a program is recorded.
 */

const COLOR_WRITE = { RED: 1, GREEN: 2, BLUE: 4, ALPHA: 8, ALL: 15 };

/** Some libraries look at it when they load. */
const USER_AGENT = "opcounter";

/** WebGPU's classes that programs ask of, and a member that the objects of each alone have. */
const CLASSES = {
  GPUAdapter: "requestDevice",
  GPUBuffer: "mapState",
  GPUCommandEncoder: "beginComputePass",
  GPUComputePassEncoder: "dispatchWorkgroups",
  GPUDevice: "createShaderModule",
  GPUQueue: "writeBuffer",
  GPUShaderModule: "getCompilationInfo",
  GPUTexture: "createView",
};

/** Lends a `navigator.gpu`, and what is missing beside it. Returns what takes all of it back. */
export function lendGpu(gpu: GPU): (() => void)[] {
  const undo: (() => void)[] = [];
  const lend = (target: object, name: string, value: unknown) => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, before);
    });
  };
  const names = { ...WEBGPU_FLAGS, GPUColorWrite: COLOR_WRITE };
  const classes = Object.entries(CLASSES).map(([name, member]) => [name, classBy(member)] as const);
  for (const [name, value] of [...Object.entries(names), ...classes]) {
    if (!(name in globalThis)) lend(globalThis, name, value);
  }
  if (globalThis.navigator === undefined) lend(globalThis, "navigator", {});
  if (!globalThis.navigator.userAgent) lend(globalThis.navigator, "userAgent", USER_AGENT);
  lend(globalThis.navigator, "gpu", gpu);
  return undo;
}

/** A class that an object is an instance of if it has this member. */
function classBy(member: string): unknown {
  return class {
    static [Symbol.hasInstance](value: unknown): boolean {
      return typeof value === "object" && value !== null && member in value;
    }
  };
}
