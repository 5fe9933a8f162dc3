import { expect } from "chai";
import { requestDevice } from "../../testing/programs.ts";
import { lendGpu } from "../lend.ts";
import { createVirtualGpu } from "./virtual-gpu.ts";

/** Every buffer holds these bytes, over and over. */
const contents = {
  read: (_buffer: object, _offset: number, bytes: number) =>
    Uint8Array.from({ length: bytes }, (_, i) => i),
};

/** What a call threw or rejected with. */
async function thrownBy(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (error instanceof Error || error instanceof DOMException) return error.name;
  }
  return "nothing";
}

describe("the virtual GPU", () => {
  let undo: (() => void)[] = [];
  beforeEach(() => {
    undo = lendGpu(createVirtualGpu({ contents }));
  });
  afterEach(() => {
    for (const step of undo.reverse()) step();
  });

  it("has the limits that a device is asked for, or the default ones", async () => {
    const usual = await requestDevice();
    expect(usual.limits).to.include({ maxBindGroups: 4, maxComputeInvocationsPerWorkgroup: 256 });
    const requiredLimits = { maxComputeInvocationsPerWorkgroup: 1024 };
    expect((await requestDevice({ requiredLimits })).limits).to.include(requiredLimits);
    const ask = (limits: Record<string, number>) =>
      thrownBy(() => requestDevice({ requiredLimits: limits }));
    expect(await ask({ maxComputeInvocationsPerWorkgroup: 4096 })).to.equal("OperationError");
    expect(await ask({ maxMagic: 1 })).to.equal("OperationError");
    expect(await ask({ minStorageBufferOffsetAlignment: 32 })).to.equal("OperationError");
    const requiredFeatures: GPUFeatureName[] = ["timestamp-query"];
    expect(await thrownBy(() => requestDevice({ requiredFeatures }))).to.equal("TypeError");
  });

  it("gives one device per adapter", async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const requiredFeatures: GPUFeatureName[] = ["timestamp-query"];
    expect(await thrownBy(() => adapter?.requestDevice({ requiredFeatures }))).to.equal(
      "TypeError",
    );
    expect(await thrownBy(() => adapter?.requestDevice())).to.equal("nothing");
    expect(await thrownBy(() => adapter?.requestDevice())).to.equal("OperationError");
  });

  it("maps buffers as WebGPU does", async () => {
    const device = await requestDevice();
    const { MAP_READ, MAP_WRITE, COPY_DST } = GPUBufferUsage;
    const buffer = device.createBuffer({ size: 64, usage: MAP_READ | COPY_DST });
    expect(await thrownBy(() => buffer.getMappedRange())).to.equal("OperationError");
    const mapping = buffer.mapAsync(GPUMapMode.READ, 8, 16);
    expect(buffer.mapState).to.equal("pending");
    await mapping;
    expect(buffer.mapState).to.equal("mapped");
    const range = buffer.getMappedRange(8, 8);
    expect([...new Uint8Array(range)]).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await thrownBy(() => buffer.getMappedRange(8, 8))).to.equal("OperationError");
    expect(await thrownBy(() => buffer.getMappedRange(0, 8))).to.equal("OperationError");
    expect([...new Uint8Array(buffer.getMappedRange(16, 4))]).to.deep.equal([8, 9, 10, 11]);
    buffer.unmap();
    expect([range.byteLength, buffer.mapState]).to.deep.equal([0, "unmapped"]);
    const ended = thrownBy(() => buffer.mapAsync(GPUMapMode.READ));
    buffer.unmap();
    expect(await ended).to.equal("AbortError");
    const written = device.createBuffer({ size: 4, usage: MAP_WRITE, mappedAtCreation: true });
    expect(written.getMappedRange().byteLength).to.equal(4);
  });

  it("tells errors to scopes, and what no scope takes to the device", async () => {
    const device = await requestDevice();
    const uncaptured: string[] = [];
    device.addEventListener("uncapturederror", ({ error }) => uncaptured.push(error.message));
    const buffer = device.createBuffer({ label: "x", size: 4, usage: GPUBufferUsage.STORAGE });
    device.pushErrorScope("validation");
    expect(await thrownBy(() => buffer.mapAsync(GPUMapMode.READ))).to.equal("OperationError");
    const scoped = await device.popErrorScope();
    expect(scoped?.message).to.equal('The buffer "x" lacks the usage MAP_READ to be mapped so');
    await thrownBy(() => buffer.mapAsync(GPUMapMode.WRITE));
    expect(uncaptured).to.have.length(1);
    expect(await thrownBy(() => device.popErrorScope())).to.equal("OperationError");
  });

  it("loses a device that is destroyed, and has what renders", async () => {
    const device = await requestDevice();
    const texture = device.createTexture({
      size: { width: 8, height: 4 },
      format: "r8unorm",
      usage: 4,
    });
    expect(texture).to.include({ width: 8, height: 4, depthOrArrayLayers: 1, dimension: "2d" });
    expect(device.createQuerySet({ type: "occlusion", count: 3 })).to.include({ count: 3 });
    const module = device.createShaderModule({ code: "" });
    expect((await module.getCompilationInfo()).messages).to.deep.equal([]);
    device.destroy();
    expect((await device.lost).reason).to.equal("destroyed");
  });
});

describe("what is lent to the global scope", () => {
  it("is given back, also where navigator is there without userAgent", () => {
    // A device of the tracer that is open has defined the other one.
    const before = ["navigator", "GPUBufferUsage"].map(
      (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
    );
    for (const [name] of before) Reflect.deleteProperty(globalThis, name);
    const own = { language: "en" };
    Object.defineProperty(globalThis, "navigator", { value: own, configurable: true });
    try {
      const gpu = createVirtualGpu({ contents });
      const undo = lendGpu(gpu);
      expect(navigator.gpu).to.equal(gpu);
      expect(navigator.userAgent).to.equal("opcounter");
      expect(GPUBufferUsage.STORAGE).to.equal(0x80);
      for (const step of undo.reverse()) step();
      expect(own).to.deep.equal({ language: "en" });
      expect("GPUBufferUsage" in globalThis).to.equal(false);
    } finally {
      for (const [name, descriptor] of before) {
        if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
        else Object.defineProperty(globalThis, name, descriptor);
      }
    }
  });
});
