import { type Graph, OpcounterError, print, recordingOf, verify } from "@opcounter/ir";
import { expect } from "chai";
import { pipelineWith, readBack, requestDevice, run, SCALE, scaling } from "../testing/programs.ts";
import { record } from "./record.ts";

const DEVICES = ["virtual", "software"] as const;

/** What a graph says apart from where it was recorded. */
function withoutDevice(graph: Graph): string {
  return print(graph)
    .replace(/device=\w+/, "")
    .replaceAll(/\n {2}note .*/g, "");
}

function kernelsOf(graph: Graph): string[] {
  return graph.ops.map(({ kernel }) => kernel);
}

/** What an OpcounterError says. */
async function sentenceOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof OpcounterError) return error.message;
  throw new Error(`no OpcounterError, but ${String(error)}`);
}

describe("a recorded program", () => {
  it("is a graph: each command an op, each content of a buffer a value", async () => {
    const { graph, stopped } = await record(async () => {
      const device = await requestDevice();
      const work = scaling(device);
      run(work, "step");
      await readBack(device, work.y);
    });
    expect(stopped).to.equal(undefined);
    expect(verify(graph)).to.deep.equal([]);
    const [scale, copy] = print(graph).split("\n").slice(2);
    expect(scale).to.include('%0 = wgsl.scale(x=%x) {submit=0, writes=["y"], multiplyAdds=100,');
    expect(scale).to.include(": f32[100]  @step/pass dispatches=[scale(2,1,1)");
    expect(copy).to.include("%1 = webgpu.copyBufferToBuffer(%0) {submit=1} : f32[100]");
    expect(graph.results).to.deep.equal([2]);
    const kinds = recordingOf(graph)?.events.map(({ kind }) => kind);
    expect(kinds).to.include.members(["compile", "create", "upload", "submit", "readback"]);
    expect(recordingOf(graph)?.memory.peakUsedBytes).to.equal(400 + 400 + 8 + 400);
  });

  it("is the same graph on the virtual device and on SwiftShader, and reads the same @linux", async () => {
    const read: number[][] = [];
    const graphs: string[] = [];
    for (const device of DEVICES) {
      const { graph } = await record(
        async () => {
          const gpu = await requestDevice();
          const work = scaling(gpu, 1000, 3);
          for (let step = 0; step < 3; step++) run(work);
          read.push([...(await readBack(gpu, work.y))]);
          gpu.destroy();
        },
        { device },
      );
      expect(graph.device).to.equal(device);
      graphs.push(withoutDevice(graph));
    }
    expect(graphs[0]).to.equal(graphs[1]);
    expect(read[0]).to.deep.equal(read[1]);
    expect(read[0]?.slice(0, 4)).to.deep.equal([1, 4, 7, 10]);
  });

  it("leaves the global scope as it was, also where it throws", async () => {
    const before = Object.getOwnPropertyNames(globalThis);
    const { navigator } = globalThis;
    const found: object[] = [];
    const failing = await record(async () => {
      const device = await requestDevice();
      found.push(device, device.queue);
      run(scaling(device));
      throw new Error("the disk is full");
    });
    expect(failing.stopped?.message).to.equal("program threw while it ran: the disk is full");
    expect(kernelsOf(failing.graph)).to.deep.equal(["wgsl.scale"]);
    expect(Object.getOwnPropertyNames(globalThis)).to.deep.equal(before);
    expect(globalThis.navigator).to.equal(navigator);
    for (const object of found) {
      const names = Object.getOwnPropertyNames(Object.getPrototypeOf(object));
      const text = names.map((name) =>
        String(Object.getOwnPropertyDescriptor(Object.getPrototypeOf(object), name)?.value),
      );
      expect(text.filter((code) => code.includes("patched"))).to.deep.equal([]);
    }
  });

  it("has labels and debug groups as scopes, outermost first", async () => {
    const { graph } = await record(async () => {
      const device = await requestDevice();
      const { dispatch } = scaling(device);
      const encoder = device.createCommandEncoder({ label: "frame" });
      encoder.pushDebugGroup("model");
      const pass = encoder.beginComputePass();
      pass.pushDebugGroup("layer 1");
      dispatch(pass);
      pass.popDebugGroup();
      dispatch(pass);
      pass.end();
      encoder.popDebugGroup();
      device.queue.submit([encoder.finish()]);
    });
    expect(graph.ops.map(({ scope }) => scope)).to.deep.equal([
      ["frame", "model", "layer 1"],
      ["frame", "model"],
    ]);
  });

  it("tells shaders of one name apart by their hash", async () => {
    const { graph } = await record(async () => {
      const device = await requestDevice();
      for (const code of [SCALE, SCALE.replace("+ 1.0", "+ 2.0")]) {
        const module = device.createShaderModule({ code });
        const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.dispatchWorkgroups(1);
        pass.end();
        device.queue.submit([encoder.finish()]);
      }
    });
    const [first = "", second = ""] = kernelsOf(graph);
    expect(first).to.match(/^wgsl\.scale#[0-9a-f]{6}$/);
    expect(second).to.match(/^wgsl\.scale#[0-9a-f]{6}$/);
    expect(first).to.not.equal(second);
  });

  it("counts an indirect dispatch where its workgroups are known", async () => {
    const { graph } = await record(async () => {
      const device = await requestDevice();
      const { STORAGE, INDIRECT, COPY_DST } = GPUBufferUsage;
      const usage = STORAGE | INDIRECT | COPY_DST;
      const workgroups = device.createBuffer({ label: "workgroups", size: 12, usage });
      device.queue.writeBuffer(workgroups, 0, new Uint32Array([2, 1, 1]));
      const code = `
        @group(0) @binding(0) var<storage, read_write> workgroups : array<u32>;
        @compute @workgroup_size(1) fn more() { workgroups[0] = 3u; }`;
      const more = pipelineWith(device, code, [workgroups]);
      const work = scaling(device);
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      work.bind(pass);
      pass.dispatchWorkgroupsIndirect(workgroups, 0);
      more(pass);
      pass.dispatchWorkgroups(1);
      work.bind(pass);
      pass.dispatchWorkgroupsIndirect(workgroups, 0);
      pass.end();
      device.queue.submit([encoder.finish()]);
      // On the virtual device, too, as many workgroups run as the shader said.
      expect([...(await readBack(device, work.y))].slice(98)).to.deep.equal([197, 199]);
    });
    const [known, , unknown] = graph.ops;
    expect(known?.dispatches[0]?.workgroups).to.deep.equal([2, 1, 1]);
    expect(known?.attrs).to.include({ multiplyAdds: 100 });
    expect(unknown?.attrs["uncounted"]).to.equal(
      "its workgroups lie in a buffer whose contents are not known",
    );
  });

  it("has dynamic offsets, and names pipelines of one shader by their constants", async () => {
    const read: number[][] = [];
    const { graph } = await record(async () => {
      const device = await requestDevice();
      const { STORAGE, UNIFORM, COPY_DST, COPY_SRC } = GPUBufferUsage;
      const layout = device.createBindGroupLayout({
        entries: [
          { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "storage" } },
          {
            binding: 1,
            visibility: GPUShaderStage.COMPUTE,
            buffer: { type: "uniform", hasDynamicOffset: true },
          },
        ],
      });
      const module = device.createShaderModule({
        code: `
          override factor : f32;
          @group(0) @binding(0) var<storage, read_write> y : array<f32>;
          @group(0) @binding(1) var<uniform> count : u32;
          @compute @workgroup_size(8) fn fill(@builtin(global_invocation_id) id : vec3u) {
            if (id.x < count) { y[id.x] = factor * f32(id.x); }
          }`,
      });
      const y = device.createBuffer({ label: "y", size: 32, usage: STORAGE | COPY_SRC });
      const counts = device.createBuffer({ size: 512, usage: UNIFORM | COPY_DST });
      device.queue.writeBuffer(counts, 256, new Uint32Array([0, 5]), 1);
      const group = device.createBindGroup({
        layout,
        entries: [
          { binding: 0, resource: { buffer: y } },
          { binding: 1, resource: { buffer: counts, size: 4 } },
        ],
      });
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const factor of [2, 3]) {
        const pipeline = await device.createComputePipelineAsync({
          layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
          compute: { module, constants: { factor } },
        });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group, [factor === 2 ? 0 : 256]);
        pass.dispatchWorkgroups(1);
      }
      pass.end();
      device.queue.submit([encoder.finish()]);
      read.push([...(await readBack(device, y))]);
    });
    expect(read).to.deep.equal([[0, 3, 6, 9, 12, 0, 0, 0]]);
    expect(kernelsOf(graph).slice(0, 2)).to.deep.equal([
      ...["wgsl.fill(factor=2)", "wgsl.fill(factor=3)"],
    ]);
    expect(graph.ops[0]?.attrs).to.not.have.property("stores");
    expect(graph.ops[1]?.attrs).to.include({ stores: 5, multiplications: 5 });
    expect(graph.ops[1]?.dispatches[0]).to.deep.include({
      uniforms: [5],
      constants: { factor: 3 },
    });
  });

  it("takes parts of buffers as views, and a content that is overwritten as another value", async () => {
    const { graph } = await record(async () => {
      const device = await requestDevice();
      const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      const [a, b] = ["a", "b"].map((label) => device.createBuffer({ label, size: 64, usage }));
      if (a === undefined || b === undefined) return;
      device.queue.writeBuffer(a, 0, new Uint8Array(64));
      const copy = (offset: number, size: number) => {
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(a, offset, b, 0, size);
        device.queue.submit([encoder.finish()]);
      };
      copy(0, 64);
      copy(32, 16);
      device.queue.writeBuffer(a, 0, new Uint8Array(32));
      copy(0, 32);
      copy(0, 64);
    });
    const lines = print(graph)
      .split("\n")
      .slice(1, 10)
      .map((line) => line.trim());
    expect(lines.slice(0, 8)).to.deep.equal([
      '%a = input "a" : i32[16]',
      "%0 = webgpu.copyBufferToBuffer(%a) {submit=0} : i32[16]",
      "%1 = webgpu.view(%a) {offset=32} : i32[4]  placement=view",
      "%2 = webgpu.copyBufferToBuffer(%1) {submit=1} : i32[4]",
      '%input1 = input "a (2)" : i32[8]',
      "%3 = webgpu.copyBufferToBuffer(%input1) {submit=2} : i32[8]",
      "%4 = webgpu.view(%input1, %a) {offset=0} : i32[16]  placement=view",
      "%5 = webgpu.copyBufferToBuffer(%4) {submit=3} : i32[16]",
    ]);
  });
});

