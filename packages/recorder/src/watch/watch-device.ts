import { shaderHash } from "@opcounter/ir/core";
import type { PipelineFacts } from "../commands.ts";
import { Encoding } from "./encoding.ts";
import type { BindGroupFacts } from "./known.ts";
import { watchBuffer } from "./watch-buffer.ts";
import { watchEncoder, watchRenderCommands } from "./watch-encoder.ts";
import { watchQueue } from "./watch-queue.ts";
import type { Watcher } from "./watcher.ts";

/** Watches what a device makes, and its queue. */
export function watchDevice(device: GPUDevice, watcher: Watcher): void {
  watcher.known.addDevice(device, watcher.listener.device(device));
  watchQueue(device.queue, watcher);
  watchDeviceClass(device, watcher);
}

export function watchDeviceClass(device: GPUDevice, watcher: Watcher): void {
  watchResources(device, watcher);
  watchPipelines(device, watcher);
  const { patches, known } = watcher;
  patches.ofClass(device, {
    createCommandEncoder: (_, call, descriptor) => {
      const encoder = call();
      known.encodings.set(encoder, new Encoding([], [], descriptor?.label));
      watchEncoder(encoder, watcher);
      return encoder;
    },
    createRenderBundleEncoder: (_, call, { label }) => {
      const encoder = call();
      const encoding = new Encoding([], [], label);
      known.encodings.set(encoder, encoding);
      watchRenderCommands(encoder, watcher);
      patches.ofClass(encoder, {
        finish: (self, finish) => {
          const bundle = finish();
          known.commands.set(bundle, known.encodings.get(self)?.commands ?? []);
          return bundle;
        },
      });
      return encoder;
    },
    popErrorScope: (_, call) => watcher.waits(call()),
  });
}

function watchResources(device: GPUDevice, watcher: Watcher): void {
  const { patches, known } = watcher;
  patches.ofClass(device, {
    createBuffer: (self, call, descriptor) => {
      const object = call();
      const device = known.deviceOf(self);
      if (device === undefined) return object;
      const buffer = known.addBuffer(object, descriptor, device);
      watchBuffer(object, watcher);
      watcher.tell({ kind: "create", buffer });
      return object;
    },
    createBindGroupLayout: (_, call, { entries }) => {
      const layout = call();
      const dynamic = [...entries].filter(({ buffer }) => buffer?.hasDynamicOffset === true);
      known.dynamicBindings.set(layout, new Set(dynamic.map(({ binding }) => binding)));
      return layout;
    },
    createBindGroup: (_, call, descriptor) => {
      const group = call();
      known.groups.set(group, bindGroupFacts(descriptor, watcher));
      return group;
    },
  });
}

function bindGroupFacts(
  { layout, entries }: GPUBindGroupDescriptor,
  { known }: Watcher,
): BindGroupFacts {
  const dynamic = known.dynamicBindings.get(layout);
  const sorted = [...entries].sort((a, b) => a.binding - b.binding);
  const buffers = sorted.flatMap(({ binding, resource }) => {
    const range = rangeOf(resource, known);
    return range === undefined
      ? []
      : [{ ...range, binding, isDynamic: dynamic?.has(binding) ?? false }];
  });
  return { buffers, textures: sorted.length - buffers.length };
}

/** A binding is a buffer, a part of one, or a texture or sampler. */
function rangeOf(resource: GPUBindingResource, known: Watcher["known"]) {
  if (!("buffer" in resource)) {
    const whole = known.bufferOf(resource);
    return whole && { buffer: whole, offset: 0, bytes: whole.size };
  }
  return known.range(resource.buffer, resource.offset, resource.size);
}

function watchPipelines(device: GPUDevice, watcher: Watcher): void {
  const { patches, known } = watcher;
  const compiled = (
    self: GPUDevice,
    pipeline: GPUComputePipeline,
    descriptor: GPUComputePipelineDescriptor,
  ) => {
    const facts = pipelineFacts(descriptor, watcher);
    // The class is that of other devices, too.
    if (facts === undefined || known.deviceOf(self) === undefined) return;
    known.addPipeline(pipeline, facts);
    watcher.tell({ kind: "compile", pipeline: facts });
  };
  patches.ofClass(device, {
    createShaderModule: (_, call, { code, label = "" }) => {
      const module = call();
      known.shaders.set(module, { source: code, label });
      patches.ofClass(module, { getCompilationInfo: (_, read) => watcher.waits(read()) });
      return module;
    },
    createComputePipeline: (self, call, descriptor) => {
      const pipeline = call();
      compiled(self, pipeline, descriptor);
      return pipeline;
    },
    createComputePipelineAsync: (self, call, descriptor) =>
      watcher.waits(
        call().then((pipeline) => {
          compiled(self, pipeline, descriptor);
          return pipeline;
        }),
      ),
    createRenderPipelineAsync: (_, call) => watcher.waits(call()),
  });
}

function pipelineFacts(
  { label = "", compute }: GPUComputePipelineDescriptor,
  { known }: Watcher,
): PipelineFacts | undefined {
  const { module, entryPoint, constants = {} } = compute;
  const shader = known.shaders.get(module);
  if (shader === undefined) return undefined;
  return {
    ...{ label, moduleLabel: shader.label, source: shader.source },
    shader: shaderHash(shader.source),
    constants: { ...constants },
    ...(entryPoint === undefined ? {} : { entryPoint }),
  };
}