const TRIANGLES = `
@vertex fn corner(@location(0) x : f32) -> @builtin(position) vec4f { return vec4f(x, 0, 0, 1); }
@fragment fn colour() -> @location(0) vec4f { return vec4f(1); }`;

/** A program that computes, draws what it computed, and copies to and from a texture. */
async function render(): Promise<void> {
  const device = await requestDevice();
  const work = scaling(device, 64, 2, GPUBufferUsage.VERTEX);
  run(work);
  const format = "rgba8unorm";
  const { COPY_SRC, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
  const usage = COPY_SRC | COPY_DST | RENDER_ATTACHMENT;
  const texture = device.createTexture({ size: [64, 1], format, usage });
  const module = device.createShaderModule({ code: TRIANGLES });
  const attributes = [{ format: "float32", offset: 0, shaderLocation: 0 } as const];
  const pipeline = device.createRenderPipeline({
    ...{ label: "triangles", layout: "auto" },
    vertex: { module, entryPoint: "corner", buffers: [{ arrayStride: 4, attributes }] },
    fragment: { module, entryPoint: "colour", targets: [{ format }] },
  });
  const draw = (pass: GPURenderPassEncoder | GPURenderBundleEncoder) => {
    pass.setPipeline(pipeline);
    pass.setVertexBuffer(0, work.y);
    pass.draw(3);
  };
  const bundle = device.createRenderBundleEncoder({ label: "bundle", colorFormats: [format] });
  draw(bundle);
  const encoder = device.createCommandEncoder({ label: "frame" });
  const view = texture.createView();
  const pass = encoder.beginRenderPass({
    label: "shadows",
    colorAttachments: [{ view, loadOp: "clear", storeOp: "store" }],
  });
  draw(pass);
  pass.executeBundles([bundle.finish()]);
  pass.end();
  encoder.copyBufferToTexture({ buffer: work.y }, { texture }, [64, 1]);
  encoder.copyTextureToBuffer({ texture }, { buffer: work.x }, [64, 1]);
  device.queue.submit([encoder.finish()]);
  device.queue.writeTexture({ texture }, new Uint8Array(256), { bytesPerRow: 256 }, [64, 1]);
  await device.queue.onSubmittedWorkDone();
}

describe("a program that cannot be recorded as it is", () => {
  it("renders, and uses textures: these commands are named, and not counted @linux", async () => {
    const graphs: Graph[] = [];
    for (const device of DEVICES) graphs.push((await record(render, { device })).graph);
    const [graph] = graphs;
    if (graph === undefined) return;
    expect(verify(graph)).to.deep.equal([]);
    expect(kernelsOf(graph)).to.deep.equal([
      ...["wgsl.scale", "webgpu.draw", "webgpu.draw"],
      ...["webgpu.copyBufferToTexture", "webgpu.copyTextureToBuffer", "webgpu.writeTexture"],
    ]);
    expect(graph.ops[1]).to.deep.include({
      attrs: { submit: 1, pipeline: "triangles" },
      scope: ["frame", "shadows"],
    });
    expect(graph.ops[2]?.scope).to.deep.equal(["frame", "shadows", "bundle"]);
    expect(new Set(graphs.map(withoutDevice))).to.have.length(1);
    expect(print(graph)).to.not.include("refused");
  });

  it("maps a buffer for reading in a loop", async () => {
    const sums: number[] = [];
    const { graph } = await record(async () => {
      const device = await requestDevice();
      const work = scaling(device, 4, 2);
      for (let step = 0; step < 3; step++) {
        run(work);
        const values = await readBack(device, work.y);
        sums.push(values.reduce((sum, value) => sum + value, 0));
        device.queue.writeBuffer(work.x, 0, values.buffer);
      }
    });
    expect(sums).to.deep.equal([16, 36, 76]);
    expect(graph.results).to.have.length(3);
    expect(recordingOf(graph)?.events.filter(({ kind }) => kind === "readback")).to.have.length(3);
  });

  it("reads what the virtual device cannot compute: the call is rejected, and a note says why", async () => {
    let seen = "";
    const { graph } = await record(async () => {
      const device = await requestDevice();
      const texture = device.createTexture({ size: [1, 1], format: "r32float", usage: 1 });
      const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
      const buffer = device.createBuffer({ size: 256, usage });
      const encoder = device.createCommandEncoder();
      encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow: 256 }, [1, 1]);
      device.queue.submit([encoder.finish()]);
      await buffer.mapAsync(GPUMapMode.READ).catch((error: Error) => {
        seen = error.message;
      });
    });
    expect(seen).to.equal(
      "The virtual device cannot tell what this buffer holds: copyTextureToBuffer wrote it.",
    );
    expect(print(graph)).to.include(`note "${seen}"`);
  });

  it("asks for a feature that the virtual device lacks", async () => {
    const asked = record(() => requestDevice({ requiredFeatures: ["shader-f16"] }));
    expect(await sentenceOf(asked)).to.equal(
      'program threw while it ran: The virtual device has no feature "shader-f16". To record a program that needs it, use a GPU: opcounter record … --device gpu',
    );
    const limits = record(() => requestDevice({ requiredLimits: { maxBindGroups: 99 } }));
    expect(await sentenceOf(limits)).to.include("maxBindGroups is asked to be 99");
  });

  it("never ends, or is ended", async () => {
    const forever = async () => {
      const device = await requestDevice();
      run(scaling(device));
      await new Promise(() => undefined);
    };
    const { graph, stopped } = await record(forever, { timeout: 0.05 });
    expect(stopped?.code).to.equal("program-timeout");
    expect(kernelsOf(graph)).to.deep.equal(["wgsl.scale"]);
    const signal = AbortSignal.timeout(50);
    await record(forever, { signal }).then(
      () => expect.fail("it ended"),
      (error: unknown) => expect(error).to.equal(signal.reason),
    );
  });

  it("waits for the device in a loop without an end, on the virtual one too", async () => {
    let isOver = false;
    const forever = async () => {
      const device = await requestDevice();
      const work = scaling(device);
      while (!isOver) {
        run(work);
        await readBack(device, work.y);
        await device.queue.onSubmittedWorkDone();
      }
    };
    const { graph, stopped } = await record(forever, { timeout: 0.05 });
    isOver = true;
    expect(stopped?.code).to.equal("program-timeout");
    expect(kernelsOf(graph)).to.include("wgsl.scale");
  });

  it("never pauses, and ends at what it submits next", async () => {
    let submits = 0;
    const forever = async () => {
      const work = scaling(await requestDevice());
      for (; ; submits++) {
        run(work);
        await undefined;
      }
    };
    const { graph, stopped } = await record(forever, { timeout: 0.05 });
    expect(stopped?.code).to.equal("program-timeout");
    expect(kernelsOf(graph)).to.have.length(submits);
  });

  it("has two devices", async () => {
    const { graph } = await record(async () => {
      for (const label of ["first", "second"]) run(scaling(await requestDevice({ label })), label);
    });
    expect(kernelsOf(graph)).to.deep.equal(["wgsl.scale", "wgsl.scale"]);
    expect(print(graph)).to.include("The program has 2 devices");
  });

  it("has no WebGPU, or submits nothing", async () => {
    expect(await sentenceOf(record(() => 1, { name: "sum.ts" }))).to.match(
      /^sum\.ts asks navigator\.gpu for no device; nothing was recorded/,
    );
    expect(await sentenceOf(record(() => requestDevice(), { name: "idle.ts" }))).to.match(
      /^idle\.ts has a device and submits nothing to it/,
    );
  });

  it("is recorded alone", async () => {
    const outer = record(async () => {
      run(scaling(await requestDevice()));
      return sentenceOf(record(() => undefined)).then((sentence) => {
        throw new Error(sentence);
      });
    });
    expect((await outer).stopped?.message).to.include("Another program is being recorded");
  });
});
